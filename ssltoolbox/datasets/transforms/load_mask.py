"""Read the class of every pixel, or say which mask cannot be read and what to do."""

from pathlib import Path

import numpy as np
from mmcv.transforms import BaseTransform
from PIL import Image, UnidentifiedImageError

from ssltoolbox.registry import TRANSFORMS

IGNORED = 255
"""Class of pixels that have none, as in mmseg."""


@TRANSFORMS.register_module()
class LoadMask(BaseTransform):
    """Read a PNG of class ids, grey or with a palette; 255 is ignored in training.

    mmseg's ``LoadAnnotations`` reads the same files, but only records of its own data
    sets, no unlabelled ones, and takes a coloured or a too small mask as it is.

    Required keys: ``seg_map_path``, unless the record is neither ``labelled`` nor
    ``pseudo_labelled``: then no mask is read, though there may be one; ``ori_shape``
    (H, W) of the image. Used where
    present: ``num_classes``, which larger ids exceed; ``seg_map`` (H, W), the mask
    itself in place of its file.

    Added keys: ``gt_seg_map`` (H, W) uint8.

    Raises:
        FileNotFoundError: A labelled record has no mask, or its file is absent.
        ValueError: The file is no image of class ids, of another size, or has a class
            that the data set has not.
    """

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
        mask = self._read(path) if given is None else given
        shape = tuple(results['ori_shape'][:2])
        if mask.shape != shape:
            raise ValueError(
                f'mask {path} has shape {mask.shape} (height, width; a third number '
                f'means colours), but image {image} needs {shape}. Store the class id '
                'of each pixel as a grey or palette PNG of that size.'
            )
        count = results.get('num_classes', IGNORED)
        wrong = mask[(mask >= count) & (mask != IGNORED)]
        if len(wrong):
            raise ValueError(
                f'mask {path} has class {wrong.max()}, but the {count} classes of the '
                f'data set are 0..{count - 1}, and {IGNORED} for what is ignored. Name '
                'all classes in metainfo, or write the masks anew with their ids.'
            )
        results['gt_seg_map'] = mask.astype(np.uint8)
        return results

    @staticmethod
    def _read(path: str) -> np.ndarray:
        try:
            with Image.open(path) as file:
                mask = np.array(file)
        except (UnidentifiedImageError, OSError, ValueError) as error:
            raise ValueError(
                f'mask {path} cannot be decoded; it is damaged or no image. Copy or '
                f'download it again. ({error})'
            ) from None
        if mask.ndim == 2 and (mask.min() < 0 or mask.max() > 255):
            raise ValueError(
                f'mask {path} has class ids {mask.min()}..{mask.max()}, expected '
                '0..254, and 255 for what is ignored.'
            )
        return mask
