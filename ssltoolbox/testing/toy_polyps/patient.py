"""Say what all pictures of a patient have in common: endoscope, mucosa, polyps."""

from typing import NamedTuple

import numpy as np

# RGB of mucosa: ground, second ground, pale patches.
MUCOSAE = (
    ((206, 128, 108), (184, 94, 80), (228, 168, 140)),
    ((202, 122, 98), (182, 96, 78), (224, 158, 126)),
    ((212, 142, 116), (194, 114, 92), (232, 180, 148)),
    ((194, 116, 106), (176, 92, 86), (220, 154, 138)),
    ((206, 128, 118), (186, 102, 96), (230, 166, 150)),
)
# What is added to the mucosa to get a polyp: redder, towards orange or purple.
TINTS = ((14, -40, -32), (2, -44, -28), (18, -32, -40), (-8, -44, -20))
SIZES = ((160, 128), (176, 132))
FRAMES = ('octagon', 'disc', 'inset', 'full')
TEXTURES = ('smooth', 'pitted', 'gyrate')


class Patient(NamedTuple):
    """One examination.

    Args:
        size (tuple): Width and height of the images in pixels.
        frame (str): Shape of the visible part, one of ``FRAMES``.
        mucosa (np.ndarray): (3, 3) RGB of ground, second ground and pale patches.
        tint (np.ndarray): (3,) RGB of a polyp, less that of the mucosa.
        texture (str): Of the polyps, one of ``TEXTURES``.
        vessels (float): How clearly vessels show, 0 to 1.
        folds (float): Folds per e-fold of the distance from the lumen.
        wetness (float): How much of the surface shines, 0 to 1.
        dirt (float): Expected number of pieces of residue in a picture.
        cast (np.ndarray): (3,) gain of the colours of the camera.
        noise (float): Deviation of the sensor's noise, of 255.
    """

    size: tuple[int, int]
    frame: str
    mucosa: np.ndarray
    tint: np.ndarray
    texture: str
    vessels: float
    folds: float
    wetness: float
    dirt: float
    cast: np.ndarray
    noise: float


def sample_patient(rng: np.random.Generator) -> Patient:
    """Draw a patient."""
    return Patient(
        size=SIZES[rng.integers(len(SIZES))],
        frame=FRAMES[rng.integers(len(FRAMES))],
        mucosa=np.array(MUCOSAE[rng.integers(len(MUCOSAE))]) + rng.normal(0, 4, 3),
        tint=np.array(TINTS[rng.integers(len(TINTS))]) * rng.uniform(0.7, 1.25),
        texture=TEXTURES[rng.integers(len(TEXTURES))],
        vessels=float(rng.uniform(0, 1)),
        folds=float(rng.uniform(1.1, 2.0)),
        wetness=float(rng.uniform(0.2, 1)),
        dirt=float(rng.uniform(0, 2)),
        cast=rng.uniform(0.85, 1.1) * (1 + rng.normal(0, 0.04, 3)),
        noise=float(rng.uniform(2, 5)),
    )
