import json

import numpy as np
import pytest
from PIL import Image

from ssltoolbox.registry import DATASETS
from ssltoolbox.testing import check_dataset

UNION = dict(from_file='configs/_base_/datasets/person_union.py')
JOINTS = [[10.0 + i, 20.0 + i] for i in range(16)]


def person(**fields):
    entry = dict(
        image='000000012.jpg',
        center=[101, 61],
        scale=0.5,
        joints=JOINTS,
        joints_vis=[1] * 15 + [0],
    )
    return entry | fields


@pytest.fixture
def root(tmp_path):
    (tmp_path / 'annot').mkdir()
    return tmp_path


def build(root, people, name='train', **fields):
    (root / 'annot' / f'{name}.json').write_text(json.dumps(people))
    fields = fields or dict(subset='train')
    kind = dict(type='ssltoolbox.MpiiPoseDataset', data_root=str(root))
    return DATASETS.build(kind | fields)


def test_pixels_are_counted_from_0_and_the_box_is_moved_down(root):
    data = build(root, [person(image='a.jpg'), person()])
    record = data.get_data_info(1)
    # 200 px * 0.5 around (100, 60 + 15 * 0.5)
    assert record['bbox'].tolist() == [[50, 17.5, 150, 117.5]]
    assert record['keypoints'][0, 0].tolist() == [9, 19]
    assert record['keypoints_visible'][0].tolist() == [1] * 15 + [0]
    assert (record['id'], record['img_id']) == (1, 12)
    assert record['img_path'] == f'{root}/images/000000012.jpg'
    assert record['dataset_name'] == 'mpii'
    assert len({r['img_id'] for r in (record, data.get_data_info(0))}) == 2


def test_a_person_without_a_place_is_not_moved(root):
    (x1, y1, x2, y2) = build(root, [person(center=[-1, 61])]).get_data_info(0)['bbox'][
        0
    ]
    assert (x1 + x2, y1 + y2) == (-4, 120)
    assert x2 - x1 == pytest.approx(100 / 1.25)


def test_joints_of_the_union_are_given_where_it_is_asked_for(root):
    data = build(root, [person()], subset='train', metainfo=UNION)
    record = data.get_data_info(0)
    # the pelvis is joint 6 of MPII and 0 of the union; MPII has no nose
    assert record['keypoints'][0, 0].tolist() == [15, 25]
    assert record['keypoints'][0, 11].tolist() == [0, 0]
    # the last joint of MPII, the left wrist, is not labelled
    assert record['keypoints_visible'].sum() == 15 == record['num_keypoints']
    assert record['keypoints_visible'][0, [11, 16]].tolist() == [0, 0]
    assert record['flip_indices'][16] == 19 and record['dataset_name'] == 'person_union'
    assert data.metainfo['num_keypoints'] == 24


def test_another_layout_than_its_own_or_the_union_is_one_error(root):
    layout = dict(from_file='configs/_base_/datasets/coco.py')
    with pytest.raises(ValueError, match="joints of 'mpii' and cannot give .* 'coco'"):
        build(root, [person()], subset='train', metainfo=layout)


@pytest.mark.parametrize('name', ['validation', 'valid'])
def test_validation_under_both_of_its_names(root, name):
    assert len(build(root, [person()], name, subset='validation')) == 1


def test_an_absent_file_says_which_names_are_expected(root):
    with pytest.raises(FileNotFoundError, match='validation.json .*name valid.json'):
        build(root, [person()], subset='validation')
    with pytest.raises(FileNotFoundError, match='data root .*simple baselines'):
        DATASETS.build(
            dict(type='ssltoolbox.MpiiPoseDataset', subset='train', data_root='nowhere')
        )


@pytest.mark.parametrize(
    'people, message',
    [
        (
            [person(joints=JOINTS[:14])],
            'person 0 has 14 joints and 16 vis.*expected 16',
        ),
        ([person(), {'image': 'a.jpg'}], 'person 1 lacks center, scale, joints'),
        ([person(scale=None)], 'no finite number'),
        ([person(joints=[[1, 2, 3]] * 16)], 'no finite number'),
        (dict(images=[], annotations=[]), 'read by ssltoolbox.CocoPoseDataset'),
        ([], 'expected a list of persons'),
    ],
)
def test_a_wrong_file_is_one_error(root, people, message):
    with pytest.raises(ValueError, match=message):
        build(root, people)


@pytest.mark.parametrize('fields', [dict(subset='test'), dict(subset='')])
def test_a_wrong_subset_is_one_error(root, fields):
    with pytest.raises(ValueError, match="subset='train' or 'validation'"):
        build(root, [person()], **fields)


@pytest.mark.real_data
def test_published_persons(real_data):
    folder = real_data / 'pose_samples' / 'mpii'
    data = DATASETS.build(
        dict(
            type='ssltoolbox.MpiiPoseDataset',
            data_root=str(folder),
            ann_file='test_mpii.json',
            metainfo=UNION,
            data_prefix=dict(img=''),
            pipeline=[
                dict(type='ssltoolbox.LoadImage'),
                dict(type='mmpose.GetBBoxCenterScale', padding=1.25),
                dict(type='ssltoolbox.RandomView', input_size=(64, 64)),
                dict(type='ssltoolbox.PackPoseView'),
            ],
        )
    )
    entries = json.loads((folder / 'test_mpii.json').read_text())
    assert len(data) == len(entries)
    for sample, entry in zip(data, entries, strict=True):
        assert sample['inputs'].shape == (3, 64, 64)
        shown = sample['data_samples'].gt_instances
        assert shown.keypoints_visible.sum() == sum(entry['joints_vis'])
        head_top = np.array(entry['joints'][9]) - 1
        assert np.allclose(shown.keypoints[0, 13], head_top)


def test_it_has_the_properties_of_a_data_set(root):
    data = build(root, [person(), person()])
    (root / 'images').mkdir()
    Image.new('RGB', (200, 100)).save(root / 'images' / '000000012.jpg')
    check_dataset(data)
