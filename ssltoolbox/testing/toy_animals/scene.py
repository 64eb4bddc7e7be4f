"""Compose one image: background, animals, occluders, and its ground truth."""

from typing import NamedTuple

import cv2
import numpy as np

from .body import Figure, build
from .occluder import Occluders
from .palette import PALETTES
from .place import place, place_beside
from .pose import sample_pose
from .render import SUPERSAMPLE, Camera, Layer, extent, is_shown, render, view_rotation
from .scenery import background, finish
from .species import Species, individual


class Animal(NamedTuple):
    """Ground truth: ``box`` is x, y, w, h; ``keypoints`` (17, 3) are x, y, v."""

    species: Species
    box: tuple[int, int, int, int]
    keypoints: np.ndarray


class Scene(NamedTuple):
    """``image`` is RGB uint8 (H, W, 3); ``palette`` names its background."""

    image: np.ndarray
    animals: list[Animal]
    palette: int


class _Actor(NamedTuple):
    species: Species
    figure: Figure
    camera: Camera
    layer: Layer


def compose(
    species: list[Species], size: tuple[int, int], rng: np.random.Generator
) -> Scene:
    """Draw the animals into one image, the first one in front.

    Args:
        species (list[Species]): One species, or two; the second animal stands
            beside the first and is left out when there is no room.
        size (tuple): Width and height of the image in pixels.
        rng (np.random.Generator): Decides everything else.
    """
    width, height = size
    palette = int(rng.integers(len(PALETTES)))
    canvas = background(rng, width * SUPERSAMPLE, height * SUPERSAMPLE, palette)
    lamp = np.array([rng.normal(0, 0.5), -0.8, rng.uniform(0.4, 1.0)])
    lamp /= np.linalg.norm(lamp)
    actors = [_act(species[0], size, lamp, rng)]
    if len(species) > 1:
        second = _act(species[1], size, lamp, rng, actors[0])
        actors += [second] if second else []
    for actor in reversed(actors):
        _shadow(canvas, actor, rng)
        mask = actor.layer.mask
        canvas[mask] = actor.layer.colour[mask] + rng.normal(0, 4, (mask.sum(), 1))
    occluders = Occluders(rng, canvas, palette)
    if rng.random() < 0.4:
        occluders.scatter(SUPERSAMPLE * extent(actors[0].figure, actors[0].camera))
    image = finish(rng, cv2.resize(canvas, size, interpolation=cv2.INTER_AREA))
    hidden, animals = occluders.mask.copy(), []
    for actor in actors:
        animals.append(_truth(actor, hidden))
        hidden |= actor.layer.mask
    shown = [a for a in animals[1:] if (a.keypoints[:, 2] == 2).sum() >= 4]
    return Scene(image, animals[:1] + shown, palette)


def _act(
    species: Species,
    size: tuple[int, int],
    lamp: np.ndarray,
    rng: np.random.Generator,
    first: _Actor | None = None,
) -> _Actor | None:
    """Draw one animal; beside ``first`` if given, None when there is no room."""
    one = individual(species, rng)
    pose = sample_pose(one, rng)
    figure, rotation = build(one, pose), view_rotation(pose)
    if first is None:
        camera = place(figure, rotation, size, rng)
    else:
        taken = extent(first.figure, first.camera)
        camera = place_beside(figure, rotation, size, rng, taken)
        if camera is None:
            return None
    return _Actor(species, figure, camera, render(figure, one, camera, size, lamp, rng))


def _shadow(canvas: np.ndarray, actor: _Actor, rng: np.random.Generator) -> None:
    """Darken the ground below the paws."""
    points = SUPERSAMPLE * actor.camera.project(actor.figure.keypoints)[:, :2]
    paws = points[[7, 10, 13, 16]]
    centre = (float(paws[:, 0].mean()), float(np.sort(paws[:, 1])[-2:].mean()))
    reach = max(float(np.ptp(points[:, 0])) * 0.46, 4.0)
    shade = np.zeros(canvas.shape[:2], np.float32)
    cv2.ellipse(shade, (centre, (2 * reach, 0.32 * reach), 0.0), 1.0, -1)
    shade = cv2.GaussianBlur(shade, (0, 0), 0.06 * reach + 1)
    canvas *= 1 - rng.uniform(0.15, 0.5) * shade[..., None]


def _truth(actor: _Actor, hidden: np.ndarray) -> Animal:
    """Measure box and keypoints; ``hidden`` is what stands in front, fine canvas."""
    height, width = (n // SUPERSAMPLE for n in hidden.shape)
    points = actor.camera.project(actor.figure.keypoints)
    keypoints = np.zeros((17, 3))
    for i, point in enumerate(points):
        x, y = np.round(point[:2], 2)
        if not (0 <= x <= width - 1 and 0 <= y <= height - 1):
            continue
        row, col = (int(round((v + 0.5) * SUPERSAMPLE - 0.5)) for v in (y, x))
        cover = actor.camera.scale * actor.figure.cover[i]
        clear = is_shown(actor.layer, point, cover) and not hidden[row, col]
        keypoints[i] = x, y, 2 if clear else 1
    rows = np.flatnonzero(actor.layer.mask.any(1))[[0, -1]] // SUPERSAMPLE
    cols = np.flatnonzero(actor.layer.mask.any(0))[[0, -1]] // SUPERSAMPLE
    box = (int(cols[0]), int(rows[0]), int(np.ptp(cols)) + 1, int(np.ptp(rows)) + 1)
    return Animal(actor.species, box, keypoints)
