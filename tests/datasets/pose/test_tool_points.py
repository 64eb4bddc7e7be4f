"""Points of a frame are grouped into instruments, whatever their ids."""

import numpy as np
import pytest

from ssltoolbox.datasets.pose.tool_points import Point, group_points


def points(*rows):
    return [Point(joint, np.array([x, 0.0]), tool) for joint, x, tool in rows]


def group(*rows):
    tools, found = group_points(points(*rows))
    places = {
        name: {joint: xy[0] for joint, xy in sorted(joints.items())}
        for name, joints in tools.items()
    }
    return places, {key: count for key, count in found.items() if count}


def test_points_go_to_the_tool_of_their_id():
    tools, found = group((0, 10, 'b'), (0, 90, 'a'), (1, 12, 'b'))
    assert tools == {'b': {0: 10, 1: 12}, 'a': {0: 90}}
    assert not found


def test_no_points_are_no_tools():
    assert group() == ({}, {})


def test_a_point_without_id_goes_to_the_tool_that_lacks_it_though_the_other_is_near():
    tools, found = group((0, 10, 'a'), (1, 20, 'a'), (0, 90, 'b'), (1, 11, None))
    assert tools['b'] == {0: 90, 1: 11}
    assert found == {'without id': 1}


def test_of_two_tools_that_lack_it_the_nearest_gets_it():
    tools, _ = group((0, 10, 'a'), (0, 90, 'b'), (1, 70, None))
    assert tools == {'a': {0: 10}, 'b': {0: 90, 1: 70}}


def test_points_without_any_id_are_one_tool():
    tools, found = group((0, 10, None), (1, 90, None))
    assert tools == {'': {0: 10, 1: 90}}
    assert found == {'without id': 2}


def test_a_point_without_id_that_no_tool_lacks_is_left_out():
    tools, found = group((0, 10, 'a'), (0, 12, None))
    assert tools == {'a': {0: 10}}
    assert found == {'without id': 1, 'double': 1}


def test_of_double_points_the_first_counts():
    tools, found = group((0, 10, 'a'), (0, 11, 'a'))
    assert tools == {'a': {0: 10}}
    assert found == {'double': 1}


@pytest.mark.parametrize('first, second', [(10, 88), (88, 10)])
def test_a_point_with_the_id_of_another_tool_moves_to_where_it_lies(first, second):
    tools, found = group(
        *[(0, 12, 'a'), (1, first, 'a'), (1, second, 'a'), (0, 90, 'b')]
    )
    assert tools == {'a': {0: 12, 1: 10}, 'b': {0: 90, 1: 88}}
    assert found == {'moved': 1}


def test_a_double_point_stays_where_the_other_tool_is_far():
    # b lacks joint 1 since it is hidden there
    tools, found = group((0, 12, 'a'), (1, 10, 'a'), (1, 11, 'a'), (0, 90, 'b'))
    assert tools == {'a': {0: 12, 1: 10}, 'b': {0: 90}}
    assert found == {'double': 1}
