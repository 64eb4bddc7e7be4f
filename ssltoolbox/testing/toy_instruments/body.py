"""Turn an instrument and a pose into a 3-D figure with its five joints.

Axes: x to the image's right, y down, z to the viewer; lengths in image heights. The
left clasper is the one on the left of an observer of the image who looks from the shaft
to the tip, which is how EndoVis'15 is annotated, frame by frame.
"""

import numpy as np

from ssltoolbox.testing.drawing.figure import Capsule, Figure

from .kinds import Instrument
from .pose import Pose

JOINTS = ('left_clasper', 'right_clasper', 'head', 'shaft', 'end')
LEFT, RIGHT, HEAD, SHAFT, END = range(5)
TUBE = ('tube', 'band')
MATERIALS = (*TUBE, 'wrist', 'pin', 'clasper')

MARGIN = 0.07
"""All joints but the end stay this far from the border, image heights."""
END_MARGIN = 0.035
"""The end is where the axis of the shaft comes this close to the border."""
LENGTH = 2.2
"""Of the shaft: it always reaches out of the image."""


def turned(axes: np.ndarray, left: float, near: float, roll: float) -> np.ndarray:
    """Turn the rows ahead, left, near: ahead to the left, to the viewer, then roll.

    Args:
        axes (np.ndarray): (3, 3) unit vectors.
        left (float): Degrees.
        near (float): Degrees.
        roll (float): Degrees, of left towards the viewer.
    """
    (a, b, c), one = np.deg2rad((left, near, roll)), 1.0
    yaw = [[np.cos(a), np.sin(a), 0], [-np.sin(a), np.cos(a), 0], [0, 0, one]]
    nod = [[np.cos(b), 0, np.sin(b)], [0, one, 0], [-np.sin(b), 0, np.cos(b)]]
    turn = [[one, 0, 0], [0, np.cos(c), np.sin(c)], [0, -np.sin(c), np.cos(c)]]
    return np.array(turn) @ np.array(nod) @ np.array(yaw) @ axes


def build(kind: Instrument, pose: Pose, size: tuple[int, int]) -> Figure:
    """Pose one instrument in an image of ``size`` (width, height) pixels."""
    figure = Figure(MATERIALS, (), keypoints=np.zeros((5, 3)), cover=np.zeros(5))
    angle = np.deg2rad(pose.heading)
    ahead, left = (np.cos(angle), np.sin(angle), 0), (np.sin(angle), -np.cos(angle), 0)
    shaft = turned(np.array([ahead, left, (0, 0, 1)]), 0, -pose.dip, 0)
    wrist = turned(shaft, pose.bend, pose.nod, 0)
    hinge = turned(wrist, 0, 0, pose.roll)
    half = pose.opening / 2
    head = kind.wrist[0] * wrist[0]
    claspers = [
        head
        + _clasper(kind, hinge[1], turned(hinge, pose.lean + sign * half, 0, 0), sign)
        for sign in (1, -1)
    ]
    reach = np.stack([np.zeros(3), head, claspers[0][-1], claspers[1][-1]])
    origin = _inside(pose.place, reach, size)
    _shaft(figure, kind, origin, shaft[0])
    _wrist(figure, kind, origin, origin + head, hinge[2])
    for joint, points in zip((LEFT, RIGHT), claspers, strict=True):
        _jaw(figure, kind, origin + points)
        figure.mark(joint, origin + points[-1], 2 * kind.claspers[2])
    figure.mark(HEAD, origin + head, 2 * kind.wrist[2])
    figure.mark(SHAFT, origin, 2 * kind.shaft)
    figure.mark(END, _leaves(origin, shaft[0], size), 2 * kind.shaft)
    return figure


def _clasper(
    kind: Instrument, left: np.ndarray, axes: np.ndarray, sign: int
) -> np.ndarray:
    """Return the points (N, 3) of a clasper from the head; ``sign`` is 1 for left."""
    along, out, bow = kind.claspers[0] * np.array(kind.shape).T
    points = along[:, None] * axes[0] + (sign * out + bow)[:, None] * axes[1]
    # Side by side on their pin, closed claspers touch and do not merge.
    return points + sign * 0.9 * kind.claspers[2] * left


def _inside(place: np.ndarray, reach: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Move the joint ``shaft`` as little as brings all of ``reach`` into the image."""
    limit = (np.array(size) - 1) / size[1] - MARGIN
    origin = np.clip(place, MARGIN - reach[:, :2].min(0), limit - reach[:, :2].max(0))
    return np.array([*origin, 0.0])


def _leaves(origin: np.ndarray, ahead: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Find where the axis of the shaft leaves the image, backwards from its joint."""
    limit = (np.array(size) - 1) / size[1] - END_MARGIN
    back = -ahead[:2]
    wall = np.where(back > 0, limit, END_MARGIN)
    runs = np.abs(back) > 1e-9
    steps = (wall - origin[:2])[runs] / back[runs]
    return origin - steps.min() * ahead


def _shaft(figure: Figure, kind: Instrument, origin: np.ndarray, ahead) -> None:
    """Add the tube, which widens towards the viewer, and two rings around it."""
    radius = kind.shaft
    wide = radius * (1 + 0.25 * LENGTH)
    figure.capsules.append(
        Capsule(origin, origin - LENGTH * ahead, radius, wide, 'tube')
    )
    for start, length in ((0.0, 0.5), (1.5, 0.5)):
        near, far = (origin - radius * s * ahead for s in (start, start + length))
        figure.rod(near, far, 1.06 * radius, 'band')


def _wrist(figure: Figure, kind: Instrument, origin, head, across) -> None:
    """Add the wrist, with the pin that the claspers turn about."""
    _, thick, thin = kind.wrist
    figure.capsules.append(Capsule(origin, head, thick, thin, 'wrist'))
    pin = 1.02 * thin * across
    figure.rod(head - pin, head + pin, 0.42 * thin, 'pin')


def _jaw(figure: Figure, kind: Instrument, points: np.ndarray) -> None:
    length, thick, thin = kind.claspers
    shares = np.array(kind.shape)[:, 0]
    radii = thick + shares * (thin - thick)
    for i in range(len(points) - 1):
        along = length * shares[i]
        figure.capsules.append(
            Capsule(points[i], points[i + 1], radii[i], radii[i + 1], 'clasper', along)
        )
