"""Read the class of every pixel, or say which mask cannot be read and what to do."""

import logging
from pathlib import Path

import numpy as np
from mmcv.transforms import BaseTransform
from mmengine.logging import print_log

from ssltoolbox.datasets.seg.codes import IGNORED, LabelCodes, label_codes
from ssltoolbox.datasets.seg.mask_file import encode_mask, read_mask
from ssltoolbox.registry import TRANSFORMS

__all__ = ['IGNORED', 'LoadMask']


@TRANSFORMS.register_module()
class LoadMask(BaseTransform):
    """Read a mask, grey or with a palette, as class ids; 255 is ignored in training.

    mmseg's ``LoadAnnotations`` reads class ids too, but only records of its own data
    sets, no unlabelled ones, and takes a coloured or a too small mask as it is.

    Required keys: ``seg_map_path``, unless the record is neither ``labelled`` nor
    ``pseudo_labelled``: then no mask is read, though there may be one; ``ori_shape``
    (H, W) of the image. Used where present: ``codes``, the values of each class in the
    file, class ids by default; ``num_classes``, which larger ids exceed; ``seg_map``
    (H, W), class ids in place of a file.

    Added keys: ``gt_seg_map`` (H, W) uint8.

    Args:
        snap: Masks that were stored in a lossy format such as JPEG have values near
            those of the classes. The nearest one of a class is taken where it is at
            most this far away, and once for each folder of masks it is told how much
            that changed. 0 refuses all other values.

    Raises:
        FileNotFoundError: A labelled record has no mask, or its file is absent.
        ValueError: The file is no mask, is of another size, or has a class or value
            that the data set has not.
    """

    def __init__(self, snap: int = 0) -> None:
        if type(snap) is not int or not 0 <= snap <= 127:
            raise ValueError(
                f'LoadMask: snap is a whole number of grey levels, 0 to 127, got {snap}'
            )
        self.snap = snap
        self._told: set[Path] = set()

    def transform(self, results: dict) -> dict:
        """Add the mask of a labelled record."""
        if not results.get('labelled', True) and not results.get('pseudo_labelled'):
            return results
        path, image = results.get('seg_map_path'), results.get('img_path')
        given = results.get('seg_map')
        if given is None and (path is None or not Path(path).is_file()):
            raise FileNotFoundError(
                f'mask {path} of image {image} does not exist. Check data_root and '
                "data_prefix of the data set, or make the record's part 'unlabelled'."
            )
        mask = read_mask(path, self.snap) if given is None else given
        shape = tuple(results['ori_shape'][:2])
        if mask.shape != shape:
            raise ValueError(
                f'mask {path} has shape {mask.shape} (height, width; a third number '
                f'means colours), but image {image} needs {shape}. Store the class of '
                'each pixel as a grey or palette PNG of that size.'
            )
        codes = results.get('codes') if given is None else None
        if codes is not None:
            mask = self._encode(mask, codes, path)
        else:
            _check_classes(mask, results.get('num_classes', IGNORED), path)
        results['gt_seg_map'] = mask.astype(np.uint8, copy=False)
        return results

    def _encode(self, mask: np.ndarray, codes, path: str) -> np.ndarray:
        table = label_codes(tuple(map(tuple, codes)))
        classes, moved = encode_mask(mask, table, path, self.snap)
        if moved.any() and Path(path).parent not in self._told:
            self._told.add(Path(path).parent)
            self._tell(moved, table, path)
        return classes

    def _tell(self, moved: np.ndarray, table: LabelCodes, path: str) -> None:
        furthest = int(table.distance[moved > 0].max())
        print_log(
            f'mask {path}: {moved.sum()} pixels had {(moved > 0).sum()} values that no '
            f'class has, up to {furthest} grey levels off, and were given to the '
            f'nearest class (snap={self.snap}). This is told once for each folder; '
            'masks stored as PNG need no guess.',
            'current',
            logging.WARNING,
        )


def _check_classes(mask: np.ndarray, count: int, path: str) -> None:
    wrong = mask[(mask >= count) & (mask != IGNORED)]
    if len(wrong):
        raise ValueError(
            f'mask {path} has class {wrong.max()}, but the {count} classes of the '
            f'data set are 0..{count - 1}, and {IGNORED} for what is ignored. Name '
            'all classes in metainfo, give the values of each class as its codes, or '
            'write the masks anew with their ids.'
        )
