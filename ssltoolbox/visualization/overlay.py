"""Predicted poses and masks drawn over their image."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .colors import SKY_BLUE, side_colors
from .dense import Color, class_colors, distinct_colors
from .draw import draw_boxes, draw_pose, pose_radius


def draw_poses(
    image: np.ndarray,
    keypoints: np.ndarray,
    scores: np.ndarray,
    meta: dict[str, Any],
    boxes: np.ndarray | None = None,
    min_score: float = 0.2,
) -> np.ndarray:
    """Draw all poses of an image, left in orange and right in blue.

    Args:
        image (np.ndarray): (H, W, 3) uint8, BGR. It is not changed.
        keypoints (np.ndarray): (N, K, 2) pixels.
        scores (np.ndarray): (N, K); joints below ``min_score`` are left out, weak
            ones faded. 0 is a joint that was not found, which is never drawn.
        meta (dict): Layout of the joints as mmpose parses it, for names and links.
        boxes (np.ndarray, optional): (N, 4) x1, y1, x2, y2, drawn thinly.
        min_score (float): In [0, 1].

    Returns:
        np.ndarray: (H, W, 3) uint8, a new image.
    """
    names = meta.get('keypoint_id2name', {})
    colors = side_colors([names[k] for k in sorted(names)]) if names else None
    canvas = image.copy() if boxes is None else draw_boxes(image, boxes)
    for points, confidence in zip(keypoints, scores, strict=True):
        drawn = (confidence >= min_score) & (confidence > 0)
        shown = np.where(drawn[:, None], points, np.nan)
        # Joints as large as on a big animal would hide a small one.
        found = points[confidence > 0]
        extent = np.ptp(found, axis=0).max(initial=0) if len(found) else 0
        radius = max(1.5, min(pose_radius(image), 0.015 * extent))
        canvas = draw_pose(
            canvas,
            shown,
            links=meta.get('skeleton_links', []),
            colors=colors or [SKY_BLUE] * len(points),
            scores=confidence,
            radius=radius,
        )
    return canvas


def class_palette(meta: Mapping[str, Any]) -> list[Color]:
    """BGR colours for predicted classes; without a palette the background has none.

    Args:
        meta (Mapping): Meta information of a data set, with ``classes``.
    """
    if meta.get('palette'):
        return class_colors(meta)
    return [(0, 0, 0), *distinct_colors(len(meta['classes']) - 1)]
