"""Cut an image along a column: roll it, or put another image in place of a part.

Instruments that the cut tears apart become two, each with the joints on its side and
the other joints missing. So a connection across the cut is not drawn, while every joint
that can be seen remains. These functions change a sample in pixels of its image, before
any view is made.
"""

import cv2
import numpy as np

from ssltoolbox.geometry.warp import cell_matrix


def roll(results: dict, cut: int) -> None:
    """Move the columns left of ``cut`` behind the last one, in place.

    Args:
        results: ``img`` (H, W, 3), ``keypoints`` (N, K, 2) in image pixels,
            ``keypoints_visible`` (N, K).
        cut: Column that becomes the first; modulo the width.
    """
    width = results['img'].shape[1]
    cut %= width
    results['img'] = np.roll(results['img'], -cut, axis=1)
    points, visible = results['keypoints'], results['keypoints_visible']
    # the cut is between two pixels: half a pixel before the centre of its column
    left = points[..., 0] < cut - 0.5
    points = points.copy()
    points[..., 0] += np.where(left, width - cut, -cut)
    _set_instances(results, [(points, visible * ~left), (points, visible * left)])


def paste(results: dict, other: dict, cut: int) -> None:
    """Put another image in place of the columns left of ``cut``, in place.

    Args:
        results: As of :func:`roll`.
        other: Another such sample, of the same size, see :func:`fit`.
        cut: First column that stays; limited to the image.
    """
    image = results['img'].copy()
    cut = int(np.clip(cut, 0, image.shape[1]))
    image[:, :cut] = other['img'][:, :cut]
    results['img'] = image
    sides = []
    for sample, is_left in ((results, False), (other, True)):
        points = sample['keypoints']
        seen = (points[..., 0] < cut - 0.5) == is_left
        sides.append((points, sample['keypoints_visible'] * seen))
    _set_instances(results, sides)


def fit(sample: dict, size: tuple[int, int]) -> dict:
    """Resize a sample's image and keypoints.

    Args:
        sample: As of :func:`roll`; not changed.
        size: (W, H) in pixels.
    """
    height, width = sample['img'].shape[:2]
    matrix = cell_matrix(size, (width, height), 'areas').numpy()
    points = sample['keypoints'] @ matrix[:2, :2].T + matrix[:2, 2]
    return sample | {
        'img': cv2.resize(sample['img'], size, interpolation=cv2.INTER_LINEAR),
        'keypoints': points.astype(np.float32),
    }


def _set_instances(results: dict, parts: list[tuple[np.ndarray, np.ndarray]]) -> None:
    """Store the parts (points, visible) that show a joint; missing joints are at 0."""
    points, visible = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    kept = (visible > 0).any(1)
    points, visible = points[kept], visible[kept]
    results['keypoints'] = np.where(visible[..., None] > 0, points, 0).astype(
        np.float32
    )
    results['keypoints_visible'] = visible.astype(np.float32)
