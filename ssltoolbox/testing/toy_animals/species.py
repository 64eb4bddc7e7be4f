"""Describe the toy species: proportions, coat and markings."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ssltoolbox.testing.drawing.palette import Colour


@dataclass(frozen=True)
class Species:
    """One species. Lengths and radii are in trunk lengths (shoulder to hip).

    Args:
        family (str): Biological family, the AP-10K super-category.
        trunk (tuple): Radii of rump, belly and chest.
        fore (tuple): Lengths shoulder-elbow, elbow-wrist, wrist-paw.
        hind (tuple): Lengths hip-knee, knee-hock, hock-paw.
        limb (tuple): Limb radii at the body, at the middle joint, at the paw.
        neck (tuple): Length, radius at the body, radius at the head.
        neck_angle (float): Rest angle above the horizontal, degrees.
        head (tuple): Skull radius, muzzle length, muzzle radius.
        ear (tuple): Length, radius at the skull, splay from upright in degrees.
        tail (tuple): Length, radius at the root, radius at the tip.
        tail_angle (float): Rest angle above the horizontal, degrees.
        horns (str): ``''``, ``'side'`` or ``'back'``.
        pattern (str): One of ``PATTERNS``, drawn in the colour ``mark``.
        pattern_rate (float): Repeats per trunk length.
        rest (float): Probability of sitting or lying, in [0, 1].
    """

    name: str
    family: str
    trunk: tuple[float, float, float]
    fore: tuple[float, float, float]
    hind: tuple[float, float, float]
    limb: tuple[float, float, float]
    neck: tuple[float, float, float]
    neck_angle: float
    head: tuple[float, float, float]
    ear: tuple[float, float, float]
    tail: tuple[float, float, float]
    tail_angle: float
    coat: Colour
    belly: Colour
    mark: Colour
    sock: Colour
    paw: Colour
    mane: Colour | None
    tail_tip: Colour
    muzzle: Colour
    nose: Colour
    pattern: str
    pattern_rate: float
    horns: str = ''
    rest: float = 0.1


def individual(species: Species, rng: np.random.Generator) -> Species:
    """Return one animal of the species: proportions and colours vary a little."""

    def stretch(lengths: tuple, spread: float) -> tuple:
        return tuple(
            np.array(lengths)
            * rng.normal(1, spread, len(lengths)).clip(1 - 2 * spread, 1 + 2 * spread)
        )

    tint = rng.normal(0, 3.5, 3) + rng.normal(0, 11)

    def tinted(colour: Colour | None) -> Colour | None:
        if colour is None:
            return None
        red, green, blue = np.clip(np.array(colour) + tint, 8, 252)
        return int(red), int(green), int(blue)

    lengths = {
        'trunk': 0.07,
        'fore': 0.05,
        'hind': 0.05,
        'limb': 0.08,
        'neck': 0.08,
        'head': 0.06,
        'tail': 0.1,
    }
    colours = ('coat', 'belly', 'mark', 'sock', 'mane', 'tail_tip', 'muzzle')
    changes: dict[str, Any] = {
        **{k: stretch(getattr(species, k), s) for k, s in lengths.items()},
        **{k: tinted(getattr(species, k)) for k in colours},
        'pattern_rate': species.pattern_rate * float(rng.uniform(0.85, 1.2)),
    }
    return replace(species, **changes)
