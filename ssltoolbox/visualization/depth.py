"""Pictures of depth and of optical flow: pure functions, uint8 BGR out."""

import cv2
import numpy as np

from .colors import INK


def draw_depth(
    depth: np.ndarray,
    valid: np.ndarray | None = None,
    span: tuple[float, float] | None = None,
) -> np.ndarray:
    """Colour depth from blue, near, to red, far.

    Args:
        depth: (H, W).
        valid: (H, W) bool; other pixels are dark. None: all.
        span: Depths of the first and the last colour; None for the nearest and the
            farthest valid pixel.

    Returns:
        (H, W, 3) uint8.
    """
    valid = np.isfinite(depth) & (True if valid is None else valid)
    if span is None:
        known = depth[valid]
        span = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    low, high = span
    share = (np.where(valid, depth, low) - low) / max(high - low, 1e-12)
    grey = (255 * np.clip(share, 0, 1)).astype(np.uint8)
    drawn = cv2.applyColorMap(grey, cv2.COLORMAP_JET)
    drawn[~valid] = INK
    return drawn


def draw_flow(flow: np.ndarray, longest: float | None = None) -> np.ndarray:
    """Colour optical flow: the hue is its direction, the brightness its length.

    Args:
        flow: (2, H, W), x before y, as shares of width and height.
        longest: Length with full brightness, in widths; None for the longest.

    Returns:
        (H, W, 3) uint8.
    """
    height, width = flow.shape[1:]
    x, y = flow[0], flow[1] * (height / width)
    length = np.hypot(x, y)
    longest = float(length.max()) if longest is None else longest
    hue = (np.degrees(np.arctan2(y, x)) + 180) / 2
    value = np.minimum(255 * length / max(longest, 1e-12), 255)
    hsv = np.stack([hue, np.full_like(hue, 255), value], -1).astype(np.uint8)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)
