"""Colours that stay apart for colour-blind readers, in OpenCV's order (B, G, R).

Source: M. Okabe and K. Ito, Color Universal Design (2008).
"""

ORANGE = (0, 159, 230)
SKY_BLUE = (233, 180, 86)
GREY = (190, 190, 190)
INK = (40, 40, 40)
PAPER = (250, 250, 250)

KEPT, RELABELLED, DROPPED = SKY_BLUE, ORANGE, GREY
"""What became of a pseudo-labelled joint."""

LEFT, RIGHT, MIDDLE = ORANGE, SKY_BLUE, PAPER
"""Body sides of a predicted pose."""


def side_colors(names: list[str]) -> list[tuple[int, int, int]]:
    """Colour joints by body side, read from names such as ``L_Eye`` or ``left_hip``.

    Args:
        names (list[str]): Joint names, length K.

    Returns:
        list[tuple[int, int, int]]: One BGR colour per joint.
    """
    prefixes = {'l': LEFT, 'left': LEFT, 'r': RIGHT, 'right': RIGHT}
    words = [name.lower().replace('-', '_').split('_')[0] for name in names]
    return [prefixes.get(word, MIDDLE) for word in words]
