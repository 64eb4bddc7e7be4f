"""The toy animals: exact keypoints, correct sides, the AP-10K layout, safe files."""

import json
from dataclasses import replace
from functools import partial

import cv2
import numpy as np
import pytest

from ssltoolbox.datasets.label_list import load_label_list
from ssltoolbox.testing.drawing.place import place
from ssltoolbox.testing.drawing.render import (
    SUPERSAMPLE,
    Camera,
    Canvas,
    is_shown,
    render,
    view_rotation,
)
from ssltoolbox.testing.drawing.scene import compose
from ssltoolbox.testing.toy_animals.__main__ import main
from ssltoolbox.testing.toy_animals.body import MATERIALS, build
from ssltoolbox.testing.toy_animals.coat import coat_colours
from ssltoolbox.testing.toy_animals.generate import PRODUCT, generate
from ssltoolbox.testing.toy_animals.labels import label_lists
from ssltoolbox.testing.toy_animals.pose import sample_pose
from ssltoolbox.testing.toy_animals.sitter import COATS, animal
from ssltoolbox.testing.toy_animals.zoo import SPECIES, pick_species

SMALL = dict(num_train=36, num_val=6, num_test=6, progress=False)
SIZE = (150, 140)
LEFT, RIGHT = [5, 6, 7, 11, 12, 13], [8, 9, 10, 14, 15, 16]


@pytest.fixture(scope='module')
def toys(tmp_path_factory):
    return generate(tmp_path_factory.mktemp('toys') / 'set', **SMALL)


def read(root, split='train'):
    return json.loads((root / 'annotations' / f'ap10k-{split}-split1.json').read_text())


def camera_of(figure, pose, rng):
    rotation = view_rotation(pose.yaw, pose.elevation, pose.roll)
    return place(figure, rotation, SIZE, rng)


def drawn(figure, species, camera, rng):
    """Draw the animal under light from the viewer."""
    light, paint = np.array([0.0, 0, 1]), partial(coat_colours, species, rng=rng)
    return render(figure, camera, SIZE, light, paint)


def side_view(species, yaw, seed=0):
    """Return a level animal seen exactly from the side, with its camera."""
    rng = np.random.default_rng(seed)
    legs = np.array([(-22, 4, 4, 2)] * 2 + [(22, -36, 6, 2)] * 2, float)
    pose = replace(
        sample_pose(species, rng), yaw=yaw, elevation=0, roll=0, pitch=0, bend=0,
        neck=40, neck_yaw=0, head=-20, head_yaw=0, legs=legs)  # fmt: skip
    figure = build(species, pose)
    return figure, camera_of(figure, pose, rng)


@pytest.mark.parametrize('species', SPECIES, ids=lambda s: s.name)
def test_a_shown_eye_is_a_dark_dot_within_a_pixel(species):
    seen = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        pose = sample_pose(species, rng)
        figure = build(species, pose)
        camera = camera_of(figure, pose, rng)
        layer = drawn(figure, species, camera, rng)
        points = camera.project(figure.keypoints)
        for k in (0, 1):
            x, y = np.round((points[k, :2] + 0.5) * SUPERSAMPLE - 0.5).astype(int)
            inside = 0 <= x < layer.mask.shape[1] and 0 <= y < layer.mask.shape[0]
            shown = is_shown(layer, points[k], figure.cover[k] * camera.scale)
            if inside and shown:
                # Two fine pixels: in a grazing view the rim hides half a dot.
                near = layer.colour[max(y - 2, 0) : y + 3, max(x - 2, 0) : x + 3]
                tones = near.max(-1)
                assert tones[tones > 0].min() < 17
                seen += 1
    assert seen >= 8


@pytest.mark.parametrize('index, material', [(0, 'eye'), (2, 'nose')])
def test_the_keypoint_is_the_middle_of_what_is_drawn(index, material):
    figure, camera = side_view(SPECIES[0], yaw=180)
    canvas = Canvas(*SIZE, MATERIALS)
    # The marked sphere alone: nothing hides a part of it.
    wanted = figure.keypoints[index]
    for capsule in figure.capsules:
        if capsule.material == material and np.allclose(capsule.start, wanted):
            canvas.draw(capsule, camera)
    ys, xs = np.nonzero(canvas.material == MATERIALS.index(material))
    middle = (np.array([xs.mean(), ys.mean()]) + 0.5) / SUPERSAMPLE - 0.5
    assert np.abs(middle - camera.project(wanted[None])[0, :2]).max() < 0.3


@pytest.mark.parametrize('index', range(5, 17))
def test_limbs_bend_at_their_keypoints(index):
    figure, _ = side_view(SPECIES[3], yaw=0)
    starts = np.stack([c.start for c in figure.capsules])
    gaps = np.linalg.norm(starts - figure.keypoints[index], axis=1)
    assert gaps.min() < 1e-9


@pytest.mark.parametrize('yaw, near, far', [(0, RIGHT, LEFT), (180, LEFT, RIGHT)])
def test_facing_right_shows_the_right_side_and_facing_left_the_left(yaw, near, far):
    for species in SPECIES:
        figure, camera = side_view(species, yaw)
        points = camera.project(figure.keypoints)
        assert (points[near, 2] > points[far, 2]).all()
        assert (points[2, 0] > points[4, 0]) == (yaw == 0)
        layer = drawn(figure, species, camera, np.random.default_rng(0))
        shown = [
            is_shown(layer, point, cover * camera.scale)
            for point, cover in zip(points, figure.cover, strict=True)
        ]
        assert shown[near[0]] and shown[near[3]] and shown[0 if yaw else 1]
        assert not (shown[far[0]] or shown[far[3]] or shown[1 if yaw else 0])


def test_a_mirrored_animal_is_the_mirrored_picture():
    species = replace(SPECIES[3], pattern='plain', pattern_rate=0.0)
    figure, _ = side_view(species, yaw=0)
    cameras = [
        Camera(view_rotation(yaw, 0, 0), 40.0, np.array([74.5, 70.0]))
        for yaw in (0, 180)
    ]
    masks = []
    for camera in cameras:
        canvas = Canvas(*SIZE, MATERIALS)
        for capsule in figure.capsules:
            if capsule.start[2] == 0 == capsule.end[2]:
                canvas.draw(capsule, camera)
        masks.append(canvas.material >= 0)
    assert masks[0].sum() > 1000
    assert (masks[0] == masks[1][:, ::-1]).mean() > 0.999


def test_an_occluder_hides_and_the_border_removes_keypoints():
    states = np.zeros(3, int)
    for seed in range(30):
        rng = np.random.default_rng(seed)
        sitter = partial(animal, SPECIES[seed % 6])
        for one in compose([sitter], SIZE, rng, COATS).instances:
            x, y, seen = one.keypoints.T
            assert not one.keypoints[seen == 0].any()
            inside = (x >= 0) & (x <= SIZE[0] - 1) & (y >= 0) & (y <= SIZE[1] - 1)
            assert inside.all()
            states += np.bincount(seen.astype(int), minlength=3)
    # All three states occur, and most keypoints can be seen.
    assert states.min() > 10 and states[2] > 0.55 * states.sum()


def test_box_holds_the_keypoints_and_lies_in_the_image(toys):
    for split, count in (('train', 36), ('val', 6), ('test', 6)):
        data = read(toys, split)
        assert len(data['images']) == count
        images = {i['id']: i for i in data['images']}
        for ann in data['annotations']:
            x, y, w, h = ann['bbox']
            image = images[ann['image_id']]
            assert 0 <= x and 0 <= y and x + w <= image['width']
            assert y + h <= image['height'] and ann['area'] == w * h
            points = np.reshape(ann['keypoints'], (17, 3))
            points = points[points[:, 2] > 0]
            assert len(points) == ann['num_keypoints'] >= 9
            assert (points[:, :2] >= (x - 0.5, y - 0.5)).all()
            assert (points[:, :2] <= (x + w - 0.5, y + h - 0.5)).all()


def test_layout_is_that_of_ap10k(toys):
    data = read(toys)
    image = data['images'][0]
    assert image['file_name'] == '000000000001.jpg'
    pixels = cv2.imread(str(toys / 'data' / image['file_name']))
    assert pixels.shape == (image['height'], image['width'], 3)
    assert len(list((toys / 'data').glob('*.jpg'))) == 48
    names = {c['name']: c['supercategory'] for c in data['categories']}
    assert names['cow'] == names['goat'] == 'Bovidae' and len(set(names.values())) >= 3
    category = data['categories'][0]
    assert category['keypoints'][4] == 'root_of_tail'
    assert category['skeleton'][-1] == [16, 17]
    ids = [i['id'] for s in ('train', 'val', 'test') for i in read(toys, s)['images']]
    assert ids == list(range(1, 49))


def test_species_are_balanced(toys):
    first = {}
    for ann in read(toys)['annotations']:
        first.setdefault(ann['image_id'], ann['category_id'])
    assert np.bincount(list(first.values())).tolist() == [0] + [6] * 6


def test_label_lists_hold_n_images_of_each_species(toys):
    labels = load_label_list(toys / 'label_lists' / '5shot_seed0.json')
    first = {}
    for ann in read(toys)['annotations']:
        first.setdefault(ann['image_id'], ann['category_id'])
    assert np.bincount([first[i] for i in labels.ids]).tolist() == [0] + [5] * 6
    # Six images per species are too few for the longer lists.
    assert not (toys / 'label_lists' / '10shot_seed0.json').exists()


def test_label_lists_are_nested_and_differ_between_seeds():
    train = dict(
        categories=[dict(id=1), dict(id=2)],
        annotations=[dict(image_id=i, category_id=1 + i % 2) for i in range(60)],
    )
    lists = label_lists(train, (5, 10, 20), (0, 1))
    assert set(lists['5shot_seed0'].ids) < set(lists['10shot_seed0'].ids)
    assert set(lists['10shot_seed0'].ids) < set(lists['20shot_seed0'].ids)
    assert lists['5shot_seed0'].ids != lists['5shot_seed1'].ids


def test_equal_seeds_give_equal_bytes_and_other_seeds_do_not(toys, tmp_path):
    again = generate(tmp_path / 'again', **SMALL)
    files = sorted(p.relative_to(toys) for p in toys.rglob('*') if p.is_file())
    assert len(files) == 48 + 3 + 3 + 1
    assert all((toys / f).read_bytes() == (again / f).read_bytes() for f in files)
    other = generate(
        tmp_path / 'other', num_train=6, num_val=6, num_test=6, seed=1, progress=False
    )
    name = 'data/000000000001.jpg'
    assert (other / name).read_bytes() != (toys / name).read_bytes()


def test_a_complete_set_is_reused(toys):
    image = toys / 'data' / '000000000001.jpg'
    before = image.stat().st_mtime_ns
    assert generate(toys, **SMALL) == toys
    assert image.stat().st_mtime_ns == before


def test_other_files_and_other_parameters_are_refused(toys, tmp_path):
    (tmp_path / 'thesis.tex').write_text('dear')
    with pytest.raises(FileExistsError, match='found other files'):
        generate(tmp_path, **SMALL)
    assert [p.name for p in tmp_path.iterdir()] == ['thesis.tex']
    with pytest.raises(FileExistsError, match=r"'seed': \(0, 7\)"):
        generate(toys, **SMALL, seed=7)


def test_a_missing_image_is_named(toys, tmp_path):
    (tmp_path / 'data').mkdir()
    (tmp_path / PRODUCT.marker).write_bytes((toys / PRODUCT.marker).read_bytes())
    with pytest.raises(FileExistsError, match='expected 48 images in data, found 0'):
        generate(tmp_path, **SMALL)


def test_an_interrupted_run_leaves_nothing(tmp_path, monkeypatch):
    def stop(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr('ssltoolbox.testing.toy_animals.generate.draw', stop)
    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path / 'set', **SMALL)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    'wrong, message',
    [
        (dict(num_val=5), 'num_val: expected at least one image'),
        (dict(image_size=(200, 100)), 'image_size'),
        (dict(seed=-1), 'seed'),
        (dict(species=['unicorn']), 'distinct names out of'),
    ],
)
def test_bad_parameters_are_named(tmp_path, wrong, message):
    with pytest.raises(ValueError, match=message):
        generate(tmp_path / 'set', **{**SMALL, **wrong})
    assert not (tmp_path / 'set').exists()


def test_species_are_picked_in_the_given_order():
    assert [s.name for s in pick_species(['zebra', 'cow'])] == ['zebra', 'cow']


def test_command_line(tmp_path, capsys):
    sizes = [f'--num-{s}=2' for s in ('train', 'val', 'test')]
    main(['--out', str(tmp_path / 'set'), '--species', 'fox', 'cow', *sizes])
    assert 'toy animals' in capsys.readouterr().out
    assert len(read(tmp_path / 'set')['images']) == 2


def test_saved_eyes_are_darkest_at_the_saved_keypoint(toys):
    patches = []
    for ann in read(toys)['annotations']:
        path = toys / 'data' / f'{ann["image_id"]:012d}.jpg'
        grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE).astype(np.float32)
        for x, y, seen in np.reshape(ann['keypoints'], (17, 3))[:2]:
            if seen == 2 and 4 <= x < grey.shape[1] - 5 and 4 <= y < grey.shape[0] - 5:
                # Samples on whole pixels around the exact sub-pixel position.
                patches.append(cv2.getRectSubPix(grey, (9, 9), (x, y)))
    mean = np.mean(patches, axis=0)
    assert len(patches) > 20
    assert np.unravel_index(mean.argmin(), mean.shape) == (4, 4)
