import json

import numpy as np
import pytest

from ssltoolbox.apis.inference.boxes import Boxes

SIZE = (100, 80)


def write(path, content):
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize('source', [None, 'whole'])
def test_whole_image_ends_at_its_last_pixel(source):
    boxes, scores = Boxes(source).of('a.jpg', SIZE)
    np.testing.assert_array_equal(boxes, [[0, 0, 99, 79]])
    np.testing.assert_array_equal(scores, [1])


def test_boxes_by_file_name(tmp_path):
    path = write(tmp_path / 'b.json', {'a.jpg': [[10, 20, 30, 40], [0, 0, 5, 5]]})
    boxes = Boxes(path)
    found, _ = boxes.of('deep/folder/a.jpg', SIZE)
    np.testing.assert_array_equal(found, [[10, 20, 39, 59], [0, 0, 4, 4]])
    assert boxes.of('b.jpg', SIZE)[0].shape == (0, 4)


def test_same_name_in_two_folders_is_told_apart():
    boxes = Boxes({'x/a.jpg': [[1, 1, 9, 9]], 'y/a.jpg': [[2, 2, 9, 9]]})
    assert boxes.of('x/a.jpg', SIZE)[0][0, 0] == 1
    assert boxes.of('y/a.jpg', SIZE)[0][0, 0] == 2


def test_detections_by_image_id_and_score(tmp_path):
    detections = [
        {'image_id': 785, 'bbox': [1, 2, 3, 4], 'score': 0.9},
        {'image_id': 785, 'bbox': [5, 6, 7, 8], 'score': 0.2},
        {'file_name': 'b.jpg', 'bbox': [5, 6, 7, 8], 'score': 0.6},
    ]
    boxes = Boxes(write(tmp_path / 'd.json', detections), min_score=0.5)
    found, scores = boxes.of('000000000785.jpg', SIZE)
    np.testing.assert_array_equal(found, [[1, 2, 3, 5]])
    np.testing.assert_allclose(scores, [0.9], rtol=1e-6)
    assert len(boxes.of('b.jpg', SIZE)[0]) == 1


def test_coco_annotations_without_crowds(tmp_path):
    content = {
        'images': [{'id': 7, 'file_name': 'data/a.jpg', 'width': 100, 'height': 80}],
        'annotations': [
            {'id': 1, 'image_id': 7, 'bbox': [1, 2, 3, 4], 'iscrowd': 0},
            {'id': 2, 'image_id': 7, 'bbox': [1, 2, 3, 4], 'iscrowd': 1},
        ],
    }
    boxes = Boxes(write(tmp_path / 'c.json', content))
    for name in ('data/a.jpg', 'a.jpg'):
        np.testing.assert_array_equal(boxes.of(name, SIZE)[0], [[1, 2, 3, 5]])


def test_boxes_are_clipped_and_empty_ones_dropped():
    boxes = Boxes({'a.jpg': [[-5, -5, 300, 300], [200, 10, 5, 5], [3, 3, 0, 4]]})
    np.testing.assert_array_equal(boxes.of('a.jpg', SIZE)[0], [[0, 0, 99, 79]])


def test_a_path_may_be_shorter_or_longer_than_in_the_file():
    boxes = Boxes({'x/a.jpg': [[1, 1, 9, 9]], 'x/b.jpg': [], 'y/b.jpg': [[2, 2, 9, 9]]})
    assert len(boxes.of('a.jpg', SIZE)[0]) == 1
    assert len(boxes.of('root/x/a.jpg', SIZE)[0]) == 1
    assert len(boxes.of('y/a.jpg', SIZE)[0]) == 0


def test_an_ambiguous_name_has_no_box():
    boxes = Boxes({'x/a.jpg': [[1, 1, 9, 9]], 'y/a.jpg': [[2, 2, 9, 9]]})
    assert len(boxes.of('a.jpg', SIZE)[0]) == 0


def test_wrong_and_absent_files_are_named(tmp_path):
    with pytest.raises(ValueError, match=r'b\.json gives no boxes: it is a str'):
        Boxes(write(tmp_path / 'b.json', 'text'))
    with pytest.raises(FileNotFoundError, match=r'none\.json'):
        Boxes(tmp_path / 'none.json')
