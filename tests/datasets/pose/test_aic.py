import json

import pytest
from PIL import Image

from ssltoolbox.registry import DATASETS
from ssltoolbox.testing import check_dataset

NAME = 'd8eeddddcc042544a2570d4c452778b912726720'
JOINTS = [value for i in range(14) for value in (10 + i, 20 + i, 1 + i % 3)]


def image(name=NAME, people=None):
    people = people or {'human1': ([5, 6, 45, 86], JOINTS)}
    return dict(
        image_id=name,
        human_annotations={human: box for human, (box, _) in people.items()},
        keypoint_annotations={human: points for human, (_, points) in people.items()},
    )


def build(root, content, **fields):
    (root / 'train').mkdir(exist_ok=True)
    path = root / 'train' / 'keypoint_train_annotation.json'
    path.write_text(json.dumps(content))
    fields = fields or dict(subset='train')
    kind = dict(type='ssltoolbox.AicPoseDataset', data_root=str(root))
    return DATASETS.build(kind | fields)


def test_record_of_a_person(tmp_path):
    record = build(tmp_path, [image()]).get_data_info(0)
    assert record['bbox'].tolist() == [[5, 6, 45, 86]]
    assert record['keypoints'][0, 3].tolist() == [13, 23]
    # flags 1, 2, 3, 1, ...: only 3 is without a label
    assert record['keypoints_visible'][0, :4].tolist() == [1, 1, 0, 1]
    assert record['img_path'] == f'{tmp_path}/train/images/{NAME}.jpg'
    assert record['dataset_name'] == 'aic'


def test_ids_are_places_in_the_file_and_images_keep_their_id(tmp_path):
    flat = {'human1': ([5, 6, 5, 86], JOINTS), 'human2': ([0, 0, 9, 9], JOINTS)}
    first = build(tmp_path, [image(people=flat), image('b')])
    found = [first.get_data_info(i) for i in range(2)]
    assert [r['id'] for r in found] == [1, 2]
    other = build(tmp_path, [image('b')]).get_data_info(0)
    assert other['img_id'] == found[1]['img_id'] != found[0]['img_id']


@pytest.mark.parametrize(
    'content, message',
    [
        (
            [image(people={'human1': ([5, 6, 45, 86], JOINTS + [1, 2, 1])})],
            'human1 has 15 joints, expected 14',
        ),
        ([image(people={'human1': ([5, 6, 45], JOINTS)})], 'human1 has the box'),
        ([image(people={'h': ([5, 6, 45, 86], [0] * 42)})], 'a flag 1, 2 or 3'),
        ([dict(image(), human_annotations={})], r"not both, for \['human1'\]"),
        ([dict(image_id='x')], 'image 0 lacks human_annotations, keypoint_annot'),
        (dict(images=[]), 'read by ssltoolbox.CocoPoseDataset'),
    ],
)
def test_a_wrong_file_is_one_error(tmp_path, content, message):
    with pytest.raises(ValueError, match=message):
        build(tmp_path, content)


def test_an_absent_file_says_which_rename_is_expected(tmp_path):
    with pytest.raises(FileNotFoundError, match='annotations_20170902.json'):
        build(tmp_path, [image()], subset='validation')
    with pytest.raises(ValueError, match="subset='train' or 'validation'"):
        build(tmp_path, [image()], subset='valid')


def as_published(coco):
    """The original format of mmpose's conversion."""
    flags = {0: 3, 1: 2, 2: 1}
    found = []
    for entry in coco['images']:
        people = {}
        for annotation in coco['annotations']:
            if annotation['image_id'] == entry['id']:
                x, y, w, h = annotation['bbox']
                points = list(annotation['keypoints'])
                points[2::3] = [flags[v] for v in points[2::3]]
                people[f'human{len(people) + 1}'] = ([x, y, x + w, y + h], points)
        found.append(image(entry['file_name'].removesuffix('.jpg'), people))
    return found


@pytest.mark.real_data
def test_published_persons_in_both_formats(real_data, tmp_path):
    """mmpose's conversion is read as COCO, the original format as published."""
    folder = real_data / 'pose_samples' / 'aic'
    coco = json.loads((folder / 'test_aic.json').read_text())
    (tmp_path / 'aic.json').write_text(json.dumps(as_published(coco)))
    original = DATASETS.build(
        dict(
            type='ssltoolbox.AicPoseDataset',
            ann_file=str(tmp_path / 'aic.json'),
            data_prefix=dict(img=str(folder)),
        )
    )
    converted = DATASETS.build(
        dict(
            type='ssltoolbox.CocoPoseDataset',
            data_root=str(folder),
            ann_file='test_aic.json',
            metainfo=dict(from_file='configs/_base_/datasets/aic.py'),
        )
    )
    labels = [
        {
            tuple(r['keypoints'][r['keypoints_visible'] > 0].ravel())
            for r in (data.get_data_info(i) for i in range(len(data)))
        }
        for data in (original, converted)
    ]
    assert labels[0] == labels[1] and len(labels[0]) == len(coco['annotations'])


def test_it_has_the_properties_of_a_data_set(tmp_path):
    data = build(tmp_path, [image()])
    (tmp_path / 'train' / 'images').mkdir()
    Image.new('RGB', (60, 90)).save(data.get_data_info(0)['img_path'])
    check_dataset(data)
