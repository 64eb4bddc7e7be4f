"""Put joints together to instances, any number of them, with any joint missing."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment


class Groups:
    """Joints that belong together: disjoint sets without two joints of a kind.

    Args:
        joints: (n,) kind of each joint found.
        num_joints: Number of kinds K.
    """

    def __init__(self, joints: np.ndarray, num_joints: int) -> None:
        self.members = np.full((len(joints), num_joints), -1)
        self.members[np.arange(len(joints)), joints] = np.arange(len(joints))
        self.of = np.arange(len(joints))
        self.linked = np.zeros(len(joints), bool)

    def joints_of(self, peak: int) -> np.ndarray:
        """(K,) bool, the kinds in the group of a joint."""
        return self.members[self.of[peak]] >= 0

    def is_linked(self, peak: int) -> bool:
        """Whether the group of a joint has a connection."""
        return bool(self.linked[self.of[peak]])

    def join(self, first: int, second: int) -> None:
        """Make one group of the groups of two joints, unless a kind is in both."""
        a, b = self.of[first], self.of[second]
        if a == b or (self.joints_of(first) & self.joints_of(second)).any():
            return
        self.members[a] = np.maximum(self.members[a], self.members[b])
        self.of[self.of == b] = a
        self.linked[a] = True

    def table(self) -> np.ndarray:
        """(M, K) joint of each kind in each linked group, -1 where it is missing."""
        rows = np.unique(self.of)
        return self.members[rows[self.linked[rows]]]


def group_joints(
    points: np.ndarray,
    scores: np.ndarray,
    links: np.ndarray,
    connections: Sequence[tuple[int, int]],
    min_link: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Assemble instances from candidates of each joint.

    For each connection the candidates of its two joints are matched so that the sum
    of links, each times the scores of both, is largest. Matches, the strongest first,
    make groups. Then joints that no connection could have joined to a group, for the
    joint between them is missing, go to the nearest: claspers to the shaft of an
    instrument whose head is hidden. Joints that are left alone make no instance.

    Args:
        points: (K, P, 2) candidates.
        scores: (K, P) their scores, 0 where there is none.
        links: (L, P, P) strength of each connection between candidates.
        connections: L pairs of joints.
        min_link: Weakest link that connects.

    Returns:
        Keypoints (M, K, 2) and scores (M, K) float32, both 0 where a joint is missing;
        the instance with the largest sum of scores first.
    """
    num_joints = len(points)
    joint, candidate = np.nonzero(scores > 0)
    number = np.full(scores.shape, -1)
    number[joint, candidate] = np.arange(len(joint))
    groups = Groups(joint, num_joints)
    matches = [
        (strength, number[a, p], number[b, q])
        for i, (a, b) in enumerate(connections)
        for strength, p, q in _match(links[i], scores[a], scores[b], min_link)
    ]
    for _, first, second in sorted(matches, reverse=True):
        groups.join(first, second)
    _bridge(groups, points[joint, candidate], joint, connections)
    table = groups.table()
    found = table >= 0
    values = np.where(found, np.append(scores[joint, candidate], 0)[table], 0)
    places = np.append(points[joint, candidate], [[0, 0]], 0)[table]
    order = np.argsort(-values.sum(1), kind='stable')
    return places[order].astype(np.float32), values[order].astype(np.float32)


def _match(
    links: np.ndarray, first: np.ndarray, second: np.ndarray, min_link: float
) -> list[tuple[float, int, int]]:
    """Pair candidates for the largest sum of strengths: (strength, p, q) of each.

    The strength of a pair is its link times the scores (P,) and (Q,) of both. Without
    these, a faint peak beside a joint would be linked best: between the two there is
    nothing but the beginning of the right connection.
    """
    rows, columns = np.flatnonzero(first > 0), np.flatnonzero(second > 0)
    part = links[rows][:, columns]
    strength = part * first[rows, None] * second[columns]
    strength = np.where(part >= min_link, strength, 0)
    pairs = zip(*linear_sum_assignment(strength, maximize=True), strict=True)
    return [
        (strength[p, q], rows[p], columns[q]) for p, q in pairs if strength[p, q] > 0
    ]


def _bridge(
    groups: Groups,
    points: np.ndarray,
    joint: np.ndarray,
    connections: Sequence[tuple[int, int]],
) -> None:
    """Join to linked groups what no connection was tried for, the nearest first."""
    num_joints = groups.members.shape[1]
    tried = np.eye(num_joints, dtype=bool)
    for a, b in connections:
        tried[a, b] = tried[b, a] = True
    # groups with a kind in common stay apart: complete instances leave nothing to do
    kinds = groups.members[groups.of] >= 0
    possible = ~tried[joint][:, joint] & ~(kinds @ kinds.T)
    first, second = np.nonzero(np.triu(possible, 1))
    distance = np.linalg.norm(points[first] - points[second], axis=-1)
    for i in np.argsort(distance, kind='stable'):
        pair = first[i], second[i]
        one, other = (groups.joints_of(peak) for peak in pair)
        if any(map(groups.is_linked, pair)) and not tried[one][:, other].any():
            groups.join(*pair)
