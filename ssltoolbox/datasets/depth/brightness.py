"""Tell false points by their brightness: the light is at the camera.

What the tip of an endoscope lights gets dark with the square of its distance, so
brightness times squared distance is about the same for all points of a tissue. A point
far off that in half of the views where it appears is a false one.

Source: the program of Liu et al., TMI 2020.
"""

from collections.abc import Iterable

import cv2
import numpy as np

BINS = 1000


def brightness_range(values: np.ndarray, share: float) -> tuple[float, float]:
    """Smallest and largest value that are taken for true.

    The range grows from the fullest bin of a histogram, alternately to the right and to
    the left, by one bin at least, until it holds ``share`` of the values.

    Args:
        values: (n,), not negative.
        share: Between 0 and 1.
    """
    edges = np.arange(BINS) * values.max() / BINS
    counts, _ = np.histogram(values, edges)
    mass = counts / max(counts.sum(), 1)
    first = last = int(mass.argmax())
    inside, right = mass[first], True
    while first > 0 or last < len(mass) - 1:
        if (right and last < len(mass) - 1) or first == 0:
            last += 1
            inside += mass[last]
        else:
            first -= 1
            inside += mass[first]
        right = not right
        if inside >= share:
            break
    return float(edges[first]), float(edges[last + 1])


def value_channel(image: np.ndarray) -> np.ndarray:
    """Brightness (H, W) in 0..1 of a BGR image in 0..255, smoothed."""
    smooth = cv2.bilateralFilter(image.astype(np.float32) / 255, 7, 25, 25)
    return cv2.cvtColor(smooth, cv2.COLOR_BGR2HSV)[..., 2]


def true_points(
    images: Iterable[np.ndarray],
    points: np.ndarray,
    seen: np.ndarray,
    mask: np.ndarray,
    extrinsics: np.ndarray,
    intrinsics: np.ndarray,
    share: float,
) -> np.ndarray:
    """Which points are kept, (N,) bool; those that appear nowhere are not.

    Args:
        images: V images (H, W, 3) BGR in 0..255.
        points: (N, 3) in the world.
        seen: (N, V) bool, in which views a point counts.
        mask: (H, W) uint8, 255 where a pixel is valid.
        extrinsics: (V, 4, 4), world -> camera.
        intrinsics: (3, 3).
        share: Of the points of a view that are taken for true, between 0 and 1.
    """
    appeared, wrong = np.zeros(len(points)), np.zeros(len(points))
    for view, image in enumerate(images):
        pixels, depth = project(points, extrinsics[view], intrinsics)
        inside = visible(pixels, depth, mask) & seen[:, view]
        at = np.round(pixels[inside]).astype(int)
        product = depth[inside] ** 2 * value_channel(image)[at[:, 1], at[:, 0]]
        appeared[inside] += 1
        if len(product) < 2:
            continue
        low, high = brightness_range(product, share)
        wrong[inside] += (product <= low) | (product >= high)
    return wrong < appeared / 2


def project(
    points: np.ndarray, extrinsic: np.ndarray, intrinsics: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Pixels (N, 2) and depths (N,) of points (N, 3) in one view.

    Pixels of points in the plane of the camera are not finite.
    """
    here = points @ extrinsic[:3, :3].T + extrinsic[:3, 3]
    there = here @ intrinsics.T
    with np.errstate(divide='ignore', invalid='ignore'):
        return there[:, :2] / there[:, 2:], here[:, 2]


def visible(
    pixels: np.ndarray, depth: np.ndarray, mask: np.ndarray, threshold: int = 255
) -> np.ndarray:
    """Which pixels (N, 2) lie in front of the camera and on a mask (H, W)."""
    height, width = mask.shape
    corner = np.array([width - 1, height - 1])
    inside = (depth > 0) & ((pixels >= 0) & (pixels <= corner)).all(1)
    at = np.round(np.where(inside[:, None], pixels, 0)).astype(int)
    return inside & (mask[at[:, 1], at[:, 0]] >= threshold)
