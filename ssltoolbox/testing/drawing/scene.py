"""Compose one image: background, figures, occluders, and its ground truth."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np

from .figure import NUM_KEYPOINTS, Figure
from .occluder import Occluders
from .palette import PALETTES, Colours
from .place import place, place_beside
from .render import SUPERSAMPLE, Camera, Layer, Paint, extent, is_shown, render
from .scenery import background, finish


class Model(NamedTuple):
    """A figure before it has a place in the image.

    ``kind`` says what it is; ``rotation`` (3, 3) is that of :class:`Camera`.
    """

    kind: Any
    figure: Figure
    rotation: np.ndarray
    paint: Paint


Sitter = Callable[[np.random.Generator], Model]
"""Draws a figure in a random pose."""


class Instance(NamedTuple):
    """Ground truth in image pixels.

    ``box`` is x, y, w, h; ``area`` is that of the drawn figure, hidden parts too;
    ``keypoints`` (17, 3) are x, y, visibility.
    """

    kind: Any
    box: tuple[int, int, int, int]
    area: float
    keypoints: np.ndarray


class Scene(NamedTuple):
    """``image`` is RGB uint8 (H, W, 3); ``palette`` names its background."""

    image: np.ndarray
    instances: list[Instance]
    palette: int


class _Actor(NamedTuple):
    kind: Any
    figure: Figure
    camera: Camera
    layer: Layer


def compose(
    sitters: Sequence[Sitter],
    size: tuple[int, int],
    rng: np.random.Generator,
    colours: Colours,
) -> Scene:
    """Draw the figures into one image, the first one in front.

    Args:
        sitters (Sequence[Sitter]): One, or two; the second figure stands beside the
            first and is left out when there is no room.
        size (tuple): Width and height of the image in pixels.
        rng (np.random.Generator): Decides everything else.
        colours (Colours): Of the figures; the clutter has them too.
    """
    width, height = size
    palette = int(rng.integers(len(PALETTES)))
    canvas = background(
        rng, width * SUPERSAMPLE, height * SUPERSAMPLE, palette, colours
    )
    lamp = np.array([rng.normal(0, 0.5), -0.8, rng.uniform(0.4, 1.0)])
    lamp /= np.linalg.norm(lamp)
    actors = [_act(sitters[0], size, lamp, rng)]
    if len(sitters) > 1:
        second = _act(sitters[1], size, lamp, rng, actors[0])
        actors += [second] if second else []
    for actor in reversed(actors):
        _shadow(canvas, actor, rng)
        mask = actor.layer.mask
        canvas[mask] = actor.layer.colour[mask] + rng.normal(0, 4, (mask.sum(), 1))
    occluders = Occluders(rng, canvas, palette)
    if rng.random() < 0.4:
        occluders.scatter(SUPERSAMPLE * extent(actors[0].figure, actors[0].camera))
    image = finish(rng, cv2.resize(canvas, size, interpolation=cv2.INTER_AREA))
    hidden, instances = occluders.mask.copy(), []
    for actor in actors:
        instances.append(_truth(actor, hidden))
        hidden |= actor.layer.mask
    shown = [i for i in instances[1:] if (i.keypoints[:, 2] == 2).sum() >= 4]
    return Scene(image, instances[:1] + shown, palette)


def _act(
    sitter: Sitter,
    size: tuple[int, int],
    lamp: np.ndarray,
    rng: np.random.Generator,
    first: _Actor | None = None,
) -> _Actor | None:
    """Draw one figure; beside ``first`` if given, None when there is no room."""
    kind, figure, rotation, paint = sitter(rng)
    if first is None:
        camera = place(figure, rotation, size, rng)
    else:
        taken = extent(first.figure, first.camera)
        camera = place_beside(figure, rotation, size, rng, taken)
        if camera is None:
            return None
    return _Actor(kind, figure, camera, render(figure, camera, size, lamp, paint))


def _shadow(canvas: np.ndarray, actor: _Actor, rng: np.random.Generator) -> None:
    """Darken the ground below the feet."""
    points = SUPERSAMPLE * actor.camera.project(actor.figure.keypoints)[:, :2]
    feet = points[list(actor.figure.ground)]
    centre = (float(feet[:, 0].mean()), float(np.sort(feet[:, 1])[-2:].mean()))
    reach = max(float(np.ptp(points[:, 0])) * 0.46, 4.0)
    shade = np.zeros(canvas.shape[:2], np.float32)
    cv2.ellipse(shade, (centre, (2 * reach, 0.32 * reach), 0.0), 1.0, -1)
    shade = cv2.GaussianBlur(shade, (0, 0), 0.06 * reach + 1)
    canvas *= 1 - rng.uniform(0.15, 0.5) * shade[..., None]


def _truth(actor: _Actor, hidden: np.ndarray) -> Instance:
    """Measure box and keypoints; ``hidden`` is what stands in front, fine canvas."""
    height, width = (n // SUPERSAMPLE for n in hidden.shape)
    points = actor.camera.project(actor.figure.keypoints)
    keypoints = np.zeros((NUM_KEYPOINTS, 3))
    for i, point in enumerate(points):
        x, y = np.round(point[:2], 2)
        if not (0 <= x <= width - 1 and 0 <= y <= height - 1):
            continue
        row, col = (int(round((v + 0.5) * SUPERSAMPLE - 0.5)) for v in (y, x))
        cover = actor.camera.scale * actor.figure.cover[i]
        clear = is_shown(actor.layer, point, cover) and not hidden[row, col]
        keypoints[i] = x, y, 2 if clear else 1
    body = actor.layer.body
    rows = np.flatnonzero(body.any(1))[[0, -1]] // SUPERSAMPLE
    cols = np.flatnonzero(body.any(0))[[0, -1]] // SUPERSAMPLE
    box = (int(cols[0]), int(rows[0]), int(np.ptp(cols)) + 1, int(np.ptp(rows)) + 1)
    return Instance(actor.kind, box, float(body.sum()) / SUPERSAMPLE**2, keypoints)
