"""Joints and connections are drawn where they are, whatever their direction."""

import math

import numpy as np
import pytest
import torch

from ssltoolbox.codecs.connection_rendering import connection_maps, joint_maps

SIGMA = 4.0


def grid(w=30, h=20):
    return torch.arange(w).double(), torch.arange(h).double()


def segment(start, end, sigma=SIGMA, **options):
    """Map (h, w) of one segment, as (x, y) to (x, y)."""
    ends = [torch.tensor(p).double().view(1, 1, 1, 2) for p in (start, end)]
    maps = connection_maps(*ends, torch.ones(1, 1, 1), *grid(), sigma, **options)
    return maps[0, 0]


def reference(start, end):
    """Distance to the line, and a circle around the middle, pixel by pixel."""
    (x1, y1), (x2, y2) = start, end
    length = math.hypot(x2 - x1, y2 - y1)
    drawn = np.zeros((20, 30))
    for y in range(20):
        for x in range(30):
            d = abs((x2 - x1) * (y1 - y) - (x1 - x) * (y2 - y1)) / length
            if math.hypot(x - (x1 + x2) / 2, y - (y1 + y2) / 2) <= (length + SIGMA) / 2:
                drawn[y, x] = math.exp(-(d**2) / SIGMA**2)
    return drawn


def test_a_joint_falls_to_1_over_e_at_sigma():
    points = torch.tensor([[[[10.0, 7.0]]]])
    (joint,) = joint_maps(points, torch.ones(1, 1, 1), *grid(), SIGMA)[0]
    assert joint.shape == (20, 30)
    assert joint[7, 10] == 1
    assert joint[7, 14].item() == pytest.approx(math.exp(-1))
    assert joint[10, 14].item() == pytest.approx(math.exp(-25 / 16))
    assert (joint > 0).all(), 'the tails have no end'


def test_instances_add_up_and_hidden_joints_are_not_drawn():
    points = torch.tensor([[[[10.0, 7.0]], [[10.0, 7.0]], [[0.0, 0.0]]]])
    visible = torch.tensor([[[1], [1], [0]]])
    maps = joint_maps(points, visible, *grid(), SIGMA)
    assert maps[0, 0, 7, 10] == 2
    assert maps[0, 0, 0, 0] == pytest.approx(2 * math.exp(-149 / 16), rel=1e-4)


@pytest.mark.parametrize(
    ('start', 'end'),
    [
        ((5, 4), (22.5, 13)),
        ((22.5, 13), (5, 4)),
        ((8, 3), (8, 16)),  # the line y = m x + b has no m
        ((3, 9), (27, 9)),
        ((-4, 5), (12, 30)),
    ],
)
def test_a_connection_follows_the_segment(start, end):
    np.testing.assert_allclose(segment(start, end), reference(start, end), atol=1e-12)


def test_a_connection_ends_half_a_sigma_beyond_its_joints():
    drawn = segment((10, 9), (20, 9))
    assert (drawn[9] > 0).nonzero().flatten().tolist() == list(range(8, 23))
    assert (drawn[9, 8:23] == 1).all()


def test_a_segment_without_length_is_a_dot():
    drawn = segment((10, 9), (10, 9))
    assert drawn.isfinite().all()
    assert drawn[9, 10] == 1
    assert drawn[9, 12].item() == pytest.approx(math.exp(-0.25))
    assert drawn[10, 10] == drawn[9, 11] == drawn[9, 9]
    assert drawn[9, 13] == 0


def test_the_original_exchanges_x_and_y_of_the_circle():
    start, end = (3, 12), (7, 16)
    legacy = segment(start, end, legacy_disk=True)
    # the middle (5, 14) becomes (14, 5), whose circle of 2 + 2 px is far from the line
    far = torch.hypot(grid()[0] - 14, grid()[1][:, None] - 5) > 4
    assert not legacy[far].any()
    assert legacy.max() < 0.01 and segment(start, end).max() == 1
    # on the diagonal both are at the same place
    same = segment((5, 5), (9, 9), legacy_disk=True)
    assert same[7, 7] == segment((5, 5), (9, 9))[7, 7] == 1


def test_hidden_connections_and_no_instances_draw_nothing():
    ends = torch.tensor([[[[3.0, 3.0]]]]), torch.tensor([[[[9.0, 3.0]]]])
    assert not connection_maps(*ends, torch.zeros(1, 1, 1), *grid(), SIGMA).any()
    none = torch.zeros(2, 0, 3, 2)
    maps = connection_maps(none, none, torch.zeros(2, 0, 3), *grid(), SIGMA)
    assert maps.shape == (2, 3, 20, 30) and not maps.any()
    assert not joint_maps(none, torch.zeros(2, 0, 3), *grid(), SIGMA).any()
