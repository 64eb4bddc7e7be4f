"""The toy persons: exact keypoints, correct sides, the layout of COCO, the config."""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from mmengine.registry import init_default_scope
from xtcocotools.coco import COCO
from xtcocotools.cocoeval import COCOeval

from ssltoolbox.apis.config import load_config
from ssltoolbox.datasets.label_list import load_label_list
from ssltoolbox.datasets.pose.metainfo import resolve_metainfo
from ssltoolbox.registry import DATASETS
from ssltoolbox.testing.drawing.place import place
from ssltoolbox.testing.drawing.render import (
    SUPERSAMPLE,
    Canvas,
    is_shown,
    render,
    view_rotation,
)
from ssltoolbox.testing.drawing.scene import compose
from ssltoolbox.testing.toy_persons.__main__ import main
from ssltoolbox.testing.toy_persons.annotations import CATEGORY, KEYPOINTS
from ssltoolbox.testing.toy_persons.body import MATERIALS, build
from ssltoolbox.testing.toy_persons.generate import generate
from ssltoolbox.testing.toy_persons.person import sample_person
from ssltoolbox.testing.toy_persons.pose import POSTURES, sample_pose
from ssltoolbox.testing.toy_persons.sitter import COLOURS, colours, person

from mmpose.datasets.datasets.utils import parse_pose_metainfo  # isort: skip

SMALL = dict(num_train=24, num_val=6, num_test=4, progress=False)
SIZE = (120, 160)
FACE, BODY = slice(0, 3), slice(5, 17)
LEFT, RIGHT = range(5, 17, 2), range(6, 17, 2)
CONFIG = Path(__file__).parents[2] / 'configs/_base_/datasets/toy_persons.py'


@pytest.fixture(scope='module')
def persons(tmp_path_factory):
    return generate(tmp_path_factory.mktemp('persons') / 'set', **SMALL)


def read(root, split='train'):
    path = root / 'annotations' / f'person_keypoints_{split}.json'
    return json.loads(path.read_text())


def standing(yaw, seed=0, **changes):
    """Return an upright person with the arms held out, and camera and picture."""
    rng = np.random.default_rng(seed)
    one = replace(sample_person(rng), pack=False, hair_style='short', legwear='shorts')
    legs = np.array([(0, 8, 0, 8)] * 2, float)
    pose = replace(
        sample_pose(rng), posture='stand', yaw=yaw, elevation=0, roll=0,
        trunk=(0, 0, 0), head=(0, 0, 0), legs=legs,
        arms=np.array([(0, 80, 0, 80)] * 2, float))  # fmt: skip
    figure = build(one, replace(pose, **changes))
    camera = place(figure, view_rotation(yaw, 0, 0), SIZE, rng)
    paint = partial(colours, one, rng=rng)
    return figure, camera, render(figure, camera, SIZE, np.array([0.0, 0, 1]), paint)


def visible(figure, camera, layer):
    points = camera.project(figure.keypoints)
    cover = figure.cover * camera.scale
    shown = [is_shown(layer, p, c) for p, c in zip(points, cover, strict=True)]
    return points, np.array(shown)


@pytest.mark.parametrize('seed', range(4))
@pytest.mark.parametrize('yaw, front', [(-90, True), (90, False)])
def test_front_and_back_show_other_sides(yaw, front, seed):
    points, shown = visible(*standing(yaw, seed))
    assert shown[BODY].all() and shown[FACE].tolist() == [front] * 3
    # Who faces the viewer has the left hand on the viewer's right.
    assert (points[LEFT, 0] > points[RIGHT, 0]).all() == front
    assert (points[LEFT, 0] < points[RIGHT, 0]).all() == (not front)
    assert (points[1, 0] > points[2, 0]) == front == (points[3, 0] > points[4, 0])


@pytest.mark.parametrize(
    'yaw, near, far', [(0, 'right', 'left'), (180, 'left', 'right')]
)
def test_a_side_view_hides_the_far_side(yaw, near, far):
    arms = np.array([(80, 8, 80, 8)] * 2, float)
    points, shown = visible(*standing(yaw, arms=arms))
    for joint in ('eye', 'ear', 'shoulder', 'elbow', 'hip', 'knee'):
        assert shown[KEYPOINTS.index(f'{near}_{joint}')]
        assert not shown[KEYPOINTS.index(f'{far}_{joint}')]
    assert (points[0, 0] > points[5, 0]) == (yaw == 0)


@pytest.mark.parametrize(
    'name, material', [('nose', 'nose'), ('left_eye', 'white'), ('right_eye', 'white')]
)
def test_the_keypoint_is_the_middle_of_what_is_drawn(name, material):
    figure, camera, _ = standing(-90)
    wanted = figure.keypoints[KEYPOINTS.index(name)]
    canvas = Canvas(*SIZE, MATERIALS)
    for capsule in figure.capsules:
        if capsule.material == material and np.allclose(capsule.end, wanted):
            canvas.draw(capsule._replace(start=capsule.end), camera)
    ys, xs = np.nonzero(canvas.material >= 0)
    middle = (np.array([xs.mean(), ys.mean()]) + 0.5) / SUPERSAMPLE - 0.5
    assert np.abs(middle - camera.project(wanted[None])[0, :2]).max() < 0.3


def test_limbs_bend_at_their_keypoints():
    figure, _, _ = standing(-90)
    starts = np.stack([c.start for c in figure.capsules])
    gaps = np.linalg.norm(starts[None] - figure.keypoints[BODY, None], axis=-1)
    assert gaps[:10].min(1).max() < 1e-9
    ends = np.stack([c.end for c in figure.capsules])
    ankles = np.linalg.norm(ends[None] - figure.keypoints[15:, None], axis=-1)
    assert ankles.min(1).max() < 1e-9


def test_left_and_right_are_mirror_images():
    points = standing(-90)[0].keypoints
    mirrored = points[[0, *np.arange(1, 17).reshape(-1, 2)[:, ::-1].ravel()]]
    assert np.allclose(points, mirrored * (1, 1, -1))


def test_a_bench_hides_but_is_no_part_of_the_person():
    figure, _, layer = standing(90, posture='sit', legs=np.array([(85, 8, 0, 4)] * 2))
    seat = [c for c in figure.capsules if c.material == 'seat']
    assert len(seat) == 8
    without = standing(90, legs=np.array([(85, 8, 0, 4)] * 2))[0].capsules
    assert len(figure.capsules) - len(without) == 8
    assert 0 < layer.body.sum() < layer.mask.sum()


def test_all_postures_and_views_occur():
    poses = [sample_pose(np.random.default_rng(seed)) for seed in range(300)]
    assert {p.posture for p in poses} == set(POSTURES)
    toward = np.array([-np.sin(np.deg2rad(p.yaw)) for p in poses])
    assert 0.4 < (toward > 0.45).mean() < 0.65
    assert 0.28 < (toward < -0.45).mean() < 0.5
    rng = np.random.default_rng(0)
    for pose in poses:
        points = build(sample_person(rng), pose).keypoints
        if pose.posture in ('stand', 'walk', 'raise'):
            assert (points[0, 1] > points[5:7, 1]).all() and points[15:, 1].max() < -1
        if pose.posture in ('sit', 'crouch'):
            assert points[13:15, 0].min() > 0.5
        if pose.posture == 'bend':
            assert points[0, 0] > 0.7 and points[0, 1] < 1.2


def test_occluders_hide_and_the_border_removes_keypoints():
    states = np.zeros(3, int)
    for seed in range(30):
        rng = np.random.default_rng(seed)
        for one in compose([person, person], SIZE, rng, COLOURS).instances:
            x, y, seen = one.keypoints.T
            assert not one.keypoints[seen == 0].any()
            assert (x >= 0).all() and (x <= SIZE[0] - 1).all()
            assert (y >= 0).all() and (y <= SIZE[1] - 1).all()
            states += np.bincount(seen.astype(int), minlength=3)
    assert states.min() > 10 and states[2] > 0.6 * states.sum()


def test_layout_is_that_of_coco(persons):
    info = parse_pose_metainfo(
        resolve_metainfo(dict(from_file='configs/_base_/datasets/coco.py'))
    )
    assert [info['keypoint_id2name'][i] for i in range(17)] == list(KEYPOINTS)
    links = {frozenset(link) for link in info['skeleton_links']}
    assert {frozenset((a - 1, b - 1)) for a, b in CATEGORY['skeleton']} == links
    ids = []
    for split in ('train', 'val', 'test'):
        data = read(persons, split)
        assert data['categories'] == [CATEGORY]
        for image in data['images']:
            ids.append(image['id'])
            pixels = cv2.imread(str(persons / 'images' / split / image['file_name']))
            assert pixels.shape == (image['height'], image['width'], 3)
            assert 128 <= min(pixels.shape[:2]) <= max(pixels.shape[:2]) <= 192
    assert ids == list(range(1, 35))


def test_boxes_hold_the_keypoints_and_lie_in_the_image(persons):
    data = read(persons)
    images = {i['id']: i for i in data['images']}
    assert {a['image_id'] for a in data['annotations']} == set(images)
    assert len(data['annotations']) > len(images)
    for ann in data['annotations']:
        x, y, w, h = ann['bbox']
        image = images[ann['image_id']]
        assert 0 <= x and 0 <= y and x + w <= image['width']
        assert y + h <= image['height'] and 0 < ann['area'] <= w * h
        points = np.reshape(ann['keypoints'], (17, 3))
        points = points[points[:, 2] > 0]
        assert len(points) == ann['num_keypoints'] >= 4 and ann['iscrowd'] == 0
        assert (points[:, :2] >= (x - 0.5, y - 0.5)).all()
        assert (points[:, :2] <= (x + w - 0.5, y + h - 0.5)).all()


def test_the_truth_itself_has_ap_1(persons):
    truth = COCO(str(persons / 'annotations' / 'person_keypoints_train.json'))
    found = [dict(a, score=1.0) for a in truth.dataset['annotations']]
    metric = COCOeval(truth, truth.loadRes(found), 'keypoints', np.full(17, 0.05))
    metric.evaluate()
    metric.accumulate()
    metric.summarize()
    assert metric.stats[0] == pytest.approx(1)


def test_saved_eyes_lie_at_the_saved_keypoint(persons):
    patches = []
    for ann in read(persons)['annotations']:
        path = persons / 'images' / 'train' / f'{ann["image_id"]:012d}.jpg'
        grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE).astype(np.float32)
        for x, y, seen in np.reshape(ann['keypoints'], (17, 3))[1:3]:
            if seen == 2 and 4 <= x < grey.shape[1] - 5 and 4 <= y < grey.shape[0] - 5:
                patch = cv2.getRectSubPix(grey, (9, 9), (x, y))
                # White around a dark pupil: strong local contrast at the keypoint.
                patches.append(np.abs(cv2.Laplacian(patch, cv2.CV_32F)))
    mean = np.mean(patches, axis=0)[1:-1, 1:-1]
    place = np.array(np.unravel_index(mean.argmax(), mean.shape))
    assert len(patches) > 15 and np.abs(place - 3).max() <= 1


def test_label_lists_are_nested_and_differ_between_seeds(tmp_path):
    root = generate(tmp_path / 'set', 40, 1, 1, image_size=(64, 64), progress=False)
    lists = {p.stem: load_label_list(p) for p in (root / 'label_lists').iterdir()}
    # Forty images are too few for the lists of 80.
    assert set(lists) == {f'{n}images_seed{s}' for n in (20, 40) for s in (0, 1, 2)}
    assert len(lists['20images_seed0']) == 20
    assert set(lists['20images_seed0'].ids) < set(lists['40images_seed0'].ids)
    assert lists['20images_seed0'].ids != lists['20images_seed1'].ids


def test_equal_seeds_give_equal_bytes_and_other_seeds_do_not(persons, tmp_path):
    again = generate(tmp_path / 'again', **SMALL)
    files = sorted(p.relative_to(persons) for p in persons.rglob('*') if p.is_file())
    assert len(files) == 34 + 3 + 3 + 1
    assert all((persons / f).read_bytes() == (again / f).read_bytes() for f in files)
    other = generate(tmp_path / 'other', 1, 1, 1, seed=1, progress=False)
    name = 'images/train/000000000001.jpg'
    assert (other / name).read_bytes() != (persons / name).read_bytes()


def test_a_complete_set_is_reused_and_another_refused(persons):
    assert generate(persons, **SMALL) == persons
    with pytest.raises(FileExistsError, match=r"toy persons .*'seed': \(0, 7\)"):
        generate(persons, **SMALL, seed=7)


@pytest.mark.parametrize(
    'wrong', [dict(num_val=0), dict(image_size=(200, 100)), dict(seed=-1)]
)
def test_bad_parameters_are_named(tmp_path, wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        generate(tmp_path / 'set', **{**SMALL, **wrong})
    assert not (tmp_path / 'set').exists()


def test_command_line(tmp_path, capsys):
    sizes = [f'--num-{s}=1' for s in ('train', 'val', 'test')]
    main(['--out', str(tmp_path / 'set'), *sizes])
    # the bar is for terminals: in a log it would be a line per image
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith('toy persons')
    assert len(read(tmp_path / 'set')['images']) == 1


def test_base_config_gives_the_views_of_both_sources(persons, tmp_path):
    init_default_scope('mmpose')
    path = tmp_path / 'config.py'
    path.write_text(f'_base_ = {str(CONFIG)!r}\ncodec = dict(input_size=(48, 64))\n')
    few = f'{persons}/label_lists/20images_seed0.json'  # the set is too small for 80
    cfg = load_config(path, options={'data_root': str(persons), 'labels': few})
    labelled, unlabelled = (DATASETS.build(cfg[k]) for k in ('labelled', 'unlabelled'))
    images = {labelled.get_data_info(i)['img_id'] for i in range(len(labelled))}
    assert images == set(load_label_list(cfg.labels).ids)
    assert len(unlabelled) == len(read(persons)['annotations'])
    assert labelled[0]['inputs']['labelled'].shape == (3, 64, 48)
    views = unlabelled[0]['data_samples']
    assert list(views) == ['easy']
    assert not views['easy'].gt_instances.keypoints_visible.any()
    for split in ('val', 'test'):
        dataset = DATASETS.build(cfg[f'{split}_dataloader'].dataset)
        assert len(dataset) == len(read(persons, split)['annotations'])
        assert dataset[0]['inputs'].shape == (3, 64, 48)
    assert cfg.supervised_joints == list(range(17))
