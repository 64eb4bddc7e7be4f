import numpy as np

from ssltoolbox.datasets.transforms.cut_columns import fit, paste, roll


def sample(points, width=10, first=0):
    """Points (N, K) as columns, None for a missing one; pixels name their column."""
    seen = np.array([[x is not None for x in row] for row in points], np.float32)
    xs = np.array([[x or 0 for x in row] for row in points], np.float32)
    keypoints = np.stack([xs, 2 * seen], -1)
    image = (
        np.zeros((4, width, 3), np.uint8) + np.arange(width, dtype=np.uint8)[:, None]
    )
    return dict(img=image + first, keypoints=keypoints, keypoints_visible=seen)


def columns(made):
    """The points as columns, None for a missing one."""
    rows = list(zip(made['keypoints'], made['keypoints_visible'], strict=True))
    for points, seen in rows:
        assert (points[seen == 0] == 0).all() and (points[seen > 0, 1] == 2).all()
    return [
        [float(p[0]) if s else None for p, s in zip(points, seen, strict=True)]
        for points, seen in rows
    ]


def test_a_whole_instrument_moves_with_its_pixels():
    made = sample([[4, 6, None]])
    roll(made, 3)
    assert made['img'][0, :, 0].tolist() == [3, 4, 5, 6, 7, 8, 9, 0, 1, 2]
    assert columns(made) == [[1, 3, None]]
    assert made['keypoints'].dtype == made['keypoints_visible'].dtype == np.float32


def test_a_torn_instrument_becomes_two_and_no_joint_is_lost():
    made = sample([[1, 4, 8], [5, 6, 7]])
    roll(made, 4)
    assert columns(made) == [[None, 0, 4], [1, 2, 3], [7, None, None]]


def test_a_joint_goes_where_most_of_its_pixel_goes():
    made = sample([[3.4, 3.6]])
    roll(made, 4)
    # pixel 3 went to the end, pixel 4 to the start
    assert np.allclose(
        made['keypoints'][made['keypoints_visible'] > 0][:, 0], [-0.4, 9.4]
    )


def test_rolls_are_modulo_the_width():
    made, same = sample([[1, 8]]), sample([[1, 8]])
    roll(made, -7)
    roll(same, 3)
    assert np.array_equal(made['img'], same['img']) and columns(made) == columns(same)


def test_nothing_visible_stays_nothing():
    made = sample([[1, 2, 3]])
    for key in ('keypoints', 'keypoints_visible'):
        made[key] = made[key][:0]
    roll(made, 4)
    assert made['keypoints'].shape == (0, 3, 2)
    assert made['keypoints_visible'].shape == (0, 3)


def test_the_left_part_is_the_others_and_the_right_part_stays():
    made, other = sample([[2, 6, 7]]), sample([[1, 3, 8]], first=100)
    before = made['img'].copy()
    image = made['img']
    paste(made, other, 4)
    assert made['img'][0, :, 0].tolist() == [100, 101, 102, 103, 4, 5, 6, 7, 8, 9]
    assert columns(made) == [[None, 6, 7], [1, 3, None]]
    assert np.array_equal(image, before)


def test_a_cut_outside_the_image_takes_all_or_nothing():
    for cut, expected in ((-3, [[2, 6]]), (13, [[1, 8]])):
        made = sample([[2, 6]])
        paste(made, sample([[1, 8]], first=100), cut)
        assert columns(made) == expected


def test_another_size_is_fitted_around_pixel_centres():
    made = fit(sample([[0, 9]], width=10), (20, 8))
    assert made['img'].shape == (8, 20, 3)
    assert made['keypoints'][0].tolist() == [[0.5, 4.5], [18.5, 4.5]]
