import colorsys

import numpy as np
import pytest

from ssltoolbox.datasets.multi_source import seeded
from ssltoolbox.datasets.transforms.strong_colour import StrongColour, turn_hue

OFF = dict(jitter_prob=0, grey_prob=0, blur_prob=0)


def picture():
    return np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8)


def changed(seed=0, image=None, **fields):
    with seeded(seed):
        return StrongColour(**{**OFF, **fields})(
            {'img': picture() if image is None else image}
        )['img']


def test_a_hue_turns_as_it_does_in_python():
    blue, green, red = 40, 90, 200
    h, s, v = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
    expected = [round(255 * c) for c in colorsys.hsv_to_rgb((h + 0.25) % 1, s, v)]
    found = turn_hue(np.full((1, 1, 3), (blue, green, red), np.uint8), 0.25)[0, 0]
    assert np.abs(found[::-1].astype(int) - expected).max() <= 3
    assert np.abs(turn_hue(picture(), 1.0).astype(int) - picture()).max() <= 12


def test_nothing_is_changed_without_a_draw():
    assert np.array_equal(changed(), picture())


def test_grey_is_grey_and_a_blur_is_smoother():
    grey = changed(grey_prob=1)
    assert np.array_equal(grey[..., 0], grey[..., 2])
    blurred = changed(blur_prob=1, sigma=(2, 2))
    assert blurred.std() < 0.4 * picture().std()
    assert abs(blurred.mean() - picture().mean()) < 3


def test_brightness_stays_within_its_bounds():
    flat = np.full((4, 4, 3), 100, np.uint8)
    seen = [
        changed(seed, flat, jitter_prob=1, jitter=(0.5, 0, 0, 0))[0, 0, 0]
        for seed in range(200)
    ]
    assert 50 <= min(seen) < 60 and 140 < max(seen) <= 150


def test_equal_seeds_draw_alike_and_the_image_of_others_stays():
    one, same, other = (changed(s, **dict.fromkeys(OFF, 1)) for s in (1, 1, 2))
    assert np.array_equal(one, same) and not np.array_equal(one, other)
    image = picture()
    changed(1, image, **dict.fromkeys(OFF, 1))
    assert np.array_equal(image, picture())


@pytest.mark.parametrize(
    'fields',
    [dict(grey_prob=2), dict(jitter=(1, 1, 1, 0.6)), dict(sigma=(2, 1))],
)
def test_bad_fields_are_refused(fields):
    with pytest.raises(ValueError, match='StrongColour'):
        StrongColour(**fields)
    with pytest.raises(ValueError, match='StrongColour needs img'):
        StrongColour()({'img': np.zeros((2, 2))})
