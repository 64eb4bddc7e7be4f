"""Colour the surface of an instrument: tube, metal, highlights, reflected tissue."""

import numpy as np

from .body import MATERIALS
from .kinds import Instrument

PIN = (34, 32, 34)
SHINE = {'tube': 0.35, 'band': 0.8, 'wrist': 1.0, 'pin': 0.2, 'clasper': 1.0}


def metal_colours(
    kind: Instrument,
    material: np.ndarray,
    along: np.ndarray,
    radius: np.ndarray,
    normal: np.ndarray,
    lamp: np.ndarray,
    around: np.ndarray,
) -> np.ndarray:
    """Return unlit colours (N, 3) in 0 to 255.

    Args:
        kind (Instrument): The instrument.
        material (np.ndarray): (N,) index into ``MATERIALS``.
        along (np.ndarray): (N,) distance along the part, image heights.
        radius (np.ndarray): (N,) radius of the part there, image heights.
        normal (np.ndarray): (N, 3) surface normal: right, down, to the viewer.
        lamp (np.ndarray): (3,) unit vector to the lamp, same axes.
        around (np.ndarray): (3,) colour of the tissue, which metal reflects.
    """
    colours = dict(
        tube=kind.tube, band=kind.band, wrist=kind.metal, pin=PIN, clasper=kind.jaw
    )
    table = np.array([colours[m] for m in MATERIALS], np.float32)
    shine = kind.gloss * np.array([SHINE[m] for m in MATERIALS], np.float32)[material]
    colour = table[material]
    if kind.teeth:
        ridge = np.sin(2 * np.pi * kind.teeth * along) > 0.4
        colour[ridge & (material == MATERIALS.index('clasper'))] *= 0.72
    rim = (0.55 * shine * (1 - normal[:, 2]) ** 2)[:, None]
    colour += rim * (np.float32(around) - colour)
    middle = lamp + (0, 0, 1)
    glint = np.maximum(normal @ (middle / np.linalg.norm(middle)), 0)
    # Two lobes: the sheen of brushed metal and the image of the lamp.
    colour += (shine * (46 * glint**6 + 200 * glint**60))[:, None]
    return colour.astype(np.float32)
