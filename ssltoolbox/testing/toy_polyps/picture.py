"""Draw one picture of a patient, with its mask."""

from typing import NamedTuple

import cv2
import numpy as np

from ssltoolbox.testing.drawing.lens import lens
from ssltoolbox.testing.drawing.render import SUPERSAMPLE

from .colon import colon
from .frame import visible
from .patient import Patient
from .polyp import grow
from .residue import bubbles, scatter
from .surface import shade

NUMBERS = (0.1, 0.75, 0.15)
"""Odds of no, one and two polyps."""


class Picture(NamedTuple):
    """``image`` is RGB uint8 (H, W, 3); ``mask`` (H, W) bool is True on polyps."""

    image: np.ndarray
    mask: np.ndarray


def draw(rng: np.random.Generator, patient: Patient) -> Picture:
    """Draw a picture.

    Args:
        rng (np.random.Generator): Decides everything but what the patient decides.
        patient (Patient): Whom it shows.
    """
    width, height = (n * SUPERSAMPLE for n in patient.size)
    # The frame belongs to the endoscope: its details are the same in each picture.
    shown = visible(np.random.default_rng(0), patient.frame, width, height)
    surface = colon(rng, patient, width, height)
    scatter(rng, surface, rng.poisson(patient.dirt))
    mask = np.zeros((height, width), bool)
    for _ in range(rng.choice(len(NUMBERS), p=NUMBERS)):
        free = shown & (surface.light > 0.35)
        edge = int(0.1 * height)
        free[:edge], free[-edge:], free[:, :edge], free[:, -edge:] = (False,) * 4
        if free.any():
            mask |= grow(rng, surface, patient, free)
    image = shade(rng, surface, patient.wetness)
    for _ in range(rng.poisson(0.3 * patient.dirt)):
        bubbles(rng, image)
    image = image * patient.cast.astype(np.float32)
    image[~shown] = 4
    fine = np.clip(image, 0, 255).astype(np.float32)
    small = cv2.resize(fine, patient.size, interpolation=cv2.INTER_AREA)
    image = lens(rng, small, rng.normal(0, 0.015, 2), patient.noise)
    share = (mask & shown).astype(np.float32)
    share = cv2.resize(share, patient.size, interpolation=cv2.INTER_AREA)
    return Picture(image, share >= 0.5)
