"""Say what a video shows: instruments, where they come from, and what disturbs."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .kinds import RETINAL, SEEN, UNSEEN, Instrument
from .pose import SIDES
from .retina import retina
from .tissue import tissue


class Scenario(NamedTuple):
    """What the takes of a video have in common.

    Args:
        kinds (tuple): Instruments that may appear.
        sides (tuple): For each instrument, the sides that it may come from.
        ground (Callable): Paints what is behind, see :func:`tissue`.
        flap (float): Share of the takes with tissue in front of the instruments.
        smoke (float): Share of the takes with smoke.
        blood (float): Share of the takes with a film of blood before the lens.
    """

    kinds: tuple[Instrument, ...]
    sides: tuple[tuple[str, ...], ...]
    ground: Callable[[np.random.Generator, int, int], np.ndarray]
    flap: float = 0.0
    smoke: float = 0.0
    blood: float = 0.0


# As in EndoVis'15: the first comes from the right, the second from the left.
_PAIR = (('right',), ('left',))
_ONE = (tuple(SIDES),)


def surgery(seen: bool, pair: bool) -> Scenario:
    """Show one or two instruments, of seen or of unseen geometry, over tissue."""
    return Scenario(
        kinds=SEEN if seen else UNSEEN,
        sides=_PAIR if pair else _ONE,
        ground=tissue,
        flap=0.3,
        smoke=0.4,
        blood=0.25,
    )


EYE = Scenario(kinds=RETINAL, sides=_ONE, ground=retina)
"""One forceps over a retina, as a microscope shows it."""
