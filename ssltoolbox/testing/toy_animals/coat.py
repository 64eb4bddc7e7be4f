"""Colour the surface of a toy animal: coat pattern, pale belly and markings."""

import numpy as np

from ssltoolbox.testing.drawing.pattern import pattern

from .body import MATERIALS
from .species import Species

HORN = (206, 190, 156)
RIM = (250, 246, 224)
EYE = (14, 12, 16)
EAR = (214, 152, 144)


def coat_colours(
    species: Species,
    material: np.ndarray,
    along: np.ndarray,
    radius: np.ndarray,
    normal: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return unlit colours (N, 3) in 0 to 255.

    Args:
        species (Species): The animal.
        material (np.ndarray): (N,) index into ``MATERIALS``.
        along (np.ndarray): (N,) distance along the body part, trunk lengths.
        radius (np.ndarray): (N,) radius of the part there, trunk lengths.
        normal (np.ndarray): (N, 3) surface normal in the animal's axes.
        rng (np.random.Generator): Places the pattern.
    """
    table, patterned, shaded = _tables(species)
    colour = table[material]
    where = np.stack([along, radius * normal[:, 1], radius * normal[:, 2]], 1)
    weight = pattern(species.pattern, species.pattern_rate, where, rng)
    weight *= patterned[material]
    belly = np.clip(-1.9 * normal[:, 1] - 0.75, 0, 1) * shaded[material]
    colour += belly[:, None] * (np.float32(species.belly) - colour)
    colour += (weight * (1 - 0.7 * belly))[:, None] * (
        np.float32(species.mark) - colour
    )
    return colour


def _tables(species: Species) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return colour, pattern share and belly share of every material."""
    coat, sock, mark = (
        np.array(c, float) for c in (species.coat, species.sock, species.mark)
    )
    limb = 0.5 * coat + 0.5 * sock
    # A joint differs from its limb in every coat, dark or pale.
    tone = 0.72 if limb.mean() > 110 else 1.4
    colours = {
        'coat': coat,
        'limb': limb,
        'sock': sock,
        'joint': tone * limb + 0.06 * mark,
        'paw': species.paw,
        'mane': species.mane or species.mark,
        'tail_tip': species.tail_tip,
        'muzzle': species.muzzle,
        'nose': species.nose,
        'rim': RIM,
        'eye': EYE,
        'horn': HORN,
        'ear': EAR,
    }
    patterned = {'coat': 1.0, 'limb': 0.9, 'sock': 0.45, 'joint': 0.25}
    shaded = {'coat': 1.0, 'limb': 0.25}
    return (
        np.array([colours[m] for m in MATERIALS], np.float32),
        np.array([patterned.get(m, 0) for m in MATERIALS], np.float32),
        np.array([shaded.get(m, 0) for m in MATERIALS], np.float32),
    )
