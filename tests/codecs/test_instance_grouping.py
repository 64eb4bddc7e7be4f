"""Candidates become instances; what is missing shifts nothing."""

import numpy as np

from ssltoolbox.codecs.instance_grouping import group_joints

CHAIN = [(0, 1), (1, 2)]


def candidates(*rows):
    """Points (K, P, 2) at (10 k, place), and scores (K, P), of lists of places."""
    most = max(map(len, rows))
    points, scores = np.zeros((len(rows), most, 2)), np.zeros((len(rows), most))
    for joint, row in enumerate(rows):
        for i, place in enumerate(row):
            points[joint, i], scores[joint, i] = (10 * joint, place), 0.8
    return points, scores


def links(points, connections, reach=3):
    """1 between candidates whose places differ by less than ``reach``, else 0."""
    y = points[..., 1]
    near = [np.abs(y[a][:, None] - y[b]) < reach for a, b in connections]
    return np.stack(near).astype(float)


def group(*rows, connections=CHAIN):
    points, scores = candidates(*rows)
    return group_joints(points, scores, links(points, connections), connections, 0.1)


def places(found):
    """Place of each joint of each instance, None where it is missing."""
    return sorted(
        [None if s == 0 else int(p[1]) for p, s in zip(*instance, strict=True)]
        for instance in zip(*found, strict=True)
    )


def test_two_instances_whatever_the_order_of_candidates():
    assert places(group([5, 50], [51, 4], [6, 52])) == [[5, 4, 6], [50, 51, 52]]


def test_a_missing_joint_leaves_its_place_empty():
    points, scores = group([50], [4, 51], [52, 6])
    rows = sorted(points[..., 1].tolist(), key=max)
    assert rows == [[0, 4, 6], [50, 51, 52]]
    assert sorted(scores[:, 0].tolist())[0] == 0


def test_joints_around_a_missing_one_go_to_the_nearest_instance():
    tree = [(0, 2), (1, 2), (2, 3), (3, 4)]
    found = group([5, 50], [7, 52], [51], [6, 53], [4, 54], connections=tree)
    points, scores = found
    rows = {tuple(p[:, 1].astype(int)) for p in points}
    # the head of the first is hidden: claspers and shaft were never tried together
    assert rows == {(5, 7, 0, 6, 4), (50, 52, 51, 53, 54)}
    assert (scores == 0).sum() == 1


def test_a_link_that_was_tried_and_is_weak_is_not_bridged():
    # joints 0 and 1 are both there, but nothing connects them
    assert places(group([5], [60], [61])) == [[None, 60, 61]]


def test_joints_without_any_link_are_no_instance():
    points, scores = group([5], [], [6])
    assert points.shape == (0, 3, 2) and scores.shape == (0, 3)


def test_no_candidates_at_all():
    points, scores = group_joints(
        np.zeros((3, 4, 2)), np.zeros((3, 4)), np.zeros((2, 4, 4)), CHAIN, 0.1
    )
    assert points.shape == (0, 3, 2) and points.dtype == np.float32
    assert scores.shape == (0, 3)


def test_matching_takes_the_largest_sum():
    """The best single link would leave a weak one for the other instance."""
    points, scores = candidates([5, 50], [5, 50])
    strengths = np.array([[[0.9, 0.8], [0.85, 0.2]]])
    found = group_joints(points, scores, strengths, [(0, 1)], 0.1)
    assert places(found) == [[5, 50], [50, 5]]


def test_a_faint_peak_beside_a_joint_is_no_end_of_its_connection():
    points, scores = candidates([5], [5, 40])
    scores[1, 0] = 0.15
    strengths = np.array([[[1.0, 0.8]]])
    found = group_joints(points, scores, strengths, [(0, 1)], 0.1)
    assert places(found) == [[5, 40]]


def test_a_cycle_does_not_put_two_joints_of_a_kind_into_an_instance():
    points, scores = candidates([5, 50], [5, 50], [5, 50])
    straight, crossed = np.eye(2), 0.5 * (1 - np.eye(2))
    strengths = np.stack([straight, straight, crossed])
    cycle = [(0, 1), (1, 2), (2, 0)]
    found = group_joints(points, scores, strengths, cycle, 0.1)
    assert places(found) == [[5, 5, 5], [50, 50, 50]]


def test_the_instance_with_the_highest_scores_is_first():
    points, scores = candidates([5, 50], [5, 50])
    scores[:, 1] = 0.9
    found = group_joints(points, scores, links(points, [(0, 1)]), [(0, 1)], 0.1)
    assert found[0][:, 0, 1].tolist() == [50, 5]
