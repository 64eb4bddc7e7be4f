"""Patterns of a surface: of a coat or of a shirt."""

import numpy as np

PATTERNS = ('plain', 'stripes', 'spots', 'patches')


def pattern(
    name: str, rate: float, where: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Return the share (N,) of the mark colour at points of a surface.

    Args:
        name (str): One of ``PATTERNS``.
        rate (float): Repeats per trunk length.
        where (np.ndarray): (N, 3) along the part, and from its axis upwards and to
            the right, in trunk lengths.
        rng (np.random.Generator): Places the pattern.
    """
    phase = rng.uniform(0, 2 * np.pi, 6).astype(np.float32)
    wobble = np.sin(where @ np.float32([5, 9, 3]) + phase[0])
    if name == 'plain':
        waves = np.sin(7 * rate * where + phase[:3]).sum(1)
        return 0.13 * (1 + waves / 3)
    if name == 'stripes':
        wave = np.sin(
            2 * np.pi * rate * where[:, 0] + 1.1 * wobble + 4 * where[:, 1] + phase[1]
        )
        return np.clip(2.6 * wave + 0.35, 0, 1)
    # Waves in three slanted directions meet in blobs.
    slant = np.float32([[1, 0.5, 0.2], [-0.6, 1, 0.4], [0.2, -0.5, 1]])
    waves = np.cos(
        2 * np.pi * rate * where @ slant.T + 0.9 * wobble[:, None] + phase[3:]
    )
    level = {'spots': 0.75, 'patches': 0.25}[name]
    return np.clip(3.0 * (waves.sum(1) - level), 0, 1)
