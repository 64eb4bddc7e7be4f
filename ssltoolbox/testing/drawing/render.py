"""Draw a figure of capsules with a depth buffer and soft shading.

Pixels are pixel centres: the middle of the first pixel of an image is (0, 0). The
canvas is ``SUPERSAMPLE`` times finer than the image.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .figure import Capsule, Figure

SUPERSAMPLE = 2

Paint = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]


class Camera(NamedTuple):
    """Orthographic camera: image = scale * rotation @ point + offset.

    ``rotation`` (3, 3) has the rows right, down and towards the viewer; ``scale``
    is pixels per trunk length, ``offset`` (2,) the pixel of the figure's origin.
    """

    rotation: np.ndarray
    scale: float
    offset: np.ndarray

    def project(self, points: np.ndarray) -> np.ndarray:
        """Map points (N, 3) to (N, 3): x and y in image pixels, and nearness."""
        out = self.scale * points @ self.rotation.T
        out[:, :2] += self.offset
        return out


class Layer(NamedTuple):
    """One drawn figure on the fine canvas.

    ``colour`` (H, W, 3) in 0 to 255; ``mask`` (H, W) bool, what is drawn; ``body``
    (H, W) bool, the same without props; ``nearness`` (H, W) in image pixels, minus
    infinity where nothing is drawn; ``material`` (H, W) int8, an index into those of
    the figure, -1 where nothing is drawn.
    """

    colour: np.ndarray
    mask: np.ndarray
    body: np.ndarray
    nearness: np.ndarray
    material: np.ndarray


def view_rotation(yaw: float, elevation: float, roll: float) -> np.ndarray:
    """Return the rows right, down, towards the viewer in the figure's axes.

    Args:
        yaw (float): Turn about the vertical in degrees: 0 faces the viewer's right
            and shows the figure's right side, -90 faces the viewer.
        elevation (float): Height of the camera above the horizon in degrees.
        roll (float): Rotation in the image plane in degrees, counter-clockwise.
    """
    yaw, tilt, roll = np.deg2rad((yaw, elevation, roll))
    right = np.array([np.cos(yaw), 0, np.sin(yaw)])
    level = np.array([-np.sin(yaw), 0, np.cos(yaw)])
    above = np.array([0.0, 1, 0])
    up = np.cos(tilt) * above - np.sin(tilt) * level
    near = np.sin(tilt) * above + np.cos(tilt) * level
    return np.stack(
        [
            np.cos(roll) * right - np.sin(roll) * up,
            -np.sin(roll) * right - np.cos(roll) * up,
            near,
        ]
    )


def extent(figure: Figure, camera: Camera) -> np.ndarray:
    """Return the drawn extent (x_min, y_min, x_max, y_max) in image pixels."""
    ends = [(c.start, c.start_radius) for c in figure.capsules]
    ends += [(c.end, c.end_radius) for c in figure.capsules]
    points = camera.project(np.stack([p for p, _ in ends]))[:, :2]
    radii = camera.scale * np.array([r for _, r in ends])[:, None]
    return np.concatenate([(points - radii).min(0), (points + radii).max(0)])


class Canvas:
    """Depth buffer with the surface values that shading needs afterwards."""

    def __init__(self, width: int, height: int, materials: tuple[str, ...]) -> None:
        self.materials = materials
        shape = (height * SUPERSAMPLE, width * SUPERSAMPLE)
        self.nearness = np.full(shape, -np.inf, np.float32)
        self.normal = np.zeros((*shape, 3), np.float32)
        self.along = np.zeros(shape, np.float32)
        self.radius = np.zeros(shape, np.float32)
        self.material = np.full(shape, -1, np.int8)

    def draw(self, capsule: Capsule, camera: Camera) -> None:
        """Draw one capsule where it is nearer than what is there."""
        ends = camera.project(np.stack([capsule.start, capsule.end]))
        radii = camera.scale * np.array([capsule.start_radius, capsule.end_radius])
        box = self._box(ends, radii)
        if box is None:
            return
        rows, cols = box
        ys, xs = np.mgrid[rows, cols].astype(np.float32)
        xs, ys = ((v + 0.5) / SUPERSAMPLE - 0.5 for v in (xs, ys))
        share, dx, dy, radius = _front(xs, ys, ends, radii)
        height2 = radius * radius - dx * dx - dy * dy
        height = np.sqrt(np.maximum(height2, 0))
        nearness = ends[0, 2] + share * (ends[1, 2] - ends[0, 2]) + height
        hit = (height2 > 0) & (nearness > self.nearness[box] + 0.05)
        self.nearness[box][hit] = nearness[hit]
        normal = np.stack([dx, dy, height], -1)[hit] / radius[hit, None]
        self.normal[box][hit] = normal
        # The rounded ends belong to the pattern too, hence the normal's part.
        step = capsule.end - capsule.start
        length = float(np.linalg.norm(step))
        axis = camera.rotation @ (step / length if length else np.eye(3)[0])
        thick = radius[hit] / camera.scale
        self.along[box][hit] = (
            capsule.along + share[hit] * length + thick * (normal @ axis)
        )
        self.radius[box][hit] = thick
        self.material[box][hit] = self.materials.index(capsule.material)

    def _box(self, ends, radii) -> tuple[slice, slice] | None:
        low = (ends[:, :2] - radii[:, None]).min(0) * SUPERSAMPLE
        high = (ends[:, :2] + radii[:, None]).max(0) * SUPERSAMPLE + 3
        size = np.array(self.nearness.shape[::-1])
        (x0, y0), (x1, y1) = (np.clip(v, 0, size).astype(int) for v in (low, high))
        return (slice(y0, y1), slice(x0, x1)) if x1 > x0 and y1 > y0 else None


def _front(xs, ys, ends, radii) -> tuple[np.ndarray, ...]:
    """Find which sphere of the capsule each pixel sees first.

    For a constant radius the first sphere lies ``rho * sin(slope)`` further along
    the axis than the foot of the pixel, where rho is the half chord at the pixel;
    a second pass with the sphere's own radius covers tapered capsules.
    """
    axis = ends[1] - ends[0]
    flat = max(float(np.hypot(axis[0], axis[1])), 1e-3)
    unit = axis[:2] / flat
    slope = axis[2] / np.hypot(flat, axis[2])
    px, py = xs - ends[0, 0], ys - ends[0, 1]
    foot = px * unit[0] + py * unit[1]
    off2 = (px * unit[1] - py * unit[0]) ** 2
    share = np.clip(foot / flat, 0, 1)
    for _ in range(2):
        radius = radii[0] + share * (radii[1] - radii[0])
        rho = np.sqrt(np.maximum(radius * radius - off2, 0))
        share = np.clip((foot + rho * slope) / flat, 0, 1)
    radius = radii[0] + share * (radii[1] - radii[0])
    return share, px - share * axis[0], py - share * axis[1], radius


def render(
    figure: Figure,
    camera: Camera,
    size: tuple[int, int],
    light: np.ndarray,
    paint: Paint,
) -> Layer:
    """Draw the figure.

    Args:
        figure (Figure): What to draw.
        camera (Camera): The view of it.
        size (tuple): Width and height of the image in pixels.
        light (np.ndarray): (3,) unit vector to the lamp: right, down, to the viewer.
        paint (Paint): Gives the unlit colours (N, 3) of surface points. It gets their
            material (N,), an index into the figure's; the distance along their part
            and its radius there, (N,) in trunk lengths; and the normal (N, 3) in the
            figure's axes.
    """
    canvas = Canvas(*size, figure.materials)
    for capsule in figure.capsules:
        canvas.draw(capsule, camera)
    mask = canvas.material >= 0
    normal, near = canvas.normal[mask], canvas.nearness[mask]
    colour = paint(
        canvas.material[mask],
        canvas.along[mask],
        canvas.radius[mask],
        normal @ camera.rotation,
    )
    lit = 0.6 + 0.42 * np.maximum(normal @ light, 0)
    edge = 0.66 + 0.34 * np.sqrt(normal[:, 2])
    # Far limbs are a little darker, so near and far can be told apart.
    depth = np.clip(0.96 + 0.3 * near / camera.scale, 0.72, 1.06)
    out = np.zeros((*mask.shape, 3), np.float32)
    out[mask] = colour * (lit * edge * depth)[:, None]
    props = [figure.materials.index(name) for name in figure.props]
    body = mask & ~np.isin(canvas.material, props)
    return Layer(out, mask, body, canvas.nearness, canvas.material)


def is_shown(layer: Layer, point: np.ndarray, cover: float) -> bool:
    """Tell if a keypoint (3,) is not hidden behind the figure's own body.

    ``cover`` is in image pixels: how much nearer the drawn surface may be.
    """
    x, y = (int(round((v + 0.5) * SUPERSAMPLE - 0.5)) for v in point[:2])
    height, width = layer.mask.shape
    x, y = min(max(x, 0), width - 1), min(max(y, 0), height - 1)
    return bool(layer.nearness[y, x] - point[2] <= cover)
