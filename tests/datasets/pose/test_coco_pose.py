import json

import pytest
from PIL import Image

from ssltoolbox.registry import DATASETS
from ssltoolbox.testing import check_dataset

COCO = dict(from_file='configs/_base_/datasets/coco.py')

UNION = dict(from_file='configs/_base_/datasets/person_union.py')


@pytest.fixture
def root(tmp_path):
    content = dict(
        images=[dict(id=i, file_name=f'{i}.jpg', width=99, height=80) for i in (4, 3)],
        annotations=[
            dict(
                id=7,
                image_id=3,
                category_id=1,
                bbox=[5, 10, 40, 30],
                area=1200,
                keypoints=[6, 20, 2] * 17,
            )
        ],
        categories=[dict(id=1, name='person')],
    )
    (tmp_path / 'people.json').write_text(json.dumps(content))
    return tmp_path


def build(root, boxes=None, **fields):
    if boxes is not None:
        path = root / 'boxes.json'
        path.write_text(json.dumps(boxes))
        fields = dict(bbox_file=str(path), test_mode=True, **fields)
    config = dict(
        type='ssltoolbox.CocoPoseDataset',
        data_root=str(root),
        ann_file='people.json',
        metainfo=COCO,
    )
    return DATASETS.build(config | fields)


def test_detected_boxes_take_the_place_of_annotated_ones(root):
    boxes = [
        dict(image_id=4, bbox=[-3, 2, 10, 20], score=0.25, category_id=1),
        dict(image_id=3, bbox=[1, 2, 10, 20], score=0.5, category_id=1),
        dict(image_id=3, bbox=[1, 2, 10, 20], score=0.9, category_id=18),
    ]
    data = build(root, boxes)
    first, second = (data.get_data_info(i) for i in range(len(data)))
    assert first['bbox'].tolist() == [[-3, 2, 7, 22]]
    assert first['bbox_score'].tolist() == [0.25]
    assert first['img_path'] == f'{root}/4.jpg'
    assert (second['img_id'], second['category_id']) == (3, 1)
    assert not first['keypoints_visible'].any() and 'raw_ann_info' not in first


@pytest.mark.parametrize(
    'box, message',
    [
        (dict(image_id=5), '1 of 1 boxes are on images .*first: image_id 5'),
        (dict(category_id=18), 'none of 1 boxes is of category 1'),
        (dict(bbox=[1, 2, 0, 3]), 'none of 1 boxes has an area'),
    ],
)
def test_detections_that_do_not_fit_are_one_error(root, box, message):
    usual = dict(image_id=3, bbox=[1, 2, 3, 4], score=1.0, category_id=1)
    with pytest.raises(ValueError, match=message):
        build(root, [usual | box])


def test_another_number_of_joints_is_one_error(root):
    with pytest.raises(ValueError, match='annotation 7 has 17 keypoints, expected 16'):
        build(root, metainfo=dict(from_file='configs/_base_/datasets/mpii.py'))


def test_joints_of_the_union_are_given_where_it_is_asked_for(root):
    record = build(root, metainfo=UNION, file_layout='coco').get_data_info(0)
    assert record['keypoints'].shape == (1, 24, 2)
    assert record['keypoints_visible'].sum() == 17
    assert record['keypoints'][0, 11].tolist() == [6, 20]
    assert not record['keypoints'][0, 0].any()


@pytest.mark.parametrize(
    'layout, message',
    [
        ('mpii', 'annotation 7 has 17 keypoints, expected 16'),
        ('ap10k', "joint 'L_Eye' of the layout 'ap10k' is not one of the 24"),
        (None, 'annotation 7 has 17 keypoints, expected 24'),
    ],
)
def test_a_layout_that_does_not_fit_the_file_is_one_error(root, layout, message):
    with pytest.raises(ValueError, match=message):
        build(root, metainfo=UNION, file_layout=layout)


def samples(real_data, **fields):
    pipeline = [
        dict(type='ssltoolbox.LoadImage'),
        dict(type='mmpose.GetBBoxCenterScale', padding=1.25),
        dict(type='ssltoolbox.RandomView', input_size=(48, 64)),
        dict(type='ssltoolbox.PackPoseView'),
    ]
    root = dict(data_root=str(real_data / 'pose_samples' / 'coco'), pipeline=pipeline)
    return DATASETS.build(root | fields)


@pytest.mark.real_data
def test_published_persons(real_data):
    data = samples(
        real_data,
        type='ssltoolbox.CocoPoseDataset',
        ann_file='test_coco.json',
        metainfo=UNION,
        file_layout='coco',
    )
    content = json.loads(
        (real_data / 'pose_samples' / 'coco' / 'test_coco.json').read_text()
    )
    labelled = [a for a in content['annotations'] if a['num_keypoints']]
    assert len(data) == len(labelled)
    shown = [sample['data_samples'].gt_instances for sample in data]
    found = sorted(int(s.keypoints_visible.sum()) for s in shown)
    assert found == sorted(a['num_keypoints'] for a in labelled)
    assert shown[0].keypoints.shape == (1, 24, 2)


@pytest.mark.real_data
def test_published_detections_without_labels(real_data):
    boxes = 'test_coco_det_AP_H_56.json'
    fields = dict(
        type='ssltoolbox.UnlabelledImages',
        img_dir='.',
        boxes=boxes,
        image_names='test_coco.json',
        categories=(1,),
        metainfo=UNION,
    )
    found = json.loads((real_data / 'pose_samples' / 'coco' / boxes).read_text())
    data = samples(real_data, **fields)
    assert len(data) == len(found)
    assert data[0]['inputs'].shape == (3, 64, 48)
    sure = samples(real_data, **fields, min_score=0.9)
    assert len(sure) == sum(d['score'] >= 0.9 for d in found)


def test_it_has_the_properties_of_a_data_set(root):
    Image.new('RGB', (99, 80)).save(root / '3.jpg')
    check_dataset(build(root))
