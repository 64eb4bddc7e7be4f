import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from ssltoolbox.datasets.transforms import colour_ops as ops


def images():
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (40, 30, 3), dtype=np.uint8)
    narrow = rng.integers(50, 90, (61, 33, 3), dtype=np.uint8)
    bright = rng.normal(200, 30, (64, 48, 3)).clip(0, 255).astype(np.uint8)
    flat = np.full((5, 4, 3), 77, np.uint8)
    almost_black = np.zeros((30, 20, 3), np.uint8)
    almost_black[:3] = 9
    return [noise, narrow, bright, flat, almost_black]


def assert_equals_pillow(ours, theirs):
    """``ours`` of a BGR image, ``theirs`` of the same image in RGB."""
    for bgr in images():
        before = bgr.copy()
        rgb = Image.fromarray(np.ascontiguousarray(bgr[..., ::-1]))
        out = ours(bgr)
        assert out.dtype == np.uint8
        assert np.array_equal(out[..., ::-1], np.array(theirs(rgb)))
        assert np.array_equal(bgr, before)


@pytest.mark.parametrize('name', ['autocontrast', 'equalize', 'invert'])
def test_whole_image_operations_equal_pillows(name):
    assert_equals_pillow(getattr(ops, name), getattr(ImageOps, name))


@pytest.mark.parametrize('bits', range(1, 9))
def test_posterize_equals_pillows(bits):
    assert_equals_pillow(
        lambda image: ops.posterize(image, bits),
        lambda image: ImageOps.posterize(image, bits),
    )


@pytest.mark.parametrize('threshold', [0, 1, 85.3, 128, 255, 256])
def test_solarize_equals_pillows(threshold):
    assert_equals_pillow(
        lambda image: ops.solarize(image, threshold),
        lambda image: ImageOps.solarize(image, threshold),
    )


@pytest.mark.parametrize('name', ['brightness', 'color', 'contrast', 'sharpness'])
@pytest.mark.parametrize('factor', [0, 0.1, 0.37, 0.7, 1, 1.3, 1.64, 1.9])
def test_enhancements_equal_pillows(name, factor):
    assert_equals_pillow(
        lambda image: getattr(ops, name)(image, factor),
        lambda image: getattr(ImageEnhance, name.capitalize())(image).enhance(factor),
    )


@pytest.mark.parametrize('level, expected', [(10, 50), (87, 127), (88, 127), (240, 0)])
def test_solarize_may_add_to_every_pixel_before(level, expected):
    # 10 + 40 stays; 87 + 40 = 127 stays; 88 + 40 = 128 becomes 255 - 128; 240 is cut
    out = ops.solarize(np.full((2, 2, 3), level, np.uint8), 128, add=40)
    assert (out == expected).all()


def test_grey_weighs_blue_least():
    pure = np.zeros((1, 3, 3), np.uint8)
    pure[0, range(3), range(3)] = 255
    assert ops.luma(pure).tolist() == [[29, 150, 76]]


@pytest.mark.parametrize(
    'center, side, rows, columns',
    [
        ((10, 20), 8, (16, 24), (6, 14)),
        ((0, 0), 8.6, (0, 8), (0, 8)),  # moved inwards
        ((29, 39), 8, (35, 39), (25, 29)),  # cut
    ],
)
def test_a_square_spans_its_side_and_one_more(center, side, rows, columns):
    image = np.zeros((40, 30, 3), np.uint8)
    ops.cut_square(image, center, side, (1, 2, 3))
    ys, xs = np.nonzero(image.any(-1))
    assert (ys.min(), ys.max()) == rows and (xs.min(), xs.max()) == columns
    assert (image[ys, xs] == (1, 2, 3)).all()


def test_an_image_turned_round_is_made_contiguous():
    image = images()[0]
    out = ops.checked_image({'img': image[..., ::-1]}, 'Any')
    assert out.flags.c_contiguous and np.array_equal(out, image[..., ::-1])
