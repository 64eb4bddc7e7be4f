"""Draw a frame: the wall in the light of the endoscope, and its exact depth."""

from typing import NamedTuple

import cv2
import numpy as np

from .camera import Lens
from .tube import Tube
from .wall import Wall


class Frame(NamedTuple):
    """``image`` is BGR uint8 (H, W, 3), ``depth`` float64 (H, W), in tube radii.

    Depth is that along the optical axis, at the centres of the pixels, and known
    beyond the field of view, too.
    """

    image: np.ndarray
    depth: np.ndarray


class Scene(NamedTuple):
    """A tube, its wall, and the lens and lamp of the endoscope in it.

    ``exposure`` is the distance in tube radii at which a white wall is white.
    """

    tube: Tube
    wall: Wall
    lens: Lens
    exposure: float


def draw(scene: Scene, pose: np.ndarray, rng: np.random.Generator) -> Frame:
    """Draw what a camera sees.

    The lamp is at the camera: brightness is the cosine of the angle at which light
    meets the wall, over the squared distance.

    Args:
        scene: What is there.
        pose: (4, 4), camera -> world, in tube radii.
        rng: Of the noise.
    """
    lens = scene.lens
    rays = lens.rays(lens.pixels()) @ pose[:3, :3].T
    depth = scene.tube.cast(pose[:3, 3], rays)
    points = pose[:3, 3] + depth[:, None] * rays
    length = np.linalg.norm(rays, axis=1)
    normal = scene.tube.normal(points)
    cosine = np.clip(-(normal * rays).sum(1) / length, 0, 1)
    light = scene.exposure**2 / (depth * length) ** 2
    # what is wet shines where it faces the lamp, and nowhere else
    colour = scene.wall.colours(points) * (cosine * light)[:, None]
    colour += (0.5 * cosine**40 * light)[:, None]
    width, height = lens.size
    image = 255 * colour.reshape(height, width, 3)[..., ::-1]
    image = cv2.GaussianBlur(np.minimum(image, 255), (0, 0), 0.45)
    image = image + rng.normal(0, 1.2, image.shape)
    image = np.clip(image, 0, 255) * (lens.mask[..., None] / 255)
    return Frame(np.rint(image).astype(np.uint8), depth.reshape(height, width))
