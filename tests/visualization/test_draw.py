import numpy as np
import pytest

from ssltoolbox.visualization.colors import KEPT, LEFT, MIDDLE, RELABELLED, RIGHT
from ssltoolbox.visualization.colors import side_colors as colors_of
from ssltoolbox.visualization.draw import (
    draw_boxes,
    draw_heatmap,
    draw_pose,
    enlarge,
    pose_radius,
)


@pytest.fixture
def image():
    return np.full((80, 100, 3), 128, np.uint8)


def at(image, x, y):
    return tuple(int(value) for value in image[y, x])


def test_kept_joint_is_filled_and_dropped_joint_is_hollow(image):
    points = np.array([[20.0, 30.0], [70.0, 30.0]])
    drawn = draw_pose(image, points, np.array([1, 0]), radius=6)
    assert at(drawn, 20, 30) == KEPT
    assert at(drawn, 70, 30) == (128, 128, 128)
    assert at(drawn, 79, 30) != (128, 128, 128)


def test_relabelled_joint_has_its_colour_and_a_ring(image):
    points = np.array([[50.0, 40.0]])
    drawn = draw_pose(image, points, relabelled=np.array([True]), radius=6)
    assert at(drawn, 50, 40) == RELABELLED
    assert min(at(drawn, 61, 40)) > 240


def test_low_scores_are_faded(image):
    points = np.array([[20.0, 30.0], [70.0, 30.0]])
    drawn = draw_pose(image, points, scores=np.array([0.9, 0.05]), radius=6)
    strength = np.abs(drawn.astype(int) - 128).sum(-1)
    assert 0 < strength[30, 70] < 0.5 * strength[30, 20]


def test_link_needs_two_kept_joints(image):
    points = np.array([[20.0, 30.0], [70.0, 30.0]])
    linked = draw_pose(image, points, links=[(0, 1)], radius=4)
    cut = draw_pose(image, points, np.array([1, 0]), links=[(0, 1)], radius=4)
    assert at(linked, 45, 30) != (128, 128, 128)
    assert at(cut, 45, 30) == (128, 128, 128)


def test_input_is_not_changed(image):
    before = image.copy()
    draw_pose(image, np.array([[5.0, 5.0]]))
    draw_boxes(image, np.array([[5, 5, 50, 50]]))
    draw_heatmap(image, np.ones((20, 25)))
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize('value', [np.nan, np.inf, 1e12, -1e12, -500.0])
def test_joint_that_cannot_be_seen_is_left_out(image, value):
    drawn = draw_pose(image, np.array([[value, 10.0]]), radius=4)
    np.testing.assert_array_equal(drawn, image)


def test_limb_towards_a_joint_far_outside_is_drawn(image):
    drawn = draw_pose(image, np.array([[20.0, 30.0], [1e9, 30.0]]), links=[(0, 1)])
    assert at(drawn, 90, 30) != (128, 128, 128)


def test_no_joint_leaves_the_image(image):
    np.testing.assert_array_equal(draw_pose(image, np.zeros((0, 2))), image)


def test_box_is_drawn_at_its_corners(image):
    drawn = draw_boxes(image, np.array([[10, 20, 60, 70]]))
    assert at(drawn, 10, 45) != (128, 128, 128)
    assert at(drawn, 35, 45) == (128, 128, 128)


def test_heatmap_cell_lies_on_its_input_pixel(image):
    heatmap = np.zeros((2, 20, 25), np.float32)
    heatmap[1, 10, 5] = 1
    drawn = draw_heatmap(image, heatmap).astype(int)
    strength = np.abs(drawn - 128).sum(-1)
    y, x = np.unravel_index(strength.argmax(), strength.shape)
    assert (x, y) == (20, 40)
    assert strength[0, 90] == 0


def test_enlarge_keeps_pixel_centres():
    image = np.zeros((10, 20, 3), np.uint8)
    large, points = enlarge(image, np.array([[0.0, 0.0], [19.0, 9.0]]), min_side=40)
    assert large.shape == (40, 80, 3)
    np.testing.assert_allclose(points, [[1.5, 1.5], [77.5, 37.5]])


def test_enlarge_leaves_large_images():
    image = np.zeros((50, 60, 3), np.uint8)
    large, points = enlarge(image, np.array([[7.0, 8.0]]), min_side=40)
    assert large.shape == image.shape
    np.testing.assert_allclose(points, [[7, 8]])


def test_radius_grows_with_the_image():
    assert pose_radius(np.zeros((500, 500, 3))) == pytest.approx(4)
    assert pose_radius(np.zeros((1000, 1000, 3))) == pytest.approx(7)


def test_sides_are_read_from_the_names():
    names = ['L_Eye', 'left_hip', 'R_Eye', 'right-paw', 'Nose', 'Root of tail', 'lip']
    assert colors_of(names) == [LEFT, LEFT, RIGHT, RIGHT, MIDDLE, MIDDLE, MIDDLE]
