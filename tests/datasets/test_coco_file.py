import copy
import json

import pytest

from ssltoolbox.datasets.coco_file import (
    read_coco,
    select_categories,
    usable_box,
    usable_instances,
)

GOOD = dict(
    images=[
        dict(id=9, file_name='9.jpg', width=100, height=50),
        dict(id=4, file_name='4.jpg', width=100, height=50),
    ],
    annotations=[
        dict(id=1, image_id=4, category_id=7, bbox=[0, 0, 9, 9], keypoints=[1, 1, 2]),
        dict(id=2, image_id=9, category_id=8, bbox=[0, 0, 9, 9], keypoints=[1, 1, 1]),
        dict(id=3, image_id=4, category_id=8, bbox=[0, 0, 9, 9], keypoints=[1, 1, 0]),
    ],
    categories=[
        dict(id=7, name='cow', supercategory='Bovidae'),
        dict(id=8, name='cat', supercategory='Felidae'),
    ],
)


@pytest.fixture
def write(tmp_path):
    def _write(content):
        path = tmp_path / 'ann.json'
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return _write


def test_reads_a_good_file_unchanged(write):
    assert read_coco(write(GOOD), num_keypoints=1) == GOOD


def test_absent_file_carries_the_hint(tmp_path):
    with pytest.raises(FileNotFoundError, match='none.json does not exist. Ask Ada.'):
        read_coco(tmp_path / 'none.json', hint='Ask Ada.')


@pytest.mark.parametrize(
    'content, message',
    [
        ('', '0 bytes. is not valid JSON'),
        (json.dumps(GOOD)[:200], '200 bytes. is not valid JSON.*truncated'),
        ('[]', 'expected an object with images, annotations, categories, got list'),
        ('{"info": 1, "images": []}', 'lacks annotations, categories; it has info'),
        ('{"images": 1, "annotations": [], "categories": []}', '"images" is not a'),
    ],
)
def test_refuses_other_files(write, content, message):
    with pytest.raises(ValueError, match=message):
        read_coco(write(content))


@pytest.mark.parametrize(
    'part, change, message',
    [
        ('images', dict(file_name=None), 'image 4 has no file_name'),
        ('images', dict(id=9), 'two entries have the image id 9'),
        ('images', dict(id='9'), 'image number 1 has no integer id'),
        ('annotations', dict(id=1), 'two entries have the annotation id 1'),
        ('annotations', dict(image_id=5), 'annotation 2 belongs to image 5'),
        ('annotations', dict(category_id=5), 'annotation 2 has category 5'),
        ('annotations', dict(bbox=[1, 2, 3]), r'annotation 2 has the bbox \[1, 2, 3\]'),
        ('annotations', dict(bbox=[1, 2, 3, float('nan')]), 'four finite numbers'),
        ('annotations', dict(keypoints=[1, 2]), 'annotation 2 has keypoints that'),
        ('annotations', dict(keypoints=[1, None, 2]), 'flat list of finite'),
        ('annotations', dict(keypoints=[1] * 6), '2 has 2 keypoints, expected 1'),
        ('annotations', dict(area='big'), "annotation 2 has the area 'big'"),
    ],
)
def test_names_the_entry_that_is_wrong(write, part, change, message):
    content = copy.deepcopy(GOOD)
    content[part][1].update(change)
    with pytest.raises(ValueError, match=message):
        read_coco(write(content), num_keypoints=1)


@pytest.mark.parametrize(
    'bbox, clipped',
    [
        ([10, 5, 20, 10], (10, 5, 29, 14)),  # 20 pixels wide: columns 10 to 29
        ([90, 45, 20, 10], (90, 45, 99, 49)),  # cut at the right and below
        ([-5, -5, 20, 10], (0, 0, 19, 9)),  # moved in at the left and above
        ([200, 5, 20, 10], None),
        ([10, 5, 0, 10], None),
    ],
)
def test_box_is_clipped_to_pixels_of_the_image(bbox, clipped):
    annotation = dict(bbox=bbox, keypoints=[1, 1, 2])
    assert usable_box(annotation, dict(width=100, height=50)) == clipped


@pytest.mark.parametrize(
    'change',
    [
        dict(iscrowd=1),
        dict(area=0),
        dict(keypoints=[3, 3, 0, 0, 0, 0]),
        dict(keypoints=[]),
    ],
)
def test_instances_that_cannot_be_used(change):
    annotation = dict(bbox=[0, 0, 9, 9], keypoints=[1, 1, 1]) | change
    assert usable_box(annotation, dict(width=100, height=50)) is None


def test_instances_come_in_the_order_of_the_images():
    found = [
        (image['id'], ann['id'])
        for image, ann, _ in usable_instances(copy.deepcopy(GOOD))
    ]
    assert found == [(9, 2), (4, 1)]


def test_an_image_without_size_is_named():
    content = copy.deepcopy(GOOD)
    del content['images'][0]['width']
    with pytest.raises(ValueError, match='image 9 has no width'):
        list(usable_instances(content))


def test_categories_by_name_and_by_family_add_up():
    assert select_categories(GOOD, species=['cat']) == {8}
    assert select_categories(GOOD, families=['Bovidae']) == {7}
    assert select_categories(GOOD, ['cat'], ['Bovidae']) == {7, 8}


@pytest.mark.parametrize(
    'names, message',
    [
        (dict(species=['dog']), "unknown species 'dog'; the data have: cat, cow"),
        (dict(families=['cow']), "unknown family 'cow'; .* Bovidae, Felidae"),
        (dict(species='cow'), "expected a list of names, got the text 'cow'"),
    ],
)
def test_unknown_categories_list_the_valid_ones(names, message):
    with pytest.raises(ValueError, match=message):
        select_categories(GOOD, **names)
