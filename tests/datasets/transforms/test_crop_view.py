import random

import cv2
import numpy as np
import pytest

from ssltoolbox.datasets.transforms.crop_view import CropView, RandomView
from ssltoolbox.testing.tiny_pose import FLIP_INDICES

from mmpose.datasets.transforms import GetBBoxCenterScale, TopdownAffine  # isort: skip


def record(size=(120, 90), box=(20, 10, 70, 60), seed=0):
    rng = np.random.default_rng(seed)
    w, h = size
    image = cv2.GaussianBlur(rng.integers(0, 256, (h, w, 3), np.uint8), (0, 0), 2)
    keypoints = rng.uniform(15, 60, (1, 5, 2)).astype(np.float32)
    made = dict(
        img=image,
        bbox=np.array([box], np.float32),
        keypoints=keypoints,
        keypoints_visible=np.arange(5, dtype=np.float32)[None] / 4,
        flip_indices=FLIP_INDICES,
    )
    return GetBBoxCenterScale()(made)


@pytest.mark.parametrize('size', [(64, 64), (48, 64), (64, 48)])
@pytest.mark.parametrize('box', [(20, 10, 70, 60), (5, 30, 100, 50), (-20, 0, 30, 80)])
def test_a_plain_crop_is_mmposes(size, box):
    ours = CropView(size)(record(box=box))
    theirs = TopdownAffine(size)(record(box=box))
    assert np.allclose(
        ours['transformed_keypoints'], theirs['transformed_keypoints'], atol=1e-2
    )
    gap = np.abs(ours['img'].astype(int) - theirs['img'].astype(int))
    assert ours['img'].shape == theirs['img'].shape and gap.mean() < 0.5
    for key in ('input_center', 'input_scale'):
        assert np.allclose(ours[key], theirs[key])


def test_a_square_box_fills_its_padded_crop():
    # box 40 px, centre (45, 35): padded to 50 px, so 2 crop pixels per pixel
    view = CropView((100, 100))(record(box=(25, 15, 65, 55)))['view']
    assert view.tolist() == [[2, 0, 50 - 90], [0, 2, 50 - 70], [0, 0, 1]]
    assert view.dtype == np.float64


@pytest.mark.parametrize('mirror', [False, True])
@pytest.mark.parametrize('rotation', [0, 33])
def test_pixels_and_keypoints_move_together(mirror, rotation):
    made = record()
    made['img'] = np.zeros((90, 120, 3), np.uint8)
    points = np.array([[40, 30], [60, 30], [50, 35], [45, 50], [55, 50]], np.float32)
    made['keypoints'] = points[None]
    for number, (x, y) in enumerate(points.astype(int)):
        cv2.circle(made['img'], (int(x), int(y)), 2, [50 * number + 50] * 3, -1)
    out = CropView((240, 240)).crop(made, 1.0, rotation, mirror)
    partner = FLIP_INDICES if mirror else range(5)
    for number, (x, y) in enumerate(out['transformed_keypoints'][0]):
        shade = out['img'][round(y), round(x), 0]
        # keypoint n of a mirrored view is where its partner was drawn
        assert shade == 50 * partner[number] + 50
    assert (np.linalg.det(out['view'][:2, :2]) < 0) == mirror == out['flip']


def test_mirroring_exchanges_visibility_and_keeps_the_record():
    made = record()
    before = made['keypoints'].copy()
    out = CropView((64, 64)).crop(made, 1.0, 0.0, True)
    assert out['keypoints_visible'][0].tolist() == [0.25, 0, 0.5, 1, 0.75]
    assert np.array_equal(out['keypoints'], before[:, FLIP_INDICES])


def drawn(count=400, **fields):
    random.seed(0)
    np.random.seed(0)
    view = RandomView((64, 64), **fields)
    seen = []
    view.crop = lambda results, *values: seen.append(values)
    for _ in range(count):
        view.transform({})
    return np.array(seen, dtype=float).T


def test_random_views_stay_within_their_bounds():
    scale, rotation, mirror = drawn(scale=0.25, rotation=20)
    assert scale.min() == 0.75 and scale.max() == 1.25
    assert np.abs(rotation).max() == 40
    assert 0.5 < (rotation != 0).mean() < 0.7 and 0.4 < mirror.mean() < 0.6


def test_nothing_random_is_the_plain_crop():
    scale, rotation, mirror = drawn(scale=0, rotation=0, flip_prob=-1)
    assert (scale == 1).all() and (rotation == 0).all() and (mirror == 0).all()


def test_equal_seeds_draw_equal_views():
    assert np.array_equal(drawn(20), drawn(20))
