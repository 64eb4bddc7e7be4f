"""Clouds of coloured points out of depth maps, with numpy."""

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class PointCloud:
    """Points with their colours.

    Attributes:
        points: (N, 3) float32. In coordinates of a camera x points to the right, y
            downwards and z forwards.
        colors: (N, 3) uint8, RGB.
    """

    points: np.ndarray
    colors: np.ndarray

    def __len__(self) -> int:
        return len(self.points)

    def placed(self, rotation: np.ndarray, translation: np.ndarray) -> 'PointCloud':
        """Move the points ``X`` to ``rotation @ X + translation``.

        Args:
            rotation: (3, 3), or any other linear map.
            translation: (3,).
        """
        points = self.points.astype(float) @ np.asarray(rotation, float).T
        return replace(self, points=(points + translation).astype(np.float32))


def point_cloud(
    depth: np.ndarray,
    image: np.ndarray,
    mask: np.ndarray,
    intrinsics: np.ndarray,
    stride: int = 1,
) -> PointCloud:
    """Put a point at the depth of every valid pixel, row by row.

    Args:
        depth: (H, W), along the optical axis.
        image: (H, W, 3) uint8, BGR.
        mask: (H, W); pixels above 1/2 are valid. Those whose depth is not positive and
            finite are left out, too.
        intrinsics: (3, 3) in pixels of the map, without skew.
        stride: Take every n-th row and column.

    Returns:
        Points in coordinates of the camera, in the unit of the depth.

    Raises:
        ValueError: Shapes do not fit together, or the stride is not positive.
    """
    if depth.ndim != 2 or image.shape != (*depth.shape, 3) or mask.shape != depth.shape:
        raise ValueError(
            f'depth {depth.shape}, image {image.shape} and mask {mask.shape} must be '
            '(H, W), (H, W, 3) and (H, W) of one size'
        )
    if stride < 1:
        raise ValueError(f'stride must be 1 or more, got {stride}')
    every = (slice(None, None, stride),) * 2
    z = depth[every].astype(float)
    valid = (mask[every] > 0.5) & (z > 0) & np.isfinite(z)
    rows, columns = np.nonzero(valid)
    z = z[valid]
    fx, fy, cx, cy = intrinsics[[0, 1, 0, 1], [0, 1, 2, 2]]
    x, y = (columns * stride - cx) / fx, (rows * stride - cy) / fy
    points = np.stack([x * z, y * z, z], 1).astype(np.float32)
    return PointCloud(points, image[every][valid][:, ::-1])


def depth_range_scale(z: np.ndarray, wanted: float) -> float:
    """Factor by which depths (N,) span ``wanted`` from the nearest to the farthest.

    Raises:
        ValueError: They are all the same.
    """
    span = float(np.ptp(z)) if len(z) else 0.0
    if not span > 0:
        raise ValueError(
            'a cloud without extent in depth cannot be scaled by its range of depth'
        )
    return wanted / span
