import cv2
import numpy as np
import pytest

from ssltoolbox.datasets.multi_source import seeded
from ssltoolbox.datasets.transforms.endoscopic_colour import (
    EndoscopicColour,
    motion_kernel,
    relight,
    shift_hsv,
)
from ssltoolbox.datasets.transforms.to_hsv import ToHSV

NOTHING = dict(colour_prob=0.0, blur_prob=0.0, noise_prob=0.0)
LIGHT = dict(brightness=0.0, contrast=0.0, gamma=(1.0, 1.0), hue=0.0)


def image():
    return np.random.default_rng(0).integers(60, 180, (40, 30, 3), np.uint8)


def changed(seed=0, **fields):
    before = image()
    with seeded(seed):
        out = EndoscopicColour(**fields)(dict(img=before))['img']
    assert np.array_equal(before, image()) and out.dtype == np.uint8
    return out


def only(part, **fields):
    return {**NOTHING, f'{part}_prob': 1.0, **fields}


def test_nothing_is_changed_with_probability_0():
    assert np.array_equal(changed(**NOTHING), image())


def test_each_of_the_three_happens_in_half_of_the_cases():
    for part in ('colour', 'blur', 'noise'):
        same = [
            np.array_equal(changed(n, **{**NOTHING, f'{part}_prob': 0.5}), image())
            for n in range(80)
        ]
        assert 25 < sum(same) < 55


def test_light_by_hand():
    levels = np.array([0, 51, 128, 255], np.uint8).reshape(1, 4, 1).repeat(3, 2)
    brighter = relight(levels, factor=1.0, shift=0.2, exponent=1.0)
    assert brighter[0, :, 0].tolist() == [51, 102, 179, 255]
    contrast = relight(levels, factor=0.5, shift=0.0, exponent=1.0)
    assert contrast[0, :, 0].tolist() == [0, 26, 64, 128]
    darker = relight(levels, factor=1.0, shift=0.0, exponent=2.0)
    assert darker[0, :, 0].tolist() == [0, 10, 64, 255]


def test_hue_turns_by_degrees_and_comes_back():
    red = np.zeros((1, 1, 3), np.uint8)
    red[..., 2] = 200
    assert np.abs(shift_hsv(red, 120).astype(int) - [0, 200, 0]).max() <= 3
    assert np.abs(shift_hsv(red, -120).astype(int) - [200, 0, 0]).max() <= 3
    assert np.abs(shift_hsv(image(), 360).astype(int) - image()).max() <= 4
    paler = shift_hsv(red, 0, saturation=-255)
    assert paler.tolist() == [[[200, 200, 200]]]
    assert shift_hsv(red, 0, value=55).max() == 255


def test_light_and_hsv_are_drawn_by_their_share():
    fields = only('colour', **LIGHT, saturation=0.0, value=40.0)
    # of no light nothing is left but the circle of hue and back
    still = [np.abs(changed(n, **fields).astype(int) - image()).max() for n in range(200)]
    assert 0.56 < np.mean(np.array(still) <= 4) < 0.78
    alone = only('colour', **LIGHT, value=80.0, light_share=1.0)
    gaps = [np.abs(changed(n, **alone).astype(int) - image()).max() for n in range(20)]
    assert max(gaps) <= 4


def test_brightness_stays_within_its_bound():
    fields = only('colour', **LIGHT | dict(brightness=0.2), light_share=1.0)
    shifts = [changed(n, **fields).mean() - image().mean() for n in range(100)]
    assert -53 < min(shifts) < -40 and 40 < max(shifts) < 53


def test_sharpness_has_four_kinds():
    fields = only('blur', blur_size=(3, 3), jpeg_quality=(20, 20))
    seen = [changed(n, **fields) for n in range(80)]
    box, median = cv2.blur(image(), (3, 3)), cv2.medianBlur(image(), 3)
    quality = [cv2.IMWRITE_JPEG_QUALITY, 20]
    jpeg = cv2.imdecode(cv2.imencode('.jpg', image(), quality)[1], 1)
    counts = [sum(np.array_equal(one, kind) for one in seen) for kind in (box, median, jpeg)]
    assert min(counts) > 8 and 80 - sum(counts) > 8


def test_blur_has_odd_sizes_between_the_bounds():
    fields = only('blur', jpeg_quality=(100, 100))
    kinds = {side: cv2.blur(image(), (side, side)) for side in (3, 5, 7)}
    seen = [changed(n, **fields) for n in range(150)]
    for kind in kinds.values():
        assert any(np.array_equal(one, kind) for one in seen)


def test_motion_is_a_line_of_weight_1():
    np.random.seed(0)
    for side in (3, 5, 7):
        kernels = [motion_kernel(side) for _ in range(100)]
        assert all(k.sum() == pytest.approx(1) for k in kernels)
        assert max((k > 0).sum() for k in kernels) == side


def test_noise_has_the_deviation_asked_for():
    grey = np.full((80, 80, 3), 128, np.uint8)
    kinds = set()
    for seed in range(12):
        with seeded(seed):
            noise = EndoscopicColour(
                **only('noise', noise_variance=(25.0, 25.0), grey_noise=(5.0, 5.0))
            )(dict(img=grey))['img'].astype(float)
        assert noise.mean() == pytest.approx(128, abs=0.5)
        assert noise.std() == pytest.approx(5, rel=0.05)
        kinds.add(bool((noise[..., 0] == noise[..., 1]).all()))
    assert kinds == {True, False}


def test_equal_seeds_draw_equal_frames():
    assert np.array_equal(changed(3), changed(3))
    assert not np.array_equal(changed(3, noise_prob=1.0), changed(4, noise_prob=1.0))


@pytest.mark.parametrize(
    'fields',
    [
        dict(colour_prob=1.5),
        dict(light_share=-1),
        dict(gamma=(1.2, 0.8)),
        dict(blur_size=(2, 6)),
        dict(jpeg_quality=(20, 101)),
        dict(noise_variance=(1.0,)),
    ],
)
def test_bad_fields_are_refused(fields):
    with pytest.raises(ValueError, match=f'EndoscopicColour: {next(iter(fields))} is'):
        EndoscopicColour(**fields)


def test_hsv_is_a_full_circle_of_bytes():
    pure = np.zeros((1, 3, 3), np.uint8)
    pure[0, 0, 2] = pure[0, 1, 1] = pure[0, 2, 0] = 255  # red, green, blue
    out = ToHSV()(dict(img=pure, name='x'))
    assert out['colour_space'] == 'hsv' and out['name'] == 'x'
    assert out['img'][0, :, 0].tolist() == pytest.approx([0, 85, 170], abs=1)
    assert (out['img'][..., 1:] == 255).all()
    with pytest.raises(ValueError, match='ToHSV needs img'):
        ToHSV()(dict(img=pure.astype(np.float32)))
