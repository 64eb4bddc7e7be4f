import json

import pytest

from ssltoolbox.datasets.box_file import (
    FoundBox,
    numbered_image,
    read_boxes,
    select_boxes,
)


def test_three_kinds_of_files(tmp_path):
    path = tmp_path / 'b.json'
    path.write_text(json.dumps({'a.jpg': [[1, 2, 3, 4], [5, 6, 7, 8]], 'b.jpg': []}))
    assert read_boxes(path) == [
        FoundBox(0, None, 'a.jpg', (1, 2, 3, 4), 1),
        FoundBox(1, None, 'a.jpg', (5, 6, 7, 8), 1),
    ]
    detections = [
        dict(image_id=3, bbox=[1, 2, 3, 4], score=0.5),
        dict(file_name='a.jpg', bbox=[1, 2, 3, 4]),
    ]
    assert read_boxes(detections) == [
        FoundBox(0, 3, None, (1, 2, 3, 4), 0.5),
        FoundBox(1, None, 'a.jpg', (1, 2, 3, 4), 1),
    ]
    annotations = [
        dict(id=11, image_id=7, bbox=[1, 2, 3, 4]),
        dict(id=12, image_id=7, bbox=[1, 2, 3, 4], iscrowd=1),
        dict(id=13, image_id=7),
    ]
    images = [dict(id=7, file_name='c.jpg')]
    found = read_boxes(dict(images=images, annotations=annotations))
    assert found == [FoundBox(11, 7, 'c.jpg', (1, 2, 3, 4), 1)]


@pytest.mark.parametrize(
    ('name', 'number'),
    [('d/000000000785.jpg', 785), ('x785.jpg', None), ('².jpg', None)],
)
def test_ids_in_names(name, number):
    assert numbered_image(name) == number


@pytest.mark.parametrize(
    ('content', 'problem'),
    [
        ({'a.jpg': [[1, 2, 3]]}, "entry 'a.jpg' has the box"),
        ({'a.jpg': [1, 2, 3, 4]}, "entry 'a.jpg' has the box 1"),
        ({'a.jpg': 3}, 'no list'),
        ({'a.jpg': [[1, 2, float('nan'), 4]]}, 'expected x, y, w, h'),
        ([{'bbox': [1, 2, 3, 4]}], 'detection 0 has no file_name'),
        ([{'image_id': 1}], 'detection 0 has the box None'),
        ([5], 'detection 0'),
        ([{'image_id': '7', 'bbox': [1, 2, 3, 4]}], 'detection 0 has no file_name'),
        ([{'image_id': 1, 'bbox': [1, 2, 3, 4], 'score': None}], 'the score None'),
        ('text', 'it is a str'),
    ],
)
def test_wrong_file_is_explained(tmp_path, content, problem):
    path = tmp_path / 'b.json'
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match='b.json gives no boxes') as error:
        read_boxes(path)
    assert problem in str(error.value)


def test_an_annotation_file_must_be_whole(tmp_path):
    with pytest.raises(ValueError, match='boxes.*lacks annotations'):
        read_boxes(dict(images=[]))
    with pytest.raises(FileNotFoundError, match=r'box file .*none\.json'):
        read_boxes(tmp_path / 'none.json')


BOXES = [
    dict(image_id=7, bbox=[1, 2, 10, 20], score=0.9, category_id=1),
    dict(image_id=7, bbox=[1, 2, 10, 20], score=0.8, category_id=2),
    dict(image_id=7, bbox=[1, 2, 10, 20], score=0.7),
    dict(image_id=7, bbox=[1, 2, 0, 20], score=0.6, category_id=1),
    dict(image_id=7, bbox=[1, 2, 10, 20], score=0.2, category_id=1),
]


def test_boxes_are_selected_by_category_score_and_area(tmp_path):
    path = tmp_path / 'boxes.json'
    path.write_text(json.dumps(BOXES))
    assert [b.id for b in select_boxes(path)] == [0, 1, 2, 4]
    assert [b.id for b in select_boxes(path, 0.5, (1,))] == [0, 2]
    assert select_boxes(path)[0].corners == (1, 2, 11, 22)


@pytest.mark.parametrize(
    'keep, message',
    [
        (slice(1, 2), r'none of 1 boxes is of category 1; there are boxes of \[2\]'),
        (slice(4, 5), 'score of at least 0.5; the best score is 0.2'),
        (slice(0, 0), 'none of 0 boxes'),
    ],
)
def test_no_box_that_can_be_used_is_one_error(tmp_path, keep, message):
    path = tmp_path / 'boxes.json'
    path.write_text(json.dumps(BOXES[keep]))
    with pytest.raises(ValueError, match=message):
        select_boxes(path, 0.5, (1,))
