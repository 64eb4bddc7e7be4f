"""Colours of depth and flow."""

import numpy as np

from ssltoolbox.visualization.depth import draw_depth, draw_flow

BLUE, RED = [128, 0, 0], [0, 0, 128]


def test_near_is_blue_and_far_is_red():
    drawn = draw_depth(np.array([[1.0, 3.0]]))
    assert drawn[0].tolist() == [BLUE, RED]
    assert draw_depth(np.array([[1.0, 3.0]]), span=(3, 5))[0, 1].tolist() == BLUE


def test_what_is_not_valid_is_dark_and_has_no_say():
    depth = np.array([[0, 1.0, 3.0, np.nan]])
    drawn = draw_depth(depth, np.array([[False, True, True, True]]))
    assert drawn[0].tolist() == [[40] * 3, BLUE, RED, [40] * 3]
    assert (draw_depth(depth, np.zeros((1, 4), bool)) == 40).all()


def test_flat_depth_has_one_colour():
    assert draw_depth(np.full((1, 2), 2.0))[0].tolist() == [BLUE, BLUE]


def test_flow_has_a_hue_per_direction():
    flow = np.zeros((2, 1, 4), np.float32)
    flow[0, 0, :3] = (0.1, -0.1, -0.05)
    drawn = draw_flow(flow)
    assert drawn[0].tolist() == [[255, 255, 0], [0, 0, 255], [0, 0, 127], [0, 0, 0]]
