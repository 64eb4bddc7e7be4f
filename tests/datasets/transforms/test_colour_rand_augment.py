import random

import numpy as np
import pytest

from ssltoolbox.datasets.multi_source import seeded
from ssltoolbox.datasets.transforms.colour_rand_augment import POOL, ColourRandAugment
from ssltoolbox.registry import TRANSFORMS


def noise(size=64):
    return np.random.default_rng(0).integers(0, 256, (size, size, 3), dtype=np.uint8)


def grey(value):
    return np.full((4, 4, 3), value, np.uint8)


@pytest.mark.parametrize(
    'name, magnitude, value, expected',
    [
        ('Posterize', 0, 255, 252),  # 6 bits are left
        ('Posterize', 20, 255, 240),  # 6 - int(2.67) = 4 bits are left
        ('Posterize', 30, 255, 192),  # 2 bits are left
        ('Solarize', 15, 127, 127),  # from 128 upwards
        ('Solarize', 15, 128, 127),
        ('SolarizeAdd', 30, 10, 120),
        ('SolarizeAdd', 30, 18, 127),  # 18 + 110 = 128 is inverted
        ('Invert', 20, 10, 245),
    ],
)
def test_operations_have_their_published_strength(name, magnitude, value, expected):
    op, largest = POOL[name]
    assert op(grey(value), magnitude / 30 * largest)[0, 0, 0] == expected


@pytest.mark.parametrize('index, expected', [(0, 40), (1, 160)])
def test_enhancements_go_either_way(monkeypatch, index, expected):
    monkeypatch.setattr(random, 'choice', lambda signs: signs[index])
    op, largest = POOL['Brightness']
    # factor 1 -+ 20 / 30 * 0.9
    assert op(grey(100), 20 / 30 * largest)[0, 0, 0] == pytest.approx(expected, abs=1)


def test_a_hole_has_the_mean_colour_and_leaves_the_input_alone():
    image = grey(0).repeat(30, 0).repeat(30, 1)
    out = POOL['CutoutAbs'][0](image, 20)
    painted = out.any(-1)
    assert 0 < painted.sum() <= 21**2 and (out[painted] == (114, 123, 125)).all()
    assert not image.any()


def test_only_a_hole_tells_pixels_apart():
    assert len(POOL) == 11
    for name, (op, largest) in POOL.items():
        out = op(grey(90), 0.5 * largest)
        assert out.shape == (4, 4, 3) and out.dtype == np.uint8
        assert name == 'CutoutAbs' or (out == out[0, 0]).all()


def test_same_seeds_give_the_same_image_and_others_do_not():
    images = []
    for seed in [0, 0, 1]:
        with seeded(seed):
            images.append(ColourRandAugment()({'img': noise()})['img'])
    assert (images[0] == images[1]).all() and (images[0] != images[2]).any()


def test_every_operation_is_drawn_and_the_input_is_never_written():
    image = noise(16)
    before, drawn = image.copy(), set()
    policy = ColourRandAugment(num_ops=1)
    for seed in range(60):
        with seeded(seed):
            out = policy({'img': image, 'id': 3})
        assert out['id'] == 3 and out['img'].flags.c_contiguous
        assert (image == before).all()
        with seeded(seed):
            drawn.update(policy.draw())
    assert drawn == set(POOL)


def test_nothing_to_do_changes_nothing():
    out = ColourRandAugment(num_ops=0)({'img': noise()})['img']
    assert (out == noise()).all()


def test_is_built_from_a_config():
    transform = TRANSFORMS.build(dict(type='ssltoolbox.ColourRandAugment', num_ops=1))
    assert repr(transform) == 'ColourRandAugment(num_ops=1, magnitude=20)'


@pytest.mark.parametrize('arguments', [{'num_ops': -1}, {'magnitude': 31}])
def test_arguments_out_of_range_are_refused(arguments):
    with pytest.raises(ValueError, match='magnitude must be 0..30'):
        ColourRandAugment(**arguments)


@pytest.mark.parametrize(
    'image', [np.zeros((4, 4, 3), np.float32), np.zeros((4, 4), np.uint8)]
)
def test_other_images_are_refused(image):
    with pytest.raises(ValueError, match='ColourRandAugment.*before any normal'):
        ColourRandAugment()({'img': image})
