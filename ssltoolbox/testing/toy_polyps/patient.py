"""Say what all pictures of a patient have in common: endoscope, mucosa, polyps."""

from typing import NamedTuple

import numpy as np

# RGB of mucosa: ground, second ground, pale patches.
MUCOSAE = (
    ((206, 128, 108), (184, 94, 80), (228, 168, 140)),
    ((196, 110, 88), (166, 76, 62), (222, 150, 112)),
    ((216, 150, 118), (196, 116, 92), (234, 186, 150)),
    ((184, 98, 96), (154, 70, 74), (212, 142, 134)),
    ((204, 118, 116), (178, 88, 94), (230, 164, 156)),
)
# What is added to the mucosa to get a polyp: redder, paler, yellower, hardly anything.
TINTS = ((14, -20, -16), (14, 18, 16), (10, 8, -18), (2, -4, -3))
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
        tint=np.array(TINTS[rng.integers(len(TINTS))]) * rng.uniform(0.5, 1.3),
        texture=TEXTURES[rng.integers(len(TEXTURES))],
        vessels=float(rng.uniform(0, 1)),
        folds=float(rng.uniform(1.1, 2.0)),
        wetness=float(rng.uniform(0.2, 1)),
        dirt=float(rng.uniform(0, 3)),
        cast=rng.uniform(0.8, 1.1) * (1 + rng.normal(0, 0.04, 3)),
        noise=float(rng.uniform(2, 5)),
    )
