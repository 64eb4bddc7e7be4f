"""Draw what a toy person looks like: proportions, skin, hair and clothes."""

from dataclasses import dataclass

import numpy as np

from ssltoolbox.testing.drawing.palette import Colour, Colours

SKINS: Colours = (
    (250, 220, 196),
    (240, 200, 168),
    (226, 178, 138),
    (198, 146, 104),
    (158, 108, 74),
    (118, 78, 54),
    (92, 60, 44),
)
HAIRS: Colours = (
    (34, 28, 28),
    (58, 40, 32),
    (98, 66, 42),
    (150, 104, 60),
    (222, 188, 116),
    (176, 84, 40),
    (176, 174, 172),
)
SHIRTS: Colours = (
    (204, 52, 48),
    (40, 92, 170),
    (62, 136, 92),
    (240, 196, 64),
    (236, 236, 230),
    (56, 58, 68),
    (232, 122, 52),
    (126, 84, 156),
    (98, 178, 196),
    (222, 132, 156),
    (120, 44, 60),
    (154, 160, 166),
)
TROUSERS: Colours = (
    (54, 74, 112),
    (94, 118, 156),
    (44, 44, 50),
    (120, 118, 116),
    (172, 150, 112),
    (86, 92, 62),
    (104, 72, 54),
    (206, 202, 192),
)
SHOES: Colours = ((40, 38, 42), (110, 72, 48), (178, 44, 48), (52, 72, 128))

HAIR_STYLES = ('short', 'short', 'long', 'long', 'bun', 'curly', 'cap', 'bald')
FRONTS = ('badge', 'badge', 'zip', 'buttons', '')


@dataclass(frozen=True)
class Person:
    """One person. Lengths and radii are in trunk lengths (shoulders to hips).

    Args:
        head (float): Radius of the skull.
        shoulder (float): Half the distance of the shoulder joints.
        hip (float): Half the distance of the hip joints.
        arm (tuple): Lengths shoulder-elbow and elbow-wrist.
        leg (tuple): Lengths hip-knee and knee-ankle.
        girth (float): Factor of all radii of trunk and limbs.
        hair_style (str): One of ``HAIR_STYLES``.
        beard (bool): In the colour of the hair.
        sleeve (float): Share of the arm that is covered, in [0, 1].
        legwear (str): ``'trousers'``, ``'shorts'`` or ``'skirt'``.
        pattern (str): Of the shirt, drawn in the colour ``mark``.
        front (str): On the chest: ``'badge'``, ``'zip'``, ``'buttons'`` or ``''``.
        pack (bool): Wears a backpack.
    """

    head: float
    shoulder: float
    hip: float
    arm: tuple[float, float]
    leg: tuple[float, float]
    girth: float
    skin: Colour
    hair: Colour
    shirt: Colour
    mark: Colour
    trousers: Colour
    shoe: Colour
    gear: Colour
    hair_style: str
    beard: bool
    sleeve: float
    legwear: str
    pattern: str
    front: str
    pack: bool


def sample_person(rng: np.random.Generator) -> Person:
    """Draw a person; every fifth one is a child with a larger head."""
    child = rng.random() < 0.2
    limb, wide = (0.86, 0.94) if child else (1.0, 1.0)
    tall = rng.normal(1, 0.03)
    style = _choose(rng, HAIR_STYLES)
    legwear = 'trousers' if rng.random() < 0.6 else _choose(rng, ('shorts', 'skirt'))
    return Person(
        head=float((0.325 if child else 0.275) * rng.normal(1, 0.03)),
        shoulder=float(wide * rng.uniform(0.33, 0.4)),
        hip=float(wide * rng.uniform(0.17, 0.21)),
        arm=(float(0.62 * limb * tall), float(0.54 * limb * tall)),
        leg=(float(0.86 * limb * tall), float(0.84 * limb * tall)),
        girth=float(rng.uniform(0.9, 1.18)),
        skin=_tinted(rng, SKINS),
        hair=_tinted(rng, HAIRS),
        shirt=_tinted(rng, SHIRTS),
        mark=_tinted(rng, SHIRTS),
        trousers=_tinted(rng, TROUSERS),
        shoe=_tinted(rng, SHOES),
        gear=_tinted(rng, SHIRTS),
        hair_style=style,
        beard=bool(not child and style != 'bun' and rng.random() < 0.15),
        sleeve=float(_choose(rng, (0.0, 0.3, 0.3, 1.0, 1.0))),
        legwear=legwear,
        pattern=_choose(rng, ('plain', 'plain', 'plain', 'stripes', 'spots')),
        front=_choose(rng, FRONTS),
        pack=bool(rng.random() < 0.12),
    )


def _choose(rng: np.random.Generator, options: tuple):
    return options[rng.integers(len(options))]


def _tinted(rng: np.random.Generator, colours: Colours) -> Colour:
    shade = np.array(_choose(rng, colours)) + rng.normal(0, 5, 3) + rng.normal(0, 8)
    red, green, blue = np.clip(shade, 10, 250)
    return int(red), int(green), int(blue)
