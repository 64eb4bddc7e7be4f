"""Stretch and squeeze an image and its mask, cell by cell of a grid."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from ssltoolbox.registry import TRANSFORMS

from .image_view import MASKS


def axis_map(length: int, factors: np.ndarray) -> np.ndarray:
    """Where the pixels of one axis come from.

    The axis is cut into cells of ``length // (n - 1)`` pixels, for n factors. A cell
    shows as many pixels of the image times its factor, from where the one before
    ended; what is left over at the end shows what is left of the image.

    Args:
        length: Pixels of the axis.
        factors: (n,), of which a last one without pixels is not used.

    Returns:
        (length,) float32 in pixels of the image, maybe beyond its end.

    >>> axis_map(6, np.array([2, 0.5, 1])).tolist()
    [0.0, 3.0, 6.0, 6.0, 6.75, 7.5]
    """
    step = length // (len(factors) - 1)
    source = np.empty(length, np.float32)
    begin = 0.0
    for start, factor in zip(range(0, length, step), factors, strict=False):
        whole = start + step <= length
        end = begin + step * factor if whole else length
        count = min(step, length - start)
        source[start : start + count] = np.linspace(begin, end, count)
        begin = end
    return source


def cell_map(source: np.ndarray, cells: int) -> np.ndarray:
    """Where the cells of a smaller map come from, that divide the axis evenly.

    Args:
        source: (length,) where its pixels come from.
        cells: Number of cells.

    Returns:
        (cells,) float32 in cells.

    >>> cell_map(np.array([2.0, 3, 4, 5]), 2).tolist()
    [1.0, 2.0]
    """
    stride = len(source) / cells
    centres = (np.arange(cells) + 0.5) * stride - 0.5
    from_ = np.interp(centres, np.arange(len(source)), source)
    return ((from_ + 0.5) / stride - 0.5).astype(np.float32)


def distort(
    image: np.ndarray, xs: np.ndarray, ys: np.ndarray, nearest: bool = False
) -> np.ndarray:
    """Take every pixel from column ``xs`` (W,) and row ``ys`` (H,), mirrored outside.

    Args:
        image: (H, W) or (H, W, C).
        xs: float32.
        ys: float32.
        nearest: Take the nearest pixel, not a mean of four.
    """
    columns, rows = np.meshgrid(xs, ys)
    kind = cv2.INTER_NEAREST if nearest else cv2.INTER_LINEAR
    return cv2.remap(image, columns, rows, kind, borderMode=cv2.BORDER_REFLECT_101)


@TRANSFORMS.register_module()
class GridDistortion(BaseTransform):
    """Stretch or squeeze the columns and rows of an image by random factors.

    It acts on the image as it was read, so it stands before the view. What is moved is
    no affine view of the file: predictions cannot be moved between two views that were
    distorted apart, so it stands before :class:`~.branches.Branches`, not in it.

    Modifies ``img`` (H, W, 3), and, where they are present, ``gt_seg_map`` and
    ``truth_seg_map`` (H, W), resampled to the nearest pixel, and ``pseudo_map``
    (C, h, w), whose cells divide the image evenly. Samples with keypoints are refused:
    those would stay where they are.

    Args:
        prob: Probability of any change.
        steps: Cells along each axis.
        limit: Factors are uniform in 1 - limit .. 1 + limit, below 1.

    Source: ``GridDistortion`` of albumentations 1.3 (not normalised), in the training
    of Semi-Seg; same result for the same factors. There the mean of the factors moves
    the image as a whole, its end may be lost or be mirrored.

    Raises:
        ValueError: A field is out of range, or a sample cannot be distorted.
    """

    tears_image = True
    untorn = 'Put it before Branches'

    def __init__(self, prob: float = 0.5, steps: int = 5, limit: float = 0.3) -> None:
        if not 0 <= prob <= 1 or steps < 1 or not 0 <= limit < 1:
            raise ValueError(
                'GridDistortion: prob is in 0..1, steps at least 1, limit 0 or more '
                f'and below 1; got {prob}, {steps} and {limit}'
            )
        self.prob, self.steps, self.limit = prob, steps, limit

    def transform(self, results: dict) -> dict:
        """Draw factors and distort, or leave the sample as it is."""
        if np.random.rand() >= self.prob:
            return results
        height, width = results['img'].shape[:2]
        self._check(results, height, width)
        bounds = (1 - self.limit, 1 + self.limit)
        xs, ys = (
            axis_map(length, np.random.uniform(*bounds, self.steps + 1))
            for length in (width, height)
        )
        results['img'] = distort(results['img'], xs, ys)
        for key in MASKS:
            if key in results:
                results[key] = distort(results[key], xs, ys, nearest=True)
        if 'pseudo_map' in results:
            maps = results['pseudo_map']
            columns, rows = cell_map(xs, maps.shape[2]), cell_map(ys, maps.shape[1])
            # one by one: OpenCV takes four channels at most
            moved = [distort(channel, columns, rows) for channel in maps]
            results['pseudo_map'] = np.stack(moved)
        return results

    def _check(self, results: dict, height: int, width: int) -> None:
        path = results.get('img_path', 'an image')
        if 'keypoints' in results:
            raise ValueError(
                f'GridDistortion cannot move the keypoints of {path}: leave it out '
                'of the pipeline of such samples'
            )
        if min(height, width) < self.steps:
            raise ValueError(
                f'GridDistortion: {path} of {width} x {height} px cannot be cut into '
                f'{self.steps} x {self.steps} cells: leave such images out, or '
                'lower steps'
            )
