import numpy as np
import pytest

from ssltoolbox.datasets.depth.frame_window import FrameWindow, shrink


def mask(rows, columns, shape=(40, 60)):
    grey = np.zeros(shape, np.uint8)
    grey[slice(*rows), slice(*columns)] = 255
    return grey


def test_the_window_grows_to_the_next_multiple_around_what_is_valid():
    # rows 8 to 27, columns 20 to 47: 19 and 27 apart
    window = FrameWindow.around(mask((8, 28), (20, 48)), 1, 8)
    assert (window.width, window.height) == (32, 24)
    assert (window.left, window.top) == (20 - 2, 8 - 2)


def test_a_multiple_grows_by_a_whole_one():
    window = FrameWindow.around(mask((8, 25), (20, 37)), 1, 8)
    assert (window.width, window.height) == (24, 24)


def test_a_common_size_keeps_the_middle():
    grey = mask((8, 28), (20, 48))
    own = FrameWindow.around(grey, 1, 8)
    larger = FrameWindow.around(grey, 1, 8, (48, 40))
    assert (larger.left, larger.top) == (own.left - 8, 0)
    assert (larger.width, larger.height) == (48, 40)


def test_a_window_beyond_the_frame_is_black_there():
    grey = np.full((40, 60), 255, np.uint8)
    window = FrameWindow.around(grey, 1, 64)
    cut = window.cut(np.full((40, 60, 3), 9, np.uint8))
    assert cut.shape == (64, 64, 3)
    assert cut.sum() == 40 * 60 * 3 * 9
    valid = window.cut_mask(grey)
    # the square of the erosion does not reach in from beyond the frame
    assert valid.shape == (64, 64) and (valid == 255).sum() <= 40 * 60


def test_the_mask_shrinks_by_two_pixels():
    window = FrameWindow.around(mask((8, 28), (20, 48)), 1, 8)
    assert (window.cut_mask(mask((8, 28), (20, 48))) == 255).sum() == 16 * 24


@pytest.mark.parametrize('half_pixel', [False, True])
def test_intrinsics_move_with_the_window(half_pixel):
    window = FrameWindow(left=3, top=5, width=8, height=8, downsampling=4)
    full = np.array([[40, 0, 30], [0, 44, 50], [0, 0, 1.0]])
    found = window.intrinsics(full, half_pixel)
    # (30 + 1/2) / 4 - 1/2 - 3 and 30 / 4 - 3
    cx, cy = (4.125, 7.125) if half_pixel else (4.5, 7.5)
    np.testing.assert_array_equal(found, [[10, 0, cx], [0, 11, cy], [0, 0, 1]])


def test_half_pixels_are_where_resizing_takes_them():
    ramp = np.tile(np.arange(60, dtype=np.float32), (40, 1))
    small = shrink(ramp, 4)
    # the pixel 7 of the smaller image shows the place 29.5
    assert small[0, 7] == 29.5
    window = FrameWindow(0, 0, 15, 10, 4)
    full = np.array([[1, 0, 29.5], [0, 1, 0], [0, 0, 1.0]])
    assert window.intrinsics(full, half_pixel=True)[0, 2] == 7


def test_a_mask_of_which_nothing_is_left_is_refused():
    with pytest.raises(ValueError, match='nothing of the mask is left, .* by 4'):
        FrameWindow.around(mask((8, 9), (20, 21)), 4, 8)
