"""Dense pseudo labels on disk: one file per image, without pickle."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ssltoolbox.semi.map_file import map_file, next_step, read_maps
from ssltoolbox.semi.store_files import check_size, image_rows, keep_only
from ssltoolbox.semi.store_meta import StoreMeta

META = StoreMeta('ssltoolbox-pseudo-maps', 1)


@dataclass(frozen=True)
class MapStore:
    """Dense pseudo labels of a data set, keyed by image id.

    On disk: a folder with ``maps/<id>.npz`` of every accepted image (``maps`` float16
    (C, h, w), in the plain view of the whole image; ``id`` int64), and ``meta.json``,
    which says what made them and lists every image: its confidence, and whether its
    maps were accepted. Maps are read one by one, when they are asked for.

    Attributes:
        folder: The store.
        meta: Provenance: checkpoint hash, data set, filter, parameters; ``map_shape``
            (C, h, w), None where nothing was accepted.
        confidence: Of every image that was looked at, by id.
        accepted: File of every image whose maps were accepted, by id.
    """

    folder: Path
    meta: dict[str, Any]
    confidence: dict[int, float]
    accepted: dict[int, Path]

    @property
    def known(self) -> set[int]:
        """Ids of all images that were looked at, accepted or not."""
        return set(self.confidence)

    @classmethod
    def write(
        cls,
        folder: str | Path,
        ids: Iterable[int],
        confidence: Iterable[float],
        accepted: Iterable[bool],
        meta: dict[str, Any] | None = None,
        about: Iterable[Mapping[str, Any]] | None = None,
    ) -> 'MapStore':
        """Finish a store whose maps are written: make it one that can be read.

        Files that belong to no accepted image, which a killed job may leave, are
        deleted.

        Args:
            folder: The store.
            ids: Id of each image.
            confidence: Of each image, finite.
            accepted: Whether there are maps of it, by :func:`write_maps`.
            meta: Provenance.
            about: What else ``meta.json`` is to say of each image.

        Raises:
            ValueError: Duplicate ids, confidences not finite, or a damaged file.
            FileNotFoundError: An accepted image has no file.
        """
        folder, ids = Path(folder), [int(i) for i in ids]
        images = image_rows(folder, ids, confidence, about)
        files = {
            i: map_file(folder, i)
            for i, kept in zip(ids, accepted, strict=True)
            if kept
        }
        for i, path in files.items():
            images[i]['bytes'] = path.stat().st_size
        keep_only(folder / 'maps', files.values())
        shape = next((read_maps(path, i).shape for i, path in files.items()), None)
        META.write(folder, {**(meta or {}), 'images': images, 'map_shape': shape})
        return cls.read(folder)

    @classmethod
    def read(cls, folder: str | Path) -> 'MapStore':
        """Read the list of images, and check that their files have the right sizes.

        Raises:
            FileNotFoundError: There is no store, it is not finished, or lacks a file.
            ValueError: It is truncated, changed, or not a store; names the file.
        """
        folder = Path(folder)
        with META.checking(folder):
            meta = META.read(folder)
            images = {int(i): image for i, image in meta.pop('images').items()}
            confidence = {i: float(image['confidence']) for i, image in images.items()}
            files = {i: map_file(folder, i) for i in images if 'bytes' in images[i]}
            for i, path in files.items():
                check_size(path, images[i]['bytes'])
            meta['map_shape'] = meta['map_shape'] and tuple(meta['map_shape'])
        return cls(folder, meta, confidence, files)

    def load(self, img_id: int) -> np.ndarray:
        """Maps (C, h, w) float32 of an accepted image.

        Raises:
            KeyError: The image was rejected, or is not of the store.
            ValueError: The file is damaged.
        """
        if img_id not in self.accepted:
            why = 'was rejected' if img_id in self.confidence else 'is not known'
            raise KeyError(
                f'image {img_id} {why} in the pseudo-label store {self.folder}: take '
                'only images of MapStore.accepted, and a store of the same data set'
            )
        maps = read_maps(self.accepted[img_id], img_id)
        if maps.shape != self.meta['map_shape']:
            raise ValueError(
                f'{self.accepted[img_id]} has maps of shape {maps.shape}, the store '
                f'holds {self.meta["map_shape"]}. {next_step(self.folder)}'
            )
        return maps
