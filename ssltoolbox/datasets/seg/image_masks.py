"""Segmentation from a folder of images and a folder of masks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from mmengine.dataset import BaseDataset

from ssltoolbox.registry import DATASETS
from ssltoolbox.utils.digest import name_id

from .paired_files import MASK_SUFFIX, check_pairs, files_by_name, sequence_of


@DATASETS.register_module()
class ImageMaskDataset(BaseDataset):
    """One record per image, with the mask of the same name.

    Both folders are searched in depth: the mask of ``frames/video1/a.jpg`` is
    ``masks/video1/a.png``, a PNG of class ids. A record has ``img_path``,
    ``seg_map_path`` (None without a mask), ``img_id`` and the equal ``id``, made from
    the name, ``frame`` (the name without suffix), ``sequence`` (its sub folder),
    ``annotated`` (whether there is a mask) and ``num_classes``.

    Args:
        metainfo: ``classes``, their names in the order of the ids, and ``palette``, an
            RGB triple for each, as in mmseg; without a palette colours are chosen.
        data_prefix: Folders of the images, ``img_path``, and of the masks,
            ``seg_map_path``, relative to ``data_root``. Without one of masks no image
            is annotated.
        sequences: Sub folders to take, with all that is below them; None takes all.
        require_masks: Refuse images without a mask. If not, they are un-annotated: a
            pool for :class:`~ssltoolbox.datasets.few_shot_images.FewShotImageDataset`.
        kwargs: Fields of mmengine's ``BaseDataset``, such as ``data_root``,
            ``pipeline`` and ``test_mode``.

    Raises:
        FileNotFoundError: A folder is absent, or holds no image.
        ValueError: The classes are not named, a sub folder is absent, or images and
            masks do not belong together.
    """

    METAINFO: ClassVar[dict] = dict(classes=(), palette=[])
    HINT: ClassVar[str] = (
        'Give the folder that holds both the images and the masks. Toy instruments are '
        'drawn by: python -m ssltoolbox.testing.toy_instruments'
    )

    def __init__(
        self,
        metainfo: dict[str, Any],
        data_prefix: dict[str, str],
        sequences: Sequence[str] | None = None,
        require_masks: bool = True,
        **kwargs: Any,
    ) -> None:
        _check_classes(metainfo)
        if 'img_path' not in data_prefix:
            raise ValueError(
                "data_prefix needs the folder of the images as 'img_path', and that of "
                f"the masks as 'seg_map_path', got {data_prefix}"
            )
        if isinstance(sequences, str):
            raise ValueError(f'sequences is a list of sub folders, got {sequences!r}')
        self.sequences = sequences and [name.strip('/') for name in sequences]
        self.require_masks = require_masks
        super().__init__(metainfo=metainfo, data_prefix=data_prefix, **kwargs)

    def load_data_list(self) -> list[dict[str, Any]]:
        """List the images, sorted by name."""
        images = files_by_name(self._folder('img_path'), self.sequences)
        masks = {}
        if 'seg_map_path' in self.data_prefix:
            folder = self._folder('seg_map_path')
            masks = files_by_name(folder, self.sequences, MASK_SUFFIX)
        places = ' and '.join(self.data_prefix.values())
        check_pairs(images, masks, places, self.require_masks)
        return [self._record(stem, images[stem], masks) for stem in sorted(images)]

    def _record(self, stem: str, image: str, masks: dict[str, str]) -> dict[str, Any]:
        id_, mask = name_id(image), None
        if stem in masks:
            mask = str(Path(self.data_prefix['seg_map_path'], masks[stem]))
        return dict(
            id=id_,
            img_id=id_,
            img_path=str(Path(self.data_prefix['img_path'], image)),
            seg_map_path=mask,
            frame=stem,
            sequence=sequence_of(stem),
            annotated=mask is not None,
            num_classes=len(self.metainfo['classes']),
        )

    def _folder(self, key: str) -> Path:
        folder = Path(self.data_prefix[key])
        if not folder.is_dir():
            raise FileNotFoundError(
                f'folder {folder.absolute()} does not exist. Check data_root and '
                f'data_prefix[{key!r}]. {self.HINT}'
            )
        return folder


def _check_classes(metainfo: dict[str, Any]) -> None:
    classes, palette = metainfo.get('classes') or (), metainfo.get('palette') or []
    if isinstance(classes, str) or len(classes) < 2:
        raise ValueError(
            'metainfo needs the names of two or more classes, such as '
            f"classes=('background', 'instrument'), got {classes!r}"
        )
    if palette and len(palette) != len(classes):
        raise ValueError(
            f'metainfo has {len(classes)} classes and a palette of {len(palette)} '
            'colours: give one [R, G, B] for each class, or no palette'
        )
