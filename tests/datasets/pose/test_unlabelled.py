import json

import numpy as np
import pytest
from PIL import Image

from ssltoolbox.registry import DATASETS, TRANSFORMS
from ssltoolbox.testing import check_dataset

LAYOUT = dict(from_file='configs/_base_/datasets/ap10k.py')


@pytest.fixture
def root(tmp_path):
    for name in ('000000000007.jpg', 'b.PNG', 'day/a.jpg'):
        path = tmp_path / 'images' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new('RGB', (40, 30)).save(path)
    (tmp_path / 'images' / 'notes.txt').write_text('x')
    (tmp_path / 'images' / '._b.png').write_text('x')
    return tmp_path


def build_from(root, file, **fields):
    return DATASETS.build(
        dict(
            type='ssltoolbox.UnlabelledImages',
            data_root=str(root),
            img_dir='images',
            metainfo=LAYOUT,
            boxes=file,
            **fields,
        )
    )


def build(root, boxes=None, **fields):
    if boxes is None:
        return build_from(root, None, **fields)
    (root / 'boxes.json').write_text(json.dumps(boxes))
    return build_from(root, 'boxes.json', **fields)


def records(data):
    return [data.get_data_info(i) for i in range(len(data))]


def test_whole_images_sorted_by_name(root):
    found = records(build(root))
    names = [r['img_path'].removeprefix(f'{root}/images/') for r in found]
    assert names == ['000000000007.jpg', 'b.PNG', 'day/a.jpg']
    record = found[0]
    assert record['bbox'].tolist() == [[0, 0, 39, 29]]
    assert record['bbox'].dtype == np.float32
    assert record['bbox_score'].tolist() == [1]
    assert record['keypoints'].shape == (1, 17, 2)
    assert not record['keypoints_visible'].any()
    assert record['flip_indices'][:2] == [1, 0]


def test_ids_stay_when_images_are_added(root):
    before = {r['img_path']: r['id'] for r in records(build(root))}
    Image.new('RGB', (4, 4)).save(root / 'images' / 'aa.jpg')
    after = {r['img_path']: r['id'] for r in records(build(root))}
    assert before.items() < after.items()
    assert len(set(after.values())) == 4
    assert 0 <= min(after.values()) and max(after.values()) < 2**63


def test_detections_by_name_and_by_number(root):
    boxes = [
        dict(image_id=7, bbox=[1, 2, 10, 20], score=0.9, category_id=1),
        dict(image_id=7, bbox=[1, 2, 10, 20], score=0.2, category_id=1),
        dict(file_name='day/a.jpg', bbox=[0, 0, 5, 5], score=0.5),
    ]
    first, last = records(build(root, boxes, min_score=0.5))
    assert (first['id'], first['img_id'], last['id']) == (0, 7, 2)
    assert first['img_path'].endswith('images/000000000007.jpg')
    assert first['bbox'].tolist() == [[1, 2, 11, 22]]
    assert first['bbox_score'] == pytest.approx(0.9)
    assert last['img_path'].endswith('day/a.jpg')


def test_detections_with_a_file_of_names(root):
    names = dict(images=[dict(id=3, file_name='b.PNG')])
    (root / 'names.json').write_text(json.dumps(names))
    boxes = [dict(image_id=3, bbox=[0, 0, 5, 5], score=1)]
    (record,) = records(build(root, boxes, image_names='names.json'))
    assert record['img_path'].endswith('b.PNG')


def test_boxes_by_file_name(root):
    (record,) = records(build(root, {'day/a.jpg': [[0, 0, 5, 5]]}))
    assert record['img_path'].endswith('day/a.jpg')
    (whole,) = [r for r in records(build(root)) if r['img_path'] == record['img_path']]
    assert record['img_id'] == whole['img_id']


def test_annotation_file_gives_boxes_and_keeps_its_ids(root):
    boxes = dict(
        images=[dict(id=3, file_name='b.PNG')],
        annotations=[
            dict(id=11, image_id=3, bbox=[0, 0, 5, 5], keypoints=[1, 1, 2]),
            dict(id=12, image_id=3, bbox=[0, 0, 5, 5], iscrowd=1),
            dict(id=13, image_id=3, bbox=[0, 0, 0, 5]),
        ],
    )
    (record,) = records(build(root, boxes))
    assert (record['id'], record['img_id']) == (11, 3)
    assert not record['keypoints_visible'].any()


def test_pose_pipeline_runs(root):
    pipeline = [
        dict(type='ssltoolbox.LoadImage'),
        dict(type='mmpose.GetBBoxCenterScale'),
        dict(type='mmpose.TopdownAffine', input_size=(32, 32)),
        dict(type='mmpose.PackPoseInputs'),
    ]
    pipeline = [TRANSFORMS.build(step) for step in pipeline]
    packed = build(root, pipeline=pipeline, test_mode=True)[0]
    assert packed['inputs'].shape == (3, 32, 32)


@pytest.mark.parametrize(
    'boxes, message',
    [
        ([dict(image_id=8, bbox=[0, 0, 5, 5])], 'no image is known for image_id 8'),
        ([dict(image_id=7)], 'detection 0 has the box None'),
        ([dict(image_id=7, bbox=[0, 0, 5, 5], score=0.1)], 'best score is 0.1'),
        ([], 'none of 0 boxes'),
    ],
)
def test_wrong_boxes(root, boxes, message):
    with pytest.raises(ValueError, match=message):
        build(root, boxes, min_score=0.5)


def test_absent_and_empty_folders(root):
    with pytest.raises(FileNotFoundError, match='folder of unlabelled images'):
        build(root / 'nowhere')
    (root / 'void' / 'images').mkdir(parents=True)
    with pytest.raises(FileNotFoundError, match='holds no image; expected files'):
        build(root / 'void')
    with pytest.raises(FileNotFoundError, match='box file .*nothing.json'):
        build_from(root, 'nothing.json')


def test_damaged_image_is_named_when_read(root):
    (root / 'images' / '0.jpg').write_bytes(b'no image')
    data = build(root)
    with pytest.raises(ValueError, match='0.jpg cannot be decoded'):
        data.get_data_info(0)


def test_it_has_the_properties_of_a_data_set(root):
    check_dataset(build(root))
