import numpy as np
import pytest

from ssltoolbox.visualization.dense import draw_classes, draw_maps
from ssltoolbox.visualization.overlay import draw_poses

RED, BLUE = (0, 0, 255), (255, 0, 0)


@pytest.fixture
def image():
    return np.full((40, 60, 3), 100, np.uint8)


def at(image, x, y):
    return tuple(int(value) for value in image[y, x])


def test_each_map_has_its_colour_and_zero_leaves_the_image(image):
    maps = np.zeros((2, 4, 6))
    maps[0, 0, 0] = maps[1, 3, 5] = 1
    drawn = draw_maps(image, maps, [RED, BLUE])
    b, g, r = at(drawn, 1, 1)
    assert r > 200 and b < 30 and g < 30
    assert at(drawn, 58, 38)[0] > 200
    assert at(drawn, 30, 20) == (100, 100, 100)


def test_where_maps_overlap_colours_mix(image):
    drawn = draw_maps(image, np.ones((2, 4, 6)), [RED, BLUE])
    b, g, r = at(drawn, 30, 20)
    assert b == r and b > g
    same = draw_maps(image, np.full((2, 4, 6), np.nan), [RED, BLUE])
    np.testing.assert_array_equal(same, image)


def test_classes_are_tinted_and_what_is_not_kept_is_dark(image):
    classes = np.array([[0, 1, 255]])
    drawn = draw_classes(image, classes, [RED, BLUE])
    assert at(drawn, 5, 5) == (50, 50, 178)
    assert at(drawn, 30, 5) == (178, 50, 50)
    assert at(drawn, 55, 5) == (100, 100, 100)
    drawn = draw_classes(image, classes, [RED, BLUE], np.array([[True, False, True]]))
    assert at(drawn, 5, 5) == (50, 50, 178)
    assert at(drawn, 30, 5) == (40, 40, 40)


def test_black_is_no_tint(image):
    drawn = draw_classes(image, np.zeros((1, 1)), [(0, 0, 0), RED])
    np.testing.assert_array_equal(drawn, image)


def test_two_instruments_with_links_and_a_missing_joint():
    image = np.full((120, 160, 3), 100, np.uint8)
    points = np.array([
        [[20.0, 20], [20, 60], [20, 100]],
        [[100.0, 20], [0, 0], [100, 100]],
    ])  # fmt: skip
    scores = np.array([[0.9, 0.9, 0.9], [0.9, 0, 0.9]])
    meta = dict(skeleton_links=[(0, 1), (1, 2)], keypoint_id2name={})
    drawn = draw_poses(image, points, scores, meta, min_score=0)
    changed = (drawn != image).any(-1)
    assert changed[40, 20] and changed[80, 20]
    assert changed[20, 100] and changed[100, 100]
    # no link to the missing joint, and nothing at its place
    assert not changed[60, 100] and not changed[40, 50] and not changed[:10, :10].any()


def test_no_instrument_leaves_the_image(image):
    empty = np.zeros((0, 3, 2)), np.zeros((0, 3))
    drawn = draw_poses(image, *empty, dict(skeleton_links=[(0, 1)]))
    np.testing.assert_array_equal(drawn, image)
