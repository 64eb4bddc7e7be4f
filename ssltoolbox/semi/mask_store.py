"""Pseudo labels of pixels on disk: pictures that any viewer shows, without pickle."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from PIL import Image, UnidentifiedImageError

from ssltoolbox.semi.store_files import check_size, image_rows, keep_only
from ssltoolbox.semi.store_meta import StoreMeta, stage_of
from ssltoolbox.utils.image_file import write_image

META = StoreMeta('ssltoolbox-pseudo-masks', 2, stage='annotate')


@dataclass(frozen=True)
class MaskStore:
    """Masks of pseudo labels of whole images, keyed by image id.

    On disk: a folder with two grey PNGs of the size of every image, ``masks/<id>.png``
    of class ids, 255 where no class is sure enough, and ``confidence/<id>.png`` of the
    probability of that class, 255 = 1.0; and ``meta.json``, which says what made them
    and lists every image: ``name``, ``confidence`` and ``disagreement``, the shares of
    pixels that were ``kept``, whether it is ``accepted``, the ``bytes`` of its files,
    and ``corrected``, if a person answers for it. Rejected images have their files,
    too, for a look at them. In version 1 nothing is corrected.

    Attributes:
        folder: The store.
        meta: Provenance: hashes of the checkpoints, views, parameters, ``classes``.
        images: What ``meta.json`` says of each image, by id.
    """

    KINDS: ClassVar[tuple[str, ...]] = ('masks', 'confidence')

    folder: Path
    meta: dict[str, Any]
    images: dict[int, dict[str, Any]]

    @property
    def known(self) -> set[int]:
        """Ids of all images that were looked at, accepted or not."""
        return set(self.images)

    @property
    def accepted(self) -> dict[int, Path]:
        """Mask of every image that was accepted, by id."""
        return {
            i: mask_file(self.folder, 'masks', i)
            for i, image in self.images.items()
            if image['accepted']
        }

    @property
    def corrected(self) -> set[int]:
        """Ids of the images for whose masks a person answers, not a network."""
        return {i for i, image in self.images.items() if image.get('corrected', False)}

    @classmethod
    def write(
        cls,
        folder: str | Path,
        ids: Iterable[int],
        confidence: Iterable[float],
        accepted: Iterable[bool],
        meta: Mapping[str, Any] | None = None,
        about: Iterable[Mapping[str, Any]] | None = None,
    ) -> 'MaskStore':
        """Finish a store whose pictures are written: make it one that can be read.

        Pictures of other images, which a killed job may leave, are deleted.

        Args:
            folder: The store.
            ids: Id of each image, of which there are pictures by :func:`write_mask`.
            confidence: Of each image, finite.
            accepted: Whether it is to be trained on.
            meta: Provenance.
            about: What else ``meta.json`` is to say of each image.

        Raises:
            ValueError: Duplicate ids, or confidences not finite.
            FileNotFoundError: An image has no pictures.
        """
        folder, ids = Path(folder), [int(i) for i in ids]
        images = image_rows(folder, ids, confidence, about)
        for i, kept in zip(ids, accepted, strict=True):
            sizes = {k: mask_file(folder, k, i).stat().st_size for k in cls.KINDS}
            images[i].update(accepted=bool(kept), bytes=sizes)
        for kind in cls.KINDS:
            keep_only(folder / kind, [mask_file(folder, kind, i) for i in ids])
        META.write(folder, {**(meta or {}), 'images': images})
        return cls.read(folder)

    @classmethod
    def read(cls, folder: str | Path) -> 'MaskStore':
        """Read the list of images, and check that their files have the right sizes.

        Raises:
            FileNotFoundError: There is no store, or it is not finished.
            ValueError: It is truncated, changed, or not a store; names the file.
        """
        folder = Path(folder)
        with META.checking(folder):
            meta = META.read(folder)
            images = {int(i): image for i, image in meta.pop('images').items()}
            for i, image in images.items():
                if not isinstance(image['accepted'], bool):
                    raise ValueError(f'image {i} is neither accepted nor rejected')
                if not isinstance(image.get('corrected', False), bool):
                    raise ValueError(f'image {i} is neither corrected nor not')
                for kind in cls.KINDS:
                    check_size(mask_file(folder, kind, i), image['bytes'][kind])
        return cls(folder, meta, images)

    def load(self, img_id: int) -> tuple[np.ndarray, np.ndarray]:
        """Classes and confidences (H, W) uint8 of an image.

        Raises:
            KeyError: The store does not know the image.
            ValueError: A file is damaged.
        """
        if img_id not in self.images:
            raise KeyError(
                f'image {img_id} is not known in the pseudo-label store {self.folder}: '
                'take a store of the same data set'
            )
        classes, confidence = (
            _read(mask_file(self.folder, kind, img_id)) for kind in self.KINDS
        )
        return classes, confidence


def mask_file(folder: str | Path, kind: str, img_id: int) -> Path:
    """Where a store keeps a picture, ``'masks'`` or ``'confidence'``, of an image."""
    return Path(folder) / kind / f'{img_id}.png'


def write_mask(
    folder: str | Path, img_id: int, classes: np.ndarray, confidence: np.ndarray
) -> None:
    """Write the pictures of one image into a store, each whole or not at all.

    Args:
        folder: The store.
        img_id: Id of the image.
        classes: (H, W) uint8.
        confidence: (H, W) uint8, 255 = 1.0.
    """
    for kind, picture in zip(MaskStore.KINDS, (classes, confidence), strict=True):
        write_image(mask_file(folder, kind, img_id), picture)


def _read(path: Path) -> np.ndarray:
    try:
        with Image.open(path) as file:
            picture = np.array(file)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        stage = stage_of(path.parent.parent, META.stage)
        raise ValueError(
            f'pseudo label {path} is damaged or no picture: {error}. Delete the folder '
            f'{path.parent.parent} and run the {stage} stage again'
        ) from None
    return picture
