import cv2
import numpy as np
import pytest

from ssltoolbox.datasets.multi_source import seeded
from ssltoolbox.datasets.transforms import colour_ops as ops
from ssltoolbox.datasets.transforms.surgical_colour import POOL, SurgicalColour


def image():
    return np.random.default_rng(0).integers(60, 180, (40, 30, 3), np.uint8)


def changed(seed=0, **fields):
    before = image()
    made = dict(img=before)
    with seeded(seed):
        out = SurgicalColour(**fields)(made)['img']
    assert np.array_equal(before, image())
    return out


@pytest.mark.parametrize('name', POOL)
def test_one_operation_with_the_drawn_factor(name):
    assert np.array_equal(
        changed(names=[name], factor=(0.8, 0.8)), POOL[name](image(), 0.8)
    )
    assert np.array_equal(changed(names=[name]), image()) == (name == 'none')


def test_all_operations_are_drawn():
    seen = {changed(seed, factor=(0.7, 0.7)).tobytes() for seed in range(60)}
    assert len(seen) == len(POOL)


def test_factors_are_those_of_the_bounds():
    means = [changed(seed, names=['brightness']).mean() for seed in range(100)]
    shares = np.array(means) / image().mean()
    assert 0.69 < shares.min() < 0.72 and 0.98 < shares.max() <= 1


def test_equal_seeds_draw_equal_colours():
    assert np.array_equal(changed(3), changed(3))


def test_luma_is_spread_over_all_levels_and_colours_stay():
    narrow = (image() // 6 + 90).astype(np.uint8)
    yuv, before = (
        cv2.cvtColor(i, cv2.COLOR_BGR2YUV).astype(int)
        for i in (ops.equalize_luma(narrow), narrow)
    )
    assert yuv[..., 0].min() < 5 and yuv[..., 0].max() > 250
    inside = (yuv[..., 0] > 40) & (yuv[..., 0] < 210)
    assert np.abs(yuv - before)[inside][:, 1:].max() <= 2


@pytest.mark.parametrize(
    'fields', [dict(names=['hue']), dict(names=[]), dict(factor=(0.7, 1.2))]
)
def test_bad_fields_are_refused(fields):
    with pytest.raises(ValueError, match=f'SurgicalColour: {next(iter(fields))}'):
        SurgicalColour(**fields)


def test_normalised_images_are_refused():
    with pytest.raises(ValueError, match='SurgicalColour needs img'):
        SurgicalColour()({'img': image().astype(np.float32)})
