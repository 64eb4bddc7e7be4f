"""A view: where every pixel of a crop came from, as one 3x3 matrix."""

import math
from dataclasses import dataclass, field

import cv2
import numpy as np
import torch
from torch import Tensor


def crop_matrix(
    center: tuple[float, float],
    box: tuple[float, float],
    rotation: float,
    size: tuple[int, int],
    mirror_width: int | None = None,
) -> np.ndarray:
    """Matrix of a rotated, scaled and possibly mirrored crop.

    Flip, scale, rotation and crop are one matrix, so an image is resampled once
    and a point moves between two views by one product.

    Args:
        center: (x, y) of the crop's centre in image pixels, before mirroring.
        box: Width and height in image pixels that fill the crop; only the width
            sets the scale, as in mmpose.
        rotation: Degrees, in mmpose's sense.
        size: (w, h) of the crop in pixels.
        mirror_width: Width of the image in pixels if it is mirrored first
            (``x -> W - 1 - x``, the centre too), else None.

    Returns:
        (3, 3) float64, image pixels -> crop pixels; its determinant is negative
        exactly when the view is mirrored.
    """
    w, h = size
    x, y = center
    mirror = np.eye(3)
    if mirror_width is not None:
        mirror[0] = (-1, 0, mirror_width - 1)
        x = mirror_width - 1 - x
    angle = math.radians(rotation)
    cos, sin = (w / box[0] * f(angle) for f in (math.cos, math.sin))
    crop = np.array([
        [cos, sin, w / 2 - cos * x - sin * y],
        [-sin, cos, h / 2 + sin * x - cos * y],
        [0, 0, 1],
    ])  # fmt: skip
    return crop @ mirror


def change_matrix(
    size: tuple[int, int],
    hflip: bool = False,
    vflip: bool = False,
    rotation: float = 0.0,
    scale: float = 1.0,
    translation: tuple[float, float] = (0.0, 0.0),
) -> np.ndarray:
    """Mirror a view, then turn and scale it about its centre, then shift it.

    Args:
        size: (w, h) of the view in pixels.
        hflip: Mirror left and right, ``x -> w - 1 - x``.
        vflip: Mirror top and bottom.
        rotation: Degrees, counter-clockwise as one sees it. The centre is (w/2, h/2),
            as for OpenCV's users and mmpose's crops.
        scale: Factor of size; above 1 things grow.
        translation: (x, y) in pixels of the view.

    Returns:
        (3, 3) float64, pixels before -> pixels after.
    """
    w, h = size
    mirror, turn = np.eye(3), np.eye(3)
    if hflip:
        mirror[0] = (-1, 0, w - 1)
    if vflip:
        mirror[1] = (0, -1, h - 1)
    turn[:2] = cv2.getRotationMatrix2D((w / 2, h / 2), rotation, scale)
    turn[:2, 2] += translation
    return turn @ mirror


def mirrored_axes(
    change: np.ndarray, size: tuple[int, int]
) -> tuple[bool, bool] | None:
    """Tell whether a change of view only mirrors it, so that no pixel is mixed.

    Args:
        change: (3, 3), pixels before -> pixels after.
        size: (w, h) of the view in pixels.

    Returns:
        Whether left and right, and whether top and bottom are exchanged; None where
        the change does more than that.
    """
    for hflip in (False, True):
        for vflip in (False, True):
            if np.allclose(change, change_matrix(size, hflip, vflip), 0, 1e-6):
                return hflip, vflip
    return None


def transform_points(matrix: Tensor, points: Tensor) -> Tensor:
    """Apply (B, 3, 3) affine matrices to (B, K, 2) points, in float64."""
    points = points.to(matrix)
    return points @ matrix[:, :2, :2].mT + matrix[:, None, :2, 2]


def invert_affine(matrix: Tensor) -> Tensor:
    """Invert (B, 3, 3) affine matrices without a host synchronisation.

    ``torch.linalg.inv`` checks for singular input on the host; an affine inverse
    needs no check, since no view is degenerate.
    """
    a, b, c, d = matrix[:, :2, :2].flatten(1).unbind(1)
    linear = (
        torch.stack([d, -b, -c, a], 1).view(-1, 2, 2) / (a * d - b * c)[:, None, None]
    )
    inverse = torch.zeros_like(matrix)
    inverse[:, :2, :2] = linear
    inverse[:, :2, 2:] = -linear @ matrix[:, :2, 2:]
    inverse[:, 2, 2].fill_(1)  # a number that is assigned is copied from the host
    return inverse


@dataclass(frozen=True)
class View:
    """The views of a batch of images.

    Attributes:
        matrix: (B, 3, 3) float64, image pixels -> view pixels.
        size: (w, h) of the view in pixels.
        host: ``matrix`` on the host, if it was made there, by which equal views are
            recognised without a question to the device.
    """

    matrix: Tensor
    size: tuple[int, int]
    host: np.ndarray | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.matrix.ndim != 3 or self.matrix.shape[1:] != (3, 3):
            raise ValueError(
                f'View.matrix must have shape (B, 3, 3), got {tuple(self.matrix.shape)}'
            )

    @property
    def mirrored(self) -> Tensor:
        """(B,) bool, whether left and right are exchanged."""
        a, b, c, d = self.matrix[:, :2, :2].flatten(1).unbind(1)
        return a * d - b * c < 0

    def same_as(self, other: 'View') -> bool:
        """Whether a pixel of this view is known to be the same one of the other."""
        if self is other:
            return True
        made = self.host is not None and other.host is not None
        return (
            made and self.size == other.size and np.array_equal(self.host, other.host)
        )

    def inverse(self) -> Tensor:
        """(B, 3, 3), view pixels -> image pixels."""
        return invert_affine(self.matrix)

    def to(self, other: 'View') -> Tensor:
        """(B, 3, 3), pixels of this view -> of another view of the same images."""
        if len(self.matrix) != len(other.matrix):
            raise ValueError(
                f'views of {len(self.matrix)} and {len(other.matrix)} images cannot be '
                'related: pass two views of the same batch'
            )
        return other.matrix @ self.inverse()

    def apply(self, points: Tensor) -> Tensor:
        """Move (B, K, 2) points from image pixels into this view."""
        return transform_points(self.matrix, points)


def project_points(
    points: Tensor, source: View, target: View, flip_indices: Tensor | None = None
) -> Tensor:
    """Move keypoints from one view to another view of the same images.

    Args:
        points: (B, K, 2) in pixels of ``source``.
        source: View the points are in.
        target: View they are wanted in.
        flip_indices: (K,) index of each keypoint's mirror partner. Where exactly one
            of the two views is mirrored, the partners are exchanged.

    Returns:
        (B, K, 2) float64 in pixels of ``target``.
    """
    moved = transform_points(source.to(target), points)
    if flip_indices is None:
        return moved
    swap = source.mirrored != target.mirrored
    return torch.where(swap[:, None, None], moved[:, flip_indices], moved)
