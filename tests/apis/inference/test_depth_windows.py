"""What a depth network sees of a picture."""

import cv2
import numpy as np
import pytest

from ssltoolbox.apis.inference.depth_windows import DepthWindows, camera_matrix
from ssltoolbox.apis.inference.image_source import Frame
from ssltoolbox.datasets.depth.frame_window import FrameWindow
from ssltoolbox.datasets.depth.prepare import SfmSettings

SETTINGS = SfmSettings(downsampling=2, multiple=8)


def frame(width=64, height=48, file='a.png'):
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (height, width, 3), dtype=np.uint8)
    return Frame(file, 0, image)


@pytest.fixture
def masked(tmp_path):
    """A folder with a mask of which 32 x 24 px are valid, and a camera."""
    mask = np.zeros((48, 64), np.uint8)
    mask[10:34, 20:52] = 255
    cv2.imwrite(str(tmp_path / 'undistorted_mask.bmp'), mask)
    camera = tmp_path / 'camera_intrinsics_per_view'
    camera.write_text('50\n60\n32\n24\n')
    return tmp_path


def test_without_a_mask_all_is_valid():
    view = DepthWindows(SETTINGS).look(frame(), None)
    # 31 px between the outer rows' centres grow to 32, 23 to 24
    assert view.window == FrameWindow(0, 0, 32, 24, 2)
    assert view.valid.all() and view.intrinsics is None and view.sparse is None


def test_the_window_of_training_is_cut_from_the_middle():
    picture = frame(96, 80)
    view = DepthWindows(SETTINGS, (32, 24)).look(picture, None)
    assert view.window.width == 32 and view.image.shape == (24, 32, 3)
    left, top = view.window.left, view.window.top
    assert abs(left - 8) <= 4 and abs(top - 8) <= 4
    small = cv2.resize(picture.image, (48, 40), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_array_equal(view.image, small[top : top + 24, left : left + 32])


def test_mask_and_camera_beside_the_picture(masked):
    windows = DepthWindows(SETTINGS)
    assert windows.knows_camera(masked / 'a.png')
    view = windows.look(frame(), masked / 'a.png')
    # 16 x 12 valid pixels, of which the rim of two goes
    assert view.valid.sum() == 12 * 8
    left, top = view.window.left, view.window.top
    expected = [[25, 0, 16 - left], [0, 30, 12 - top], [0, 0, 1]]
    np.testing.assert_allclose(view.intrinsics, expected)


def test_what_is_given_goes_first(masked, tmp_path):
    whole = tmp_path / 'whole.png'
    cv2.imwrite(str(whole), np.full((48, 64), 255, np.uint8))
    windows = DepthWindows(SETTINGS, mask=whole, intrinsics=(10, 10, 0, 0))
    view = windows.look(frame(), masked / 'a.png')
    assert view.valid.all() and view.intrinsics[0, 0] == 5
    assert windows.knows_camera(None)
    assert not DepthWindows(SETTINGS).knows_camera(None)


def test_a_mask_of_another_size_is_named(masked):
    with pytest.raises(ValueError, match='a.png has 30 x 20 px and its mask .*64 x 48'):
        DepthWindows(SETTINGS).look(frame(30, 20), masked / 'a.png')


def test_pictures_of_several_sizes_have_windows_of_their_own():
    windows = DepthWindows(SETTINGS)
    sizes = [windows.look(frame(w, 48), None).mask.shape for w in (64, 100, 64)]
    assert sizes == [(24, 32), (24, 56), (24, 32)]


@pytest.mark.parametrize(
    ('options', 'error', 'says'),
    [
        (dict(size=(30, 24)), ValueError, r'multiples of 8, .*got \(30, 24\)'),
        (dict(size=(32,)), ValueError, 'multiples of 8'),
        (dict(intrinsics=(1, 2, 3)), ValueError, 'fx, fy, cx, cy in pixels'),
        (dict(intrinsics=(0, 2, 3, 4)), ValueError, 'two above 0'),
        (dict(mask='none.bmp'), FileNotFoundError, 'none.bmp does not exist'),
    ],
)
def test_wrong_options_are_named(options, error, says):
    with pytest.raises(error, match=says):
        DepthWindows(SETTINGS, **options)


def test_an_empty_mask_is_named(tmp_path):
    cv2.imwrite(str(tmp_path / 'm.png'), np.zeros((48, 64), np.uint8))
    with pytest.raises(ValueError, match='m.png is nowhere 255'):
        DepthWindows(SETTINGS, mask=tmp_path / 'm.png')


def test_camera_matrix():
    assert camera_matrix([1, 2, 3, 4]).tolist() == [[1, 0, 3], [0, 2, 4], [0, 0, 1]]
