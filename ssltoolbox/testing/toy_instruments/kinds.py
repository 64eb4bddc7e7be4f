"""Describe the toy instruments: geometry and colours, seen in training or not."""

from dataclasses import dataclass, replace

import numpy as np

from ssltoolbox.testing.drawing.palette import Colour


@dataclass(frozen=True)
class Instrument:
    """One kind of instrument. Lengths and radii are in image heights.

    Args:
        shaft (float): Radius of the shaft at its tip end.
        wrist (tuple): Length from shaft to head, radius at the shaft, at the head.
        claspers (tuple): Length, radius at the head, radius at the tip.
        shape (tuple): Of a clasper, as (along, outward, bow) in clasper lengths:
            outward is mirrored between the claspers, bow bends both to the left.
        opening (tuple): Smallest and largest angle between the claspers, degrees.
        teeth (float): Ridges per image height on the claspers; 0 for none.
        tube (Colour): Of the shaft, RGB, as all colours.
        band (Colour): Of the rings at the tip end of the shaft.
        metal (Colour): Of the wrist.
        jaw (Colour): Of the claspers.
        gloss (float): Strength of the highlights, in [0, 1].
    """

    name: str
    shaft: float
    wrist: tuple[float, float, float]
    claspers: tuple[float, float, float]
    shape: tuple[tuple[float, float, float], ...]
    opening: tuple[float, float]
    teeth: float
    tube: Colour
    band: Colour
    metal: Colour
    jaw: Colour
    gloss: float


SEEN = (
    Instrument(
        name='needle_driver',
        shaft=0.056,
        wrist=(0.14, 0.046, 0.036),
        claspers=(0.16, 0.03, 0.016),
        shape=((0, 0, 0), (0.45, 0.05, 0), (1, 0, 0)),
        opening=(3, 60),
        teeth=0,
        tube=(62, 62, 70),
        band=(150, 150, 156),
        metal=(166, 168, 176),
        jaw=(186, 186, 190),
        gloss=0.7,
    ),
    Instrument(
        name='grasper',
        shaft=0.048,
        wrist=(0.12, 0.04, 0.032),
        claspers=(0.2, 0.026, 0.014),
        shape=((0, 0, 0), (0.35, 0.11, 0), (0.75, 0.09, 0), (1, 0, 0)),
        opening=(3, 56),
        teeth=42,
        tube=(46, 50, 66),
        band=(92, 96, 110),
        metal=(150, 150, 154),
        jaw=(170, 166, 160),
        gloss=0.55,
    ),
    Instrument(
        name='dissector',
        shaft=0.05,
        wrist=(0.13, 0.036, 0.03),
        claspers=(0.18, 0.024, 0.011),
        shape=((0, 0, 0), (0.5, 0.02, 0.03), (1, 0, 0.13)),
        opening=(3, 64),
        teeth=60,
        tube=(84, 82, 84),
        band=(48, 48, 54),
        metal=(138, 142, 152),
        jaw=(160, 164, 172),
        gloss=0.6,
    ),
)
"""In training, validation and test1 to test4."""

UNSEEN = (
    Instrument(
        name='scissors',
        shaft=0.032,
        wrist=(0.085, 0.034, 0.026),
        claspers=(0.155, 0.022, 0.007),
        shape=((0, 0, 0), (0.4, 0.07, -0.02), (1, 0.02, -0.2)),
        opening=(8, 72),
        teeth=0,
        tube=(178, 176, 170),
        band=(120, 104, 60),
        metal=(96, 90, 84),
        jaw=(196, 170, 104),
        gloss=0.9,
    ),
    Instrument(
        name='clip_applier',
        shaft=0.076,
        wrist=(0.2, 0.05, 0.042),
        claspers=(0.115, 0.028, 0.02),
        shape=((0, 0, 0), (0.4, 0.2, 0), (1, 0.16, 0)),
        opening=(6, 48),
        teeth=0,
        tube=(104, 116, 138),
        band=(196, 198, 204),
        metal=(74, 78, 92),
        jaw=(104, 104, 110),
        gloss=0.4,
    ),
)
"""In test5 and test6 only."""

RETINAL = (
    Instrument(
        name='retinal_forceps',
        shaft=0.03,
        wrist=(0.17, 0.024, 0.02),
        claspers=(0.12, 0.014, 0.007),
        shape=((0, 0, 0), (0.6, 0.1, 0), (1, 0, 0)),
        opening=(8, 50),
        teeth=0,
        tube=(92, 90, 92),
        band=(150, 146, 140),
        metal=(150, 146, 140),
        jaw=(190, 186, 178),
        gloss=0.8,
    ),
)
"""In the layout of RMIT."""


def individual(kind: Instrument, zoom: float, rng: np.random.Generator) -> Instrument:
    """Return one instrument of the kind: proportions and colours vary a little.

    Args:
        kind (Instrument): The kind.
        zoom (float): Factor of all lengths, for the distance of the camera.
        rng (np.random.Generator): Decides the rest.
    """
    tint = rng.normal(0, 4, 3) + rng.normal(0, 10)

    def tinted(colour: Colour) -> Colour:
        red, green, blue = np.clip(np.array(colour) + tint, 14, 245)
        return int(red), int(green), int(blue)

    def stretched(lengths: tuple[float, float, float]) -> tuple[float, float, float]:
        one, two, three = zoom * np.array(lengths) * rng.uniform(0.93, 1.07, 3)
        return float(one), float(two), float(three)

    return replace(
        kind,
        shaft=kind.shaft * zoom * float(rng.uniform(0.93, 1.07)),
        wrist=stretched(kind.wrist),
        claspers=stretched(kind.claspers),
        tube=tinted(kind.tube),
        band=tinted(kind.band),
        metal=tinted(kind.metal),
        jaw=tinted(kind.jaw),
    )
