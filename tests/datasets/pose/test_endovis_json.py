import json

import numpy as np
import pytest

from ssltoolbox.datasets.pose.endovis_json import label_file, read_endovis

from .conftest import mark

ALL = {
    'train1': (1107, 210, 420),
    'train2': (1125, 240, 240),
    'train3': (1124, 252, 252),
    'train4': (1123, 238, 238),
    'test1': (370, 80, 160),
    'test2': (375, 76, 76),
    'test3': (375, 76, 76),
    'test4': (375, 76, 76),
    'test5': (1500, 301, 602),
    'test6': (1500, 301, 602),
}
IRREGULAR = {
    'train1': {'moved': 2},
    'train2': {'double': 1, 'missing': 1},
    'train3': {'missing': 1},
    'train4': {'missing': 3},
    'test4': {'missing': 2},
    'test5': {'without id': 128, 'double': 1, 'missing': 6},
    'test6': {'without id': 74, 'missing': 15},
}


def test_a_frame_of_the_file(endovis):
    path = endovis.labels('train2', {60: [mark(2, 1.5, 2.5), mark(0, 3, 4)], 61: []})
    first, second = read_endovis(path).frames
    assert (first.id, first.name) == (2_000_060, 'img_000060_raw_train2')
    assert first.annotated and not second.annotated
    assert first.tools.dtype == np.float32
    expected = [[3, 4, 1], [0, 0, 0], [1.5, 2.5, 1], [0, 0, 0], [0, 0, 0]]
    assert first.tools.tolist() == [expected]
    assert second.tools.shape == (0, 5, 3)


def test_files_lie_in_folders_or_together(endovis):
    assert label_file(endovis.root, 'test1').parent.name == 'test_labels'
    flat = endovis.labels('test1', {1: []}, folder='.')
    assert label_file(endovis.root, 'test1').resolve() == flat.resolve()


def test_one_line_says_what_is_irregular(endovis):
    marks = [
        *(mark(j, 50, j, 'tool1') for j in range(4)),
        *(mark(j, 400, j, 'tool4') for j in range(5)),
        {'class': 'EndPoint', 'x': 60, 'y': 0},
        mark('TrackedPoint', 1, 1),
        mark('EyePoint', 1, 1),
        mark(0, 51, 1, 'tool1'),
        mark(3, 720.0, 5, 'tool5'),
        mark(2, 300, 5, 'tool5'),
    ]
    line = read_endovis(endovis.labels('test5', {1: marks, 2: []})).summary()
    assert line == (
        'test5_labels.json: 1 of 2 frames annotated, 3 instruments; 1 points without '
        'id, given to the nearest instrument without such a point; 1 double points '
        'left out; 1 points outside of the image left out; 4 joints missing; 1 of '
        'class TrackedPoint ignored; 1 of class EyePoint ignored'
    )


@pytest.mark.parametrize('x, inside', [(-0.5, 1), (-0.6, 0), (719.5, 1), (719.6, 0)])
def test_an_image_ends_half_a_pixel_beyond_its_last_centre(endovis, x, inside):
    path = endovis.labels('test1', {1: [mark(0, x, 3)]})
    assert len(read_endovis(path).frames[0].tools) == inside


def test_the_size_of_other_images_can_be_given(endovis):
    path = endovis.labels('test1', {1: [mark(0, 90, 3)]})
    assert len(read_endovis(path, image_size=(91, 50)).frames[0].tools) == 1
    assert len(read_endovis(path, image_size=(90, 50)).frames[0].tools) == 0


@pytest.mark.parametrize(
    'content, message',
    [
        ('', 'not valid JSON'),
        ('{"images": []}', 'expected a list of frames, got dict'),
        ('[]', 'expected a list of frames, got nothing'),
        ('[{"filename": "a1.png"}]', "entry 0 .* no list 'annotations', it has: filen"),
        ('[{"annotations": []}]', "entry 0 .* no str 'filename'"),
        ('[{"annotations": [], "filename": "x/raw.png"}]', 'the number of the frame'),
        ('[3]', 'entry 0 of the list'),
    ],
)
def test_what_is_no_label_file(tmp_path, content, message):
    path = tmp_path / 'train1_labels.json'
    path.write_text(content)
    with pytest.raises(ValueError, match=message):
        read_endovis(path)


@pytest.mark.parametrize(
    'point',
    [
        {'class': 'EndPoint', 'x': 1},
        {'class': 'EndPoint', 'x': 1, 'y': None},
        {'class': 'EndPoint', 'x': 1, 'y': float('nan')},
        {'x': 1, 'y': 2},
        7,
    ],
)
def test_a_wrong_point_is_named(endovis, point):
    path = endovis.labels('train1', {5: [point]})
    with pytest.raises(ValueError, match='frame img_000005_raw_train1 has the point'):
        read_endovis(path)


def test_an_absent_file_names_the_repository(tmp_path):
    with pytest.raises(FileNotFoundError, match='EndoVisPoseAnnotation'):
        read_endovis(label_file(tmp_path, 'train1'))


def test_a_frame_is_listed_once(endovis):
    path = endovis.labels('train1', {1: [], 2: []})
    entries = json.loads(path.read_text())
    path.write_text(json.dumps([*entries, entries[0]]))
    with pytest.raises(ValueError, match='2 of 3 entries .*img_000001_raw_train1'):
        read_endovis(path)


@pytest.mark.real_data
@pytest.mark.parametrize('sequence', ALL)
def test_the_published_files(real_data, sequence):
    labels = read_endovis(label_file(real_data / 'endovis_annotations', sequence))
    tools = [frame.tools for frame in labels.frames if frame.annotated]
    counted = len(labels.frames), len(tools), sum(map(len, tools))
    assert counted == ALL[sequence]
    found = {key: count for key, count in labels.found.items() if count}
    assert found == IRREGULAR.get(sequence, {})
    assert set(labels.ignored) <= {'TrackedPoint'}


@pytest.mark.real_data
def test_wrong_ids_of_the_published_files_are_put_right(real_data):
    labels = read_endovis(label_file(real_data / 'endovis_annotations', 'train1'))
    frames = {frame.name: frame for frame in labels.frames}
    right_claspers = frames['img_000130_raw_train1'].tools[:, 1]
    assert right_claspers.round().tolist() == [[343, 336, 1], [313, 217, 1]]
    ends = frames['img_000180_raw_train1'].tools[:, 4]
    assert ends.round().tolist() == [[700, 331, 1], [23, 361, 1]]


@pytest.mark.real_data
@pytest.mark.parametrize('sequence', ['test5', 'test6'])
def test_ends_without_id_are_given_as_the_original_gives_them(real_data, sequence):
    path = label_file(real_data / 'endovis_annotations', sequence)
    frames = {frame.name: frame for frame in read_endovis(path).frames}
    for entry in json.loads(path.read_text()):
        for point in entry['annotations']:
            if 'id' not in point:
                # the original: x >= 360 is of tool1, else an error
                assert point['x'] >= 360 and point['class'] == 'EndPoint'
                base = entry['filename'].split('/')[-1].split('.')[0]
                first = frames[f'{base}_{sequence}'].tools[0]
                assert first[4].tolist() == [point['x'], point['y'], 1]
