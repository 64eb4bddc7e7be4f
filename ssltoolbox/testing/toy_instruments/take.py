"""Draw a take: some frames of one place, in which everything moves smoothly."""

from functools import partial
from typing import NamedTuple

import cv2
import numpy as np

from ssltoolbox.testing.drawing.lens import lens
from ssltoolbox.testing.drawing.palette import fractal
from ssltoolbox.testing.drawing.render import SUPERSAMPLE, Camera, Layer, render

from .body import MATERIALS, TUBE, build
from .effects import Smoke, bleed, cover, lamp_field, sample_flap
from .kinds import Instrument, individual
from .metal import metal_colours
from .pose import Trajectory, Wave
from .scenario import Scenario

NOTHING, SHAFT, TIP = range(3)
CLASSES = ('background', 'shaft', 'tip')
"""Of the segmentation masks; the tip is the wrist with its claspers."""
HIDDEN, SHOWN = 1, 2
ROOM = 1.35
"""Size of the painted ground in images: the camera moves over it."""


class Frame(NamedTuple):
    """One picture with its truth.

    ``image`` is RGB uint8 (H, W, 3); ``mask`` uint8 (H, W) has the classes of
    ``CLASSES``; ``instruments`` are keypoints (5, 3): x, y in image pixels, and
    ``HIDDEN`` or ``SHOWN``. A joint is hidden behind tissue or another instrument.
    """

    image: np.ndarray
    mask: np.ndarray
    instruments: list[np.ndarray]


class _Actor(NamedTuple):
    kind: Instrument
    way: Trajectory


class Take:
    """One place, its instruments and their ways.

    Args:
        rng (np.random.Generator): Decides everything but blur and noise of frames.
        scenario (Scenario): Of the video.
        size (tuple): Width and height of the image in pixels.
    """

    def __init__(
        self, rng: np.random.Generator, scenario: Scenario, size: tuple[int, int]
    ) -> None:
        self.size = size
        self.fine = width, height = size[0] * SUPERSAMPLE, size[1] * SUPERSAMPLE
        aspect = size[0] / size[1]
        zoom = float(rng.uniform(0.82, 1.12))
        self.actors = []
        for sides in scenario.sides:
            kind = scenario.kinds[rng.integers(len(scenario.kinds))]
            side = sides[rng.integers(len(sides))]
            way = Trajectory(rng, side, aspect, kind.opening)
            self.actors.append(_Actor(individual(kind, zoom, rng), way))
        self.order = rng.permutation(len(self.actors))
        self.ground = scenario.ground(rng, int(ROOM * width), int(ROOM * height))
        self.around = self.ground.mean((0, 1))
        self.waves = [Wave(rng, -reach, reach, 40) for reach in (0.12, 0.12, 6.0, 0.06)]
        lamp = np.array([*rng.normal(0, 0.3, 2), 1])
        self.lamp = lamp / np.linalg.norm(lamp)
        self.cast = (-0.14 * self.lamp[:2], rng.uniform(0.3, 0.6))
        self.light = lamp_field(rng, self.fine)
        self.noise = rng.uniform(2, 6)
        flap, smoke, blood = rng.random(3) < (
            scenario.flap, scenario.smoke, scenario.blood)  # fmt: skip
        self.flap = sample_flap(rng, aspect) if flap else None
        self.front = scenario.ground(rng, width, height) if flap else None
        density = rng.uniform(0.25, 0.75)
        self.smoke = Smoke(rng, self.fine, density) if smoke else None
        stain = fractal(rng, width, height, 4) - rng.uniform(0.9, 1.4)
        self.film = 0.5 * np.clip(2 * stain, 0, 1) if blood else None

    def draw(self, frame: int, rng: np.random.Generator, empty: bool = False) -> Frame:
        """Draw one frame.

        Args:
            frame (int): Its place in the take.
            rng (np.random.Generator): Of this frame: blur and noise.
            empty (bool): Leave the instruments out.
        """
        shift = np.array([wave.at(frame) for wave in self.waves[:2]])
        canvas = self._ground(frame, shift)
        classes = np.zeros(canvas.shape[:2], np.uint8)
        truth = {} if empty else self._act(frame, rng, canvas, classes)
        if self.flap is not None:
            hiding = self.flap.mask(-shift, classes.shape)
            cover(canvas, hiding, self.front)
            classes[hiding] = NOTHING
            for keypoints in truth.values():
                keypoints[_at(hiding, keypoints), 2] = HIDDEN
        if self.film is not None:
            bleed(canvas, self.film)
        canvas *= self.light
        if self.smoke is not None:
            self.smoke.over(canvas, frame)
        image = cv2.resize(canvas, self.size, interpolation=cv2.INTER_AREA)
        image = lens(rng, np.clip(image, 0, 255), self._speed(frame, rng), self.noise)
        instruments = [truth[i].round(2) for i in sorted(truth)]
        return Frame(image, _shrunk(classes), instruments)

    def _ground(self, frame: int, shift: np.ndarray) -> np.ndarray:
        """Show the ground from where the camera is now, (H, W, 3) fine canvas."""
        width, height = self.fine
        angle, nearer = (wave.at(frame) for wave in self.waves[2:])
        middle = 0.5 * np.array(self.ground.shape[1::-1]) + shift * height
        matrix = cv2.getRotationMatrix2D(tuple(middle), angle, 1.06 + nearer)
        matrix[:, 2] += 0.5 * np.array(self.fine) - middle
        return cv2.warpAffine(
            self.ground, matrix, self.fine, borderMode=cv2.BORDER_REFLECT
        )

    def _act(self, frame, rng, canvas, classes) -> dict[int, np.ndarray]:
        """Draw the instruments, the last in order in front; return their keypoints."""
        camera = Camera(np.eye(3), float(self.size[1]), np.zeros(2))
        truth: dict[int, np.ndarray] = {}
        for index in self.order:
            kind, way = self.actors[index]
            figure = build(kind, way.at(frame), self.size)
            paint = partial(metal_colours, kind, lamp=self.lamp, around=self.around)
            layer = render(figure, camera, self.size, self.lamp, paint)
            for keypoints in truth.values():
                keypoints[_at(layer.mask, keypoints), 2] = HIDDEN
            self._paste(canvas, classes, layer, rng)
            keypoints = camera.project(figure.keypoints)
            keypoints[:, 2] = SHOWN
            truth[int(index)] = keypoints
        return truth

    def _paste(self, canvas, classes, layer: Layer, rng) -> None:
        """Lay an instrument and its shadow over the canvas."""
        offset, dark = self.cast
        height = canvas.shape[0]
        move = np.float32([[1, 0, offset[0] * height], [0, 1, offset[1] * height]])
        shadow = cv2.warpAffine(layer.mask.astype(np.float32), move, self.fine)
        shadow = cv2.GaussianBlur(shadow, (0, 0), 0.022 * height)
        canvas *= 1 - dark * shadow[..., None]
        grain = rng.normal(0, 3, (int(layer.mask.sum()), 1))
        canvas[layer.mask] = layer.colour[layer.mask] + grain
        tube = np.isin(layer.material, [MATERIALS.index(name) for name in TUBE])
        classes[layer.mask] = np.where(tube, SHAFT, TIP)[layer.mask]

    def _speed(self, frame: int, rng: np.random.Generator) -> np.ndarray:
        """Return how far things move while the shutter is open, image heights."""
        way = self.actors[0].way
        step = way.at(frame + 0.5).place - way.at(frame - 0.5).place
        return rng.uniform(0.5, 1.5) * step + rng.normal(0, 0.01, 2)


def _at(mask: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Tell which keypoints (5, 3) lie in a mask (H, W) of the fine canvas; (5,)."""
    fine = np.round((keypoints[:, :2] + 0.5) * SUPERSAMPLE - 0.5).astype(int)
    cols, rows = np.clip(fine.T, 0, np.array(mask.shape[::-1])[:, None] - 1)
    return mask[rows, cols]


def _shrunk(classes: np.ndarray) -> np.ndarray:
    """Give each image pixel the class that covers at least half of it."""
    height, width = (n // SUPERSAMPLE for n in classes.shape)
    blocks = classes.reshape(height, SUPERSAMPLE, width, SUPERSAMPLE)
    shaft, tip = ((blocks == c).mean((1, 3)) for c in (SHAFT, TIP))
    drawn = np.where(tip >= shaft, TIP, SHAFT)
    return np.where(shaft + tip >= 0.5, drawn, NOTHING).astype(np.uint8)
