import random

import numpy as np
import pytest

from ssltoolbox.datasets.transforms.rand_augment import OPS, PoseRandAugment, cut_out
from ssltoolbox.registry import TRANSFORMS


def seed(value):
    random.seed(value)
    np.random.seed(value)


def noise(size=64):
    return np.random.default_rng(0).integers(0, 256, (size, size, 3), dtype=np.uint8)


def grey(value):
    return np.full((4, 4, 3), value, np.uint8)


@pytest.mark.parametrize(
    'name, level, value, expected',
    [
        ('Identity', 9, 100, 100),
        ('Brightness', 1, 100, 14),  # factor 0.05 + 0.09
        ('Brightness', 9, 100, 86),  # factor 0.05 + 0.81
        ('Posterize', 1, 255, 240),  # 4 bits are left
        ('Posterize', 9, 255, 254),  # 7 bits are left
        ('Solarize', 9, 26, 229),  # inverted from 256 - 230 upwards
        ('Solarize', 9, 25, 25),
        ('Solarize', 1, 230, 230),
        ('Solarize', 1, 231, 24),
    ],
)
def test_operations_have_their_published_strength(name, level, value, expected):
    assert OPS[name](grey(value), level)[0, 0, 0] == expected


def test_pool_is_photometric_and_keeps_a_grey_image_flat():
    assert len(OPS) == 9
    for op in OPS.values():
        out = op(grey(90), 5)
        assert out.shape == (4, 4, 3) and (out == out[0, 0]).all()


def test_cut_out_paints_an_inclusive_square(monkeypatch):
    monkeypatch.setattr(np.random, 'uniform', lambda low, high: 10.0)
    image = np.zeros((30, 30, 3), np.uint8)
    cut_out(image, 8)
    rows, columns = np.nonzero(image[..., 0])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (6, 14, 6, 14)
    assert (image[6:15, 6:15] == 127).all()


def test_cut_out_stays_whole_at_the_upper_left_and_is_cut_at_the_lower_right(
    monkeypatch,
):
    for centre, side in [(0.0, 9), (29.0, 5)]:
        monkeypatch.setattr(np.random, 'uniform', lambda low, high, c=centre: c)
        image = np.zeros((30, 30, 3), np.uint8)
        cut_out(image, 8)
        assert (image[..., 0] > 0).sum() == side**2


def test_same_seeds_give_the_same_image_and_others_do_not():
    transform = PoseRandAugment()
    images = []
    for value in [0, 0, 1]:
        seed(value)
        images.append(transform({'img': noise()})['img'])
    assert (images[0] == images[1]).all()
    assert (images[0] != images[2]).any()


def test_input_is_not_written_and_kind_is_kept():
    image = noise()
    before = image.copy()
    for value in range(8):
        seed(value)
        out = PoseRandAugment()({'img': image, 'id': 3})
        assert out['id'] == 3
        assert out['img'].dtype == np.uint8 and out['img'].shape == image.shape
        assert out['img'].flags.c_contiguous
        assert (image == before).all()


def test_operations_see_rgb(monkeypatch):
    monkeypatch.setattr(random, 'choices', lambda pool, k: [OPS['Color']] * k)
    monkeypatch.setattr(random, 'random', lambda: 0.0)
    monkeypatch.setattr(np.random, 'randint', lambda low, high: 1)
    blue = np.zeros((4, 4, 3), np.uint8)
    blue[..., 0] = 250
    out = PoseRandAugment(num_ops=1, num_holes=0)({'img': blue})['img']
    # Luma of pure blue is 0.114 * 250 = 28 or 29; 14 % of the colour is left.
    assert out[0, 0, 2] == pytest.approx(0.86 * 28.5, abs=1)
    assert out[0, 0, 0] == pytest.approx(0.86 * 28.5 + 0.14 * 250, abs=1)


def test_nothing_to_do_changes_nothing():
    image = noise()
    transform = PoseRandAugment(num_ops=0, num_holes=0)
    assert (transform({'img': image})['img'] == image).all()


def test_is_built_from_a_config():
    transform = TRANSFORMS.build(dict(type='ssltoolbox.PoseRandAugment', hole_size=8))
    assert transform.hole_size == 8
    assert 'hole_size=8' in repr(transform)


@pytest.mark.parametrize('arguments', [{'level': 1}, {'level': 11}, {'num_holes': -1}])
def test_arguments_out_of_range_are_refused(arguments):
    with pytest.raises(ValueError, match='PoseRandAugment'):
        PoseRandAugment(**arguments)


@pytest.mark.parametrize(
    'image', [np.zeros((4, 4, 3), np.float32), np.zeros((4, 4), np.uint8)]
)
def test_other_images_are_refused(image):
    with pytest.raises(ValueError, match='before any normalisation'):
        PoseRandAugment()({'img': image})
