"""Group the annotated points of a frame into instruments."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

Joints = dict[int, np.ndarray]
"""Points (2,) of one instrument by joint number."""


class Point(NamedTuple):
    """One annotated point: its joint, its place and the instrument it is said to be of.

    Args:
        joint: Number of the joint.
        xy: (2,) image pixels.
        tool: Id of the instrument; None where the file does not say.
    """

    joint: int
    xy: np.ndarray
    tool: str | None


def group_points(points: Sequence[Point]) -> tuple[dict[str, Joints], Counter]:
    """Give every instrument at most one point per joint.

    Points go to the instrument of their id. Then, in this order:

    - a point of which its instrument has two goes to another instrument that lacks
      it, where it lies nearer to that one's points: its id was wrong;
    - of points that are still double the first counts;
    - a point without id goes to the instrument that lacks it and has the nearest
      point. Where no point of the frame has an id there is one instrument.

    Returns:
        The points by instrument, in the order of their first point in the file, and
        how many points were ``'moved'``, ``'double'`` or ``'without id'``.
    """
    found: Counter = Counter()
    groups: dict[str, dict[int, list[np.ndarray]]] = {}
    for point in points:
        if point.tool is not None:
            joints = groups.setdefault(point.tool, {})
            joints.setdefault(point.joint, []).append(point.xy)
    found['moved'] = _move_wrong_ids(groups)
    tools = {
        name: {joint: xys[0] for joint, xys in joints.items()}
        for name, joints in groups.items()
    }
    found['double'] = sum(
        len(xys) - 1 for joints in groups.values() for xys in joints.values()
    )
    for point in (point for point in points if point.tool is None):
        found['without id'] += 1
        tools = tools or {'': {}}
        lacking = [joints for joints in tools.values() if point.joint not in joints]
        if lacking:
            nearest = min(lacking, key=lambda joints: _distance(point.xy, joints))
            nearest[point.joint] = point.xy
        else:
            found['double'] += 1
    return tools, found


def _move_wrong_ids(groups: dict[str, dict[int, list[np.ndarray]]]) -> int:
    """Hand double points to the instrument they lie at; return their number."""
    moved = 0
    for name, joints in groups.items():
        for joint in [joint for joint, xys in joints.items() if len(xys) > 1]:
            others = [g for n, g in groups.items() if n != name and joint not in g]
            for other in others:
                own = _firsts(joints, without=joint)
                away = [
                    _distance(xy, _firsts(other)) - _distance(xy, own)
                    for xy in joints[joint]
                ]
                place = int(np.argmin(away))
                if len(away) > 1 and away[place] < 0:
                    other[joint] = [joints[joint].pop(place)]
                    moved += 1
    return moved


def _firsts(joints: Mapping[int, list[np.ndarray]], without: int = -1) -> Joints:
    return {joint: xys[0] for joint, xys in joints.items() if joint != without}


def _distance(xy: np.ndarray, joints: Joints) -> float:
    """Distance to the nearest point of an instrument; infinite if it has none."""
    gaps = [float(np.hypot(*(xy - other))) for other in joints.values()]
    return min(gaps, default=np.inf)
