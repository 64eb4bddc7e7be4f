import numpy as np
import pytest

from ssltoolbox.datasets.transforms.instance_box import RandomBoxShift, RandomHalfBody

UPPER, LOWER = [0, 1, 2, 3], [4, 5, 6, 7, 8, 9]
POINTS = np.array(
    [(0, 0), (10, 0), (0, 20), (10, 20)] + [(100 + i, 200) for i in range(6)], float
)


def shifted(**fields):
    made = dict(
        bbox=np.array([[10.0, 20, 110, 70]]), bbox_center=np.array([[60.0, 45]])
    )
    return RandomBoxShift(**fields)(made)['bbox_center'] - [[60, 45]]


def test_the_centre_moves_by_at_most_a_share_of_the_sides():
    np.random.seed(0)
    moves = np.abs(np.concatenate([shifted(shift=0.2, prob=1) for _ in range(300)]))
    assert (moves.max(0) <= [20, 10]).all() and (moves.max(0) > [18, 9]).all()


def test_without_luck_the_centre_stays():
    assert (shifted(prob=0) == 0).all()


def test_the_array_of_the_record_is_not_written_into():
    center = np.array([[60.0, 45]])
    made = dict(bbox=np.array([[10.0, 20, 110, 70]]), bbox_center=center)
    assert not np.array_equal(RandomBoxShift(prob=1)(made)['bbox_center'], center)
    assert center.tolist() == [[60, 45]]


def half(visible, draw, monkeypatch, **fields):
    monkeypatch.setattr(np.random, 'randn', lambda: draw)
    return RandomHalfBody(**fields).half_body(POINTS, visible, UPPER, LOWER)


def test_the_upper_half_is_the_square_around_its_keypoints(monkeypatch):
    center, scale = half(np.ones(10, bool), 0.0, monkeypatch, padding=1.5)
    # mean of the four corners; the longer side of 20 px, times 1.5
    assert center.tolist() == [5, 10] and scale.tolist() == [30, 30]


def test_above_one_half_the_lower_body_is_taken(monkeypatch):
    center, scale = half(np.ones(10, bool), 0.6, monkeypatch)
    assert center.tolist() == [102.5, 200] and scale.tolist() == [7.5, 7.5]


@pytest.mark.parametrize('draw', [0.0, 1.0])
def test_a_half_with_few_keypoints_gives_way_to_the_other(monkeypatch, draw):
    visible = np.zeros(10, bool)
    few, many = (UPPER, LOWER) if draw == 0 else (LOWER, UPPER)
    visible[many] = True
    visible[few[:2]] = True
    center, _ = half(visible, draw, monkeypatch)
    assert center.tolist() == ([102.5, 200] if draw == 0 else [5, 10])


def test_one_keypoint_or_one_pixel_is_no_box(monkeypatch):
    visible = np.zeros(10, bool)
    visible[0] = True
    assert half(visible, 0.0, monkeypatch) is None
    monkeypatch.setattr(np.random, 'randn', lambda: 0.0)
    same = np.full((10, 2), 7.0)
    every = np.ones(10, bool)
    assert RandomHalfBody().half_body(same, every, UPPER, LOWER) is None


@pytest.mark.parametrize('count, changed', [(8, False), (9, True)])
def test_more_than_eight_visible_keypoints_are_needed(count, changed):
    visible = np.zeros((1, 10), np.float32)
    visible[0, :count] = 1
    made = dict(
        keypoints=POINTS[None],
        keypoints_visible=visible,
        upper_body_ids=UPPER,
        lower_body_ids=LOWER,
        bbox_center=np.array([[1.0, 1]]),
        bbox_scale=np.array([[2.0, 2]]),
    )
    out = RandomHalfBody(prob=1)(made)
    assert (out['bbox_center'].tolist() != [[1, 1]]) is changed
    assert out['bbox_center'].shape == out['bbox_scale'].shape == (1, 2)
