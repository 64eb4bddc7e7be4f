"""Which other frame a frame is seen together with."""

import random


def draw_partner(
    position: int, count: int, adjacent: tuple[int, int], draw=random.randint
) -> int:
    """Position of a second view, at a distance between two bounds.

    Near the beginning the second view comes later, near the end earlier, between by the
    toss of a coin. In a sequence shorter than twice the lower bound that becomes half
    of its length.

    Args:
        position: Of the first view, from 0.
        count: Number of views, 2 or more.
        adjacent: Smallest and largest distance, in views.
        draw: ``draw(low, high)``, a whole number between them, both included.

    Source: the program of Liu et al., TMI 2020.
    """
    low, high = adjacent
    if count <= 2 * low:
        low = count // 2
    later = position <= low - 1
    earlier = position >= count - low
    if not later and not earlier:
        later = draw(0, 1) == 1
    room = count - 1 - position if later else position
    step = draw(low, min(high, room))
    return position + step if later else position - step
