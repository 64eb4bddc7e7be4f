"""Generate the toy instruments: small surgical videos with exactly known joints.

Articulated instruments over wet tissue, in the layout of the instrument data of the
EndoVis challenge 2015 or of RMIT, so that a few-label experiment with whole images,
several instances and unseen geometries runs at once, without a download.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .endovis import generate_endovis
from .rmit import generate_rmit

LAYOUTS: dict[str, Callable[..., Path]] = dict(
    endovis=generate_endovis, rmit=generate_rmit
)


def generate(root: str | os.PathLike, layout: str = 'endovis', **options: Any) -> Path:
    """Write the data set below ``root`` in a layout and return that folder.

    Args:
        root (str or PathLike): New or empty folder, or one written by this function.
        layout (str): ``'endovis'`` or ``'rmit'``.
        options: Of the layout's own function, ``generate_<layout>``.

    Raises:
        ValueError: if a parameter is out of range.
        FileExistsError: if ``root`` holds anything else than the same set.
    """
    if layout not in LAYOUTS:
        raise ValueError(f'layout: expected one of {sorted(LAYOUTS)}, got {layout!r}')
    return LAYOUTS[layout](root, **options)
