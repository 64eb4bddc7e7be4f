"""Segmentation from a folder of images and a folder of masks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from mmengine.dataset import BaseDataset

from ssltoolbox.registry import DATASETS
from ssltoolbox.utils.digest import name_id

from .image_list import (
    groups_in_list,
    ids_in_list,
    read_image_list,
    take_listed,
    take_named,
)
from .metainfo import check_metainfo
from .paired_files import MASK_SUFFIX, check_pairs, files_by_name, sequence_of


@DATASETS.register_module()
class ImageMaskDataset(BaseDataset):
    """One record per image, with the mask of the same name.

    Both folders are searched in depth: the mask of ``frames/video1/a.jpg`` is
    ``masks/video1/a.png``, a PNG of class ids. Files that are no image are skipped and
    counted in a warning. A record has ``img_path``, ``seg_map_path`` (None without a
    mask), ``img_id`` and the equal ``id``, made from the name, ``frame`` (the name
    without suffix), ``sequence`` (its sub folder), ``annotated`` (whether there is a
    mask), ``num_classes``, and ``codes`` where the data set has them.

    Args:
        metainfo: ``classes``, their names in the order of the ids, and ``palette``, an
            RGB triple for each, as in mmseg; without a palette colours are chosen.
            ``codes``, a list of raw values for each class, where masks hold something
            else than class ids: ``[[0], [255]]`` for black and white. The first value
            of a class is the one that is written back.
        data_prefix: Folders of the images, ``img_path``, and of the masks,
            ``seg_map_path``, relative to ``data_root``. Without one of masks no image
            is annotated.
        sequences: Sub folders to take, with all that is below them; None takes all.
        require_masks: Refuse images without a mask. If not, they are un-annotated: a
            pool for :class:`~ssltoolbox.datasets.few_shot_images.FewShotImageDataset`.
        ann_file: A list of images as ``tools/make_split.py`` writes it, relative to
            ``data_root``: only these are taken, and their ids are those of the list.
            Empty takes all.
        names: Images to take, by their names without suffix; None takes all.
        mask_suffix: What follows the name in the file name of a mask: one or more
            suffixes such as ``'.bmp'``, or ``'_mask.png'`` for ``a_mask.png``.
        kwargs: Fields of mmengine's ``BaseDataset``, such as ``data_root``,
            ``pipeline`` and ``test_mode``.

    Raises:
        FileNotFoundError: A folder is absent, or holds no image.
        ValueError: The classes are not named or their codes are ambiguous, a sub
            folder or a listed image is absent, or images and masks do not belong
            together.
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
        ann_file: str = '',
        names: Sequence[str] | None = None,
        mask_suffix: str | Sequence[str] = MASK_SUFFIX,
        **kwargs: Any,
    ) -> None:
        metainfo = check_metainfo(metainfo)
        if 'img_path' not in data_prefix:
            raise ValueError(
                "data_prefix needs the folder of the images as 'img_path', and that of "
                f"the masks as 'seg_map_path', got {data_prefix}"
            )
        if isinstance(sequences, str):
            raise ValueError(f'sequences is a list of sub folders, got {sequences!r}')
        if isinstance(names, str):
            raise ValueError(f'names is a list of images, got {names!r}')
        self.sequences = sequences and [name.strip('/') for name in sequences]
        self.require_masks, self.names = require_masks, names
        self._groups: dict[str, dict[str, Any]] = {}
        self.mask_suffixes = (
            (mask_suffix,) if isinstance(mask_suffix, str) else tuple(mask_suffix)
        )
        super().__init__(
            ann_file=ann_file, metainfo=metainfo, data_prefix=data_prefix, **kwargs
        )

    @classmethod
    def ids_in_file(cls, path: str | Path) -> dict[str, list[int]]:
        """List the ids of the images in a list of images."""
        return ids_in_list(path)

    def load_data_list(self) -> list[dict[str, Any]]:
        """List the images, sorted by name."""
        images = files_by_name(self._folder('img_path'), self.sequences)
        masks = {}
        if 'seg_map_path' in self.data_prefix:
            folder = self._folder('seg_map_path')
            masks = files_by_name(folder, self.sequences, self.mask_suffixes)
        ids = {stem: name_id(name) for stem, name in images.items()}
        if self.ann_file:
            ids = take_listed(images, read_image_list(self.ann_file), self.ann_file)
            self._groups = groups_in_list(self.ann_file)
        if self.names is not None:
            ids = take_named(ids, self.names)
        masks = {s: m for s, m in masks.items() if s in ids or s not in images}
        images = {stem: images[stem] for stem in sorted(ids)}
        places = ' and '.join(self.data_prefix.values())
        check_pairs(images, masks, places, self.require_masks, self.mask_suffixes)
        return [self._record(s, ids[s], images[s], masks) for s in images]

    def _record(
        self, stem: str, id_: int, image: str, masks: dict[str, str]
    ) -> dict[str, Any]:
        mask, codes = None, self._metainfo.get('codes')
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
            num_classes=len(self._metainfo['classes']),
            **({} if codes is None else {'codes': codes}),
            **self._groups.get(image, {}),
        )

    def _folder(self, key: str) -> Path:
        folder = Path(self.data_prefix[key])
        if not folder.is_dir():
            raise FileNotFoundError(
                f'folder {folder.absolute()} does not exist. Check data_root and '
                f'data_prefix[{key!r}]. {self.HINT}'
            )
        return folder
