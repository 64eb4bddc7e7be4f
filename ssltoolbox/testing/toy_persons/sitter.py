"""Draw a person: looks, pose and the colours of skin and clothes."""

from functools import partial

import numpy as np

from ssltoolbox.testing.drawing.palette import Colours
from ssltoolbox.testing.drawing.pattern import pattern
from ssltoolbox.testing.drawing.render import view_rotation
from ssltoolbox.testing.drawing.scene import Model

from .body import MATERIALS, build
from .person import SHIRTS, SKINS, TROUSERS, Person, sample_person
from .pose import sample_pose

COLOURS: Colours = SKINS + SHIRTS + TROUSERS
"""What the clutter around the persons is coloured like, RGB."""

SEAT = (136, 98, 66)
STRIPES_PER_TRUNK = 4.5


def person(rng: np.random.Generator) -> Model:
    """Draw one person in a random pose."""
    one, pose = sample_person(rng), sample_pose(rng)
    rotation = view_rotation(pose.yaw, pose.elevation, pose.roll)
    return Model('person', build(one, pose), rotation, partial(colours, one, rng=rng))


def colours(
    one: Person,
    material: np.ndarray,
    along: np.ndarray,
    radius: np.ndarray,
    normal: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return unlit colours (N, 3) in 0 to 255, as :data:`.Paint` gets its points."""
    table = _table(one)
    colour = table[material]
    where = np.stack([along, radius * normal[:, 1], radius * normal[:, 2]], 1)
    shirt = material == MATERIALS.index('shirt')
    share = pattern(one.pattern, STRIPES_PER_TRUNK, where, rng)[:, None]
    colour[shirt] += share[shirt] * (np.float32(one.mark) - colour[shirt])
    # Folds of cloth and strands of hair.
    folds = 1 + 0.16 * (pattern('plain', 2.0, where, rng) - 0.13)
    return colour * folds[:, None].astype(np.float32)


def _table(one: Person) -> np.ndarray:
    skin = np.array(one.skin, float)
    named = {
        'skin': skin,
        'ear': 0.9 * skin + (12, 0, 0),
        'nose': 0.88 * skin + (22, 0, 0),
        'mouth': 0.5 * skin + (66, 6, 10),
        'white': (250, 248, 244),
        'pupil': (22, 18, 20),
        'hair': one.hair,
        'cap': one.gear,
        'shirt': one.shirt,
        # A badge differs from every shirt, dark or pale.
        'badge': (44, 40, 48) if np.mean(one.shirt) > 120 else (244, 240, 226),
        'trousers': one.trousers,
        'shoe': one.shoe,
        'toe': (240, 236, 228),
        'pack': one.gear,
        'seat': SEAT,
    }
    return np.array([named[name] for name in MATERIALS], np.float32)
