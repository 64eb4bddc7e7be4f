"""Black out what an endoscope does not show."""

import numpy as np

from .surface import grid


def visible(
    rng: np.random.Generator, shape: str, width: int, height: int
) -> np.ndarray:
    """Return the part of the image (H, W) that is not black, bool.

    Args:
        rng (np.random.Generator): Decides the details.
        shape (str): ``'octagon'`` cuts the corners, ``'disc'`` rounds them, ``'inset'``
            cuts them and hides a box, ``'full'`` shows all but a thin border.
        width (int): In pixels.
        height (int): In pixels.
    """
    x, y = (np.abs(v) for v in grid(width, height))
    side = 0.5 * width / height
    if shape == 'disc':
        shown = np.hypot(x, y) < 0.98 * side
    elif shape == 'full':
        shown = np.ones((height, width), bool)
    else:
        shown = x + y < side + 0.5 - rng.uniform(0.16, 0.24)
    shown &= (x < side - 0.012) & (y < 0.488)
    if shape == 'inset':
        shown[int(rng.uniform(0.62, 0.72) * height) :, : int(0.27 * width)] = False
    return shown
