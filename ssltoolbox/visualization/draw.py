"""Pictures of poses and heatmaps: pure functions on (H, W, 3) uint8 BGR images."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from .colors import DROPPED, INK, KEPT, PAPER, RELABELLED

Color = tuple[int, int, int]

SUB_PIXEL_BITS = 4
FULL_SCORE = 0.5
MIN_ALPHA = 0.25


def draw_pose(
    image: np.ndarray,
    keypoints: np.ndarray,
    weights: np.ndarray | None = None,
    links: Sequence[tuple[int, int]] = (),
    colors: Sequence[Color] | None = None,
    *,
    relabelled: np.ndarray | None = None,
    scores: np.ndarray | None = None,
    radius: float | None = None,
) -> np.ndarray:
    """Draw one pose: kept joints filled, dropped ones hollow, re-labelled ringed.

    Args:
        image (np.ndarray): (H, W, 3) uint8, BGR. It is not changed.
        keypoints (np.ndarray): (K, 2) pixels. Joints that are not finite are left out.
        weights (np.ndarray, optional): (K,), 0 = dropped. All kept without it.
        links (Sequence[tuple[int, int]]): Joint pairs to connect; only between
            joints that are kept.
        colors (Sequence[tuple], optional): K BGR colours of the kept joints.
        relabelled (np.ndarray, optional): (K,) bool, joints with a new label.
        scores (np.ndarray, optional): (K,) in [0, 1]; low ones are drawn faded.
        radius (float, optional): Joint radius in px. Grows with the image without it.

    Returns:
        np.ndarray: (H, W, 3) uint8, a new image.
    """
    canvas = np.ascontiguousarray(image).copy()
    points = np.asarray(keypoints, np.float64)[:, :2]
    count = len(points)
    kept = np.ones(count, bool) if weights is None else np.ravel(weights) > 0
    changed = np.zeros(count, bool) if relabelled is None else np.ravel(relabelled) > 0
    alphas = np.ones(count) if scores is None else _alphas(np.ravel(scores))
    tints = [KEPT] * count if colors is None else list(colors)
    tints = [RELABELLED if changed[k] else tints[k] for k in range(count)]
    drawable = np.isfinite(points).all(1)
    radius = pose_radius(image) if radius is None else radius
    for a, b in links:
        if (kept & drawable)[[a, b]].all():
            tint = tints[b] if tints[a] == PAPER else tints[a]
            _limb(canvas, points[[a, b]], tint, radius, alphas[[a, b]].min())
    for k in np.flatnonzero(drawable & ~kept):
        _hollow_joint(canvas, points[k], radius, alphas[k])
    for k in np.flatnonzero(drawable & kept):
        _joint(canvas, points[k], tints[k], radius, alphas[k], changed[k])
    return canvas


def draw_boxes(
    image: np.ndarray, boxes: np.ndarray, color: Color = PAPER
) -> np.ndarray:
    """Draw thin boxes with a dark edge, readable on any ground.

    Args:
        image (np.ndarray): (H, W, 3) uint8, BGR. It is not changed.
        boxes (np.ndarray): (N, 4) x1, y1, x2, y2 in pixels.
        color (tuple[int, int, int]): BGR.

    Returns:
        np.ndarray: (H, W, 3) uint8, a new image.
    """
    canvas = np.ascontiguousarray(image).copy()
    width = max(1, round(pose_radius(image) / 4))
    for box in np.asarray(boxes, np.float64).reshape(-1, 4):
        first, last = _fixed(box[:2]), _fixed(box[2:])
        for tint, thickness in ((INK, width + 2), (color, width)):
            cv2.rectangle(
                canvas, first, last, tint, thickness, cv2.LINE_AA, SUB_PIXEL_BITS
            )
    return cv2.addWeighted(canvas, 0.7, image, 0.3, 0)


def draw_heatmap(
    image: np.ndarray, heatmap: np.ndarray, max_value: float = 1.0
) -> np.ndarray:
    """Lay a heatmap over its crop; what is near zero leaves the image as it is.

    Cell (i, j) covers the image at (i * W / w, j * H / h), as heatmap codecs place it.

    Args:
        image (np.ndarray): (H, W, 3) uint8, BGR. It is not changed.
        heatmap (np.ndarray): (h, w), or (K, h, w) of which the maximum is shown.
        max_value (float): The value that gets the brightest colour, positive.

    Returns:
        np.ndarray: (H, W, 3) uint8, a new image.
    """
    heat = np.asarray(heatmap, np.float32)
    heat = np.nan_to_num(heat.max(0) if heat.ndim == 3 else heat)
    height, width = image.shape[:2]
    matrix = np.diag([width / heat.shape[1], height / heat.shape[0], 1.0])[:2]
    heat = cv2.warpAffine(
        heat, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    heat = np.clip(heat / max_value, 0, 1)
    tint = cv2.applyColorMap((heat * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    alpha = 0.85 * np.sqrt(heat)[..., None]
    return np.rint(image * (1 - alpha) + tint * alpha).astype(np.uint8)


def enlarge(
    image: np.ndarray, keypoints: np.ndarray, min_side: int = 320
) -> tuple[np.ndarray, np.ndarray]:
    """Scale a small crop up with its joints, so that drawings on it stay fine.

    Args:
        image (np.ndarray): (H, W, 3) uint8.
        keypoints (np.ndarray): (K, 2) pixel-centre coordinates on it.
        min_side (int): Shorter side of the result in px; larger images are kept.

    Returns:
        tuple[np.ndarray, np.ndarray]: The image and the (K, 2) joints on it.
    """
    factor = max(1.0, min_side / min(image.shape[:2]))
    size = (round(image.shape[1] * factor), round(image.shape[0] * factor))
    ratio = np.array([size[0] / image.shape[1], size[1] / image.shape[0]])
    points = (np.asarray(keypoints, np.float64) + 0.5) * ratio - 0.5
    return cv2.resize(image, size, interpolation=cv2.INTER_CUBIC), points


def joint_icon(
    color: Color = KEPT, *, kept: bool = True, relabelled: bool = False
) -> np.ndarray:
    """Draw one joint as the legend of a sheet shows it.

    Args:
        color (tuple[int, int, int]): BGR.
        kept (bool): Filled if true, else hollow.
        relabelled (bool): With the ring of a re-labelled joint.

    Returns:
        np.ndarray: (48, 48, 3) uint8, BGR.
    """
    paper = np.full((48, 48, 3), PAPER, np.uint8)
    return draw_pose(
        paper,
        np.array([[23.5, 23.5]]),
        np.array([kept]),
        colors=[color],
        relabelled=np.array([relabelled]),
        radius=8,
    )


def pose_radius(image: np.ndarray) -> float:
    """Joint radius in px that looks alike on images of any size."""
    return 1 + 0.006 * float(np.sqrt(image.shape[0] * image.shape[1]))


def _alphas(scores: np.ndarray) -> np.ndarray:
    share = np.clip(np.nan_to_num(scores) / FULL_SCORE, 0, 1)
    return MIN_ALPHA + (1 - MIN_ALPHA) * share


def _fixed(point: np.ndarray) -> tuple[int, int]:
    # A wild prediction must not overflow OpenCV's 32-bit fixed-point numbers.
    scaled = np.clip(point, -1e5, 1e5) * 2**SUB_PIXEL_BITS
    return int(round(scaled[0])), int(round(scaled[1]))


def _blend(
    canvas: np.ndarray,
    points: np.ndarray,
    margin: float,
    alpha: float,
    paint: Callable[[np.ndarray, np.ndarray], None],
) -> None:
    """Paint on a small copy around the points and mix it into the canvas."""
    size = np.array(canvas.shape[1::-1])
    low = np.clip(np.floor(points.min(0) - margin), 0, size).astype(int)
    high = np.clip(np.ceil(points.max(0) + margin) + 1, 0, size).astype(int)
    if (low >= high).any():
        return
    window = canvas[low[1] : high[1], low[0] : high[0]]
    layer = window.copy()
    paint(layer, points - low)
    window[:] = cv2.addWeighted(layer, alpha, window, 1 - alpha, 0)


def _limb(
    canvas: np.ndarray, ends: np.ndarray, tint: Color, radius: float, alpha: float
) -> None:
    width = max(1, round(0.7 * radius))

    def paint(layer: np.ndarray, points: np.ndarray) -> None:
        first, last = _fixed(points[0]), _fixed(points[1])
        for color, thickness in ((INK, width + max(2, width // 2)), (tint, width)):
            cv2.line(layer, first, last, color, thickness, cv2.LINE_AA, SUB_PIXEL_BITS)

    _blend(canvas, ends, 2 * radius + 2, 0.8 * alpha, paint)


def _disc(layer: np.ndarray, point: np.ndarray, radius: float, color: Color) -> None:
    size = round(radius * 2**SUB_PIXEL_BITS)
    cv2.circle(layer, _fixed(point), size, color, -1, cv2.LINE_AA, SUB_PIXEL_BITS)


def _circle(
    layer: np.ndarray, point: np.ndarray, radius: float, color: Color, width: int
) -> None:
    size = round(radius * 2**SUB_PIXEL_BITS)
    cv2.circle(layer, _fixed(point), size, color, width, cv2.LINE_AA, SUB_PIXEL_BITS)


def _joint(
    canvas: np.ndarray,
    point: np.ndarray,
    tint: Color,
    radius: float,
    alpha: float,
    ringed: bool,
) -> None:
    def paint(layer: np.ndarray, points: np.ndarray) -> None:
        if ringed:
            _disc(layer, points[0], 2.1 * radius + 1, INK)
            _disc(layer, points[0], 2.1 * radius, PAPER)
        _disc(layer, points[0], 1.3 * radius + 1, INK)
        _disc(layer, points[0], 1.3 * radius, tint)

    _blend(canvas, point[None], 3 * radius + 2, alpha, paint)


def _hollow_joint(
    canvas: np.ndarray, point: np.ndarray, radius: float, alpha: float
) -> None:
    def paint(layer: np.ndarray, points: np.ndarray) -> None:
        width = max(1, round(radius / 3))
        _circle(layer, points[0], 1.5 * radius, INK, width + 2)
        _circle(layer, points[0], 1.5 * radius, DROPPED, width)

    _blend(canvas, point[None], 3 * radius + 2, alpha, paint)
