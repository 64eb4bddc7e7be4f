"""Draw an animal of a species: individual, pose and coat."""

from functools import partial

import numpy as np

from ssltoolbox.testing.drawing.render import view_rotation
from ssltoolbox.testing.drawing.scene import Model

from .body import build
from .coat import coat_colours
from .pose import sample_pose
from .species import Species, individual

COATS = (
    (206, 104, 40),
    (222, 174, 96),
    (240, 236, 228),
    (132, 78, 46),
    (52, 40, 36),
    (206, 188, 162),
    (96, 70, 54),
    (34, 30, 32),
)
"""What the clutter around the animals is coloured like, RGB."""


def animal(species: Species, rng: np.random.Generator) -> Model:
    """Draw one animal of the species."""
    one = individual(species, rng)
    pose = sample_pose(one, rng)
    rotation = view_rotation(pose.yaw, pose.elevation, pose.roll)
    return Model(
        species, build(one, pose), rotation, partial(coat_colours, one, rng=rng)
    )
