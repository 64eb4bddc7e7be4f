"""The folder layout of Semi-Seg."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from ssltoolbox.registry import DATASETS
from ssltoolbox.utils.image_file import IMAGE_SUFFIXES

from .codes_file import read_codes
from .image_masks import ImageMaskDataset

POOL = 'unlabeled_images'


@DATASETS.register_module()
class SemiSegDataset(ImageMaskDataset):
    """One part of a data set in the layout of Semi-Seg (``semisup-segmentation``).

    ::

        codes.txt                      a line 'name,value[,value ...]' for each class
        Images/train/  Labels/train/   images, and masks of the same names
        Images/valid/  Labels/valid/
        Images/test/   Labels/test/    not in the original, whose test data is valid
        unlabeled_images/              images without masks

    The suffix of a mask may be another than that of its image; the original, which
    demands the same, makes lossy masks of JPEG images.

    Args:
        data_root: The folder.
        split: ``'train'``, ``'valid'``, ``'test'`` or ``'unlabelled'``.
        metainfo: ``palette``, if wanted. Classes and codes are those of ``codes.txt``;
            where ``classes`` are given they must be the same.
        kwargs: Fields of :class:`ImageMaskDataset`.

    Raises:
        FileNotFoundError: A part of the layout is absent or has no image.
        ValueError: There is no such split, or files do not belong together.
    """

    SPLITS: ClassVar[tuple] = ('train', 'valid', 'test', 'unlabelled')
    HINT: ClassVar[str] = (
        f'The layout is codes.txt, Images/<split>, Labels/<split> and {POOL}, with the '
        'splits train, valid and test. Generated polyps in this layout are drawn by: '
        'python -m ssltoolbox.testing.toy_polyps --out FOLDER'
    )

    def __init__(
        self,
        data_root: str,
        split: str = 'train',
        metainfo: dict[str, Any] | None = None,
        mask_suffix: str | Sequence[str] = IMAGE_SUFFIXES,
        **kwargs: Any,
    ) -> None:
        if split not in self.SPLITS:
            raise ValueError(f'split is one of {", ".join(self.SPLITS)}, got {split!r}')
        _require_layout(Path(data_root), split, self.HINT)
        prefix = dict(img_path=f'Images/{split}', seg_map_path=f'Labels/{split}')
        if split == 'unlabelled':
            prefix = dict(img_path=POOL)
            kwargs.setdefault('require_masks', False)
        super().__init__(
            metainfo=_with_codes(metainfo or {}, Path(data_root, 'codes.txt')),
            data_prefix=prefix,
            data_root=data_root,
            mask_suffix=mask_suffix,
            **kwargs,
        )


def _require_layout(root: Path, split: str, hint: str) -> None:
    needed = ['codes.txt', f'Images/{split}', f'Labels/{split}']
    if split == 'unlabelled':
        needed = ['codes.txt', POOL]
    absent = [name for name in needed if not (root / name).exists()]
    if absent:
        raise FileNotFoundError(
            f'{root.absolute()} has no {" and no ".join(absent)}. {hint}'
        )


def _with_codes(metainfo: dict[str, Any], path: Path) -> dict[str, Any]:
    found = read_codes(path)
    wanted = metainfo.get('classes')
    if wanted is not None and tuple(wanted) != found['classes']:
        raise ValueError(
            f'{path} has the classes {", ".join(found["classes"])}, the config '
            f'{", ".join(wanted)}: correct classes and num_classes of the config'
        )
    return {**metainfo, **found}
