import json
import runpy
from pathlib import Path

import cv2
import numpy as np
import pytest
from xtcocotools.coco import COCO

from ssltoolbox.datasets.coco_file import read_coco
from ssltoolbox.registry import DATASETS

TOOLS = Path(__file__).parents[3] / 'tools' / 'dataset_converters'
CLASSES = ('LeftClasper', 'RightClasper', 'Head', 'Shaft', 'End')


@pytest.fixture(scope='module')
def main():
    return runpy.run_path(str(TOOLS / 'instruments2coco.py'))['main']


@pytest.fixture
def endovis(tmp_path):
    """Two instruments, one of which lacks its last joint, and an unmarked frame."""
    marks = [
        {'class': f'{name}Point', 'x': 10.0 + k, 'y': 20.0 + 2 * k, 'id': tool}
        for tool, count in (('tool1', 5), ('tool2', 4))
        for k, name in enumerate(CLASSES[:count])
    ]
    entries = [
        {'class': 'image', 'filename': f'x/img_00000{n}_raw.png', 'annotations': found}
        for n, found in ((1, marks), (2, []))
    ]
    folder = tmp_path / 'frames/train1'
    folder.mkdir(parents=True)
    for n in (1, 2):
        image = np.zeros((60, 80, 3), np.uint8)
        cv2.imwrite(str(folder / f'img_00000{n}_raw_train1.jpg'), image)
    (tmp_path / 'train1_labels.json').write_text(json.dumps(entries))
    return tmp_path


@pytest.fixture
def rmit(tmp_path):
    """A point at column 400, row 100, and 3 points near it."""
    line = 'seq1_0001 100 400 130 400 160 400 190 400\n'
    (tmp_path / 'seq1.txt').write_text(line)
    cv2.imwrite(str(tmp_path / 'seq1_0001.png'), np.zeros((480, 640, 3), np.uint8))
    return tmp_path


def test_an_instrument_is_an_annotation(main, endovis, tmp_path):
    out = tmp_path / 'coco.json'
    main(['endovis', str(endovis), '--sequences', 'train1', '--out', str(out)])
    coco = read_coco(out, num_keypoints=5)
    assert coco['images'] == [
        dict(
            id=1_000_001,
            file_name='frames/train1/img_000001_raw_train1.jpg',
            width=80,
            height=60,
            video='train1',
        )
    ]
    first, second = coco['annotations']
    assert first['keypoints'][:6] == [10, 20, 2, 11, 22, 2]
    assert first['bbox'] == [10, 20, 5, 9] and first['area'] == 45
    assert second['keypoints'][-3:] == [0, 0, 0] and second['num_keypoints'] == 4
    assert second['bbox'] == [10, 20, 4, 7]
    category = coco['categories'][0]
    assert category['keypoints'][0] == 'left_clasper'
    assert category['skeleton'] == [[1, 3], [2, 3], [3, 4], [4, 5]]


def test_frames_that_nobody_marked_can_be_listed(main, endovis, tmp_path):
    out = tmp_path / 'coco.json'
    fields = ['--sequences', 'train1', '--frames', 'all']
    main(['endovis', str(endovis), *fields, '--out', str(out)])
    read = COCO(str(out))
    assert [len(read.getAnnIds(imgIds=i)) for i in (1_000_001, 1_000_002)] == [2, 0]


def test_the_file_is_read_as_one_instrument_per_record(main, endovis, tmp_path):
    out = tmp_path / 'coco.json'
    main(['endovis', str(endovis), '--sequences', 'train1', '--out', str(out)])
    data = DATASETS.build(
        dict(
            type='ssltoolbox.CocoPoseDataset',
            data_root=str(endovis),
            ann_file=str(out),
            metainfo=dict(from_file='configs/_base_/datasets/endovis_layout.py'),
        )
    )
    record = data.get_data_info(1)
    assert record['keypoints'][0, :2].tolist() == [[10, 20], [11, 22]]
    assert record['keypoints_visible'].tolist() == [[1, 1, 1, 1, 0]]


@pytest.mark.parametrize('order, first', [('yx', [400, 100, 2]), ('xy', [100, 400, 2])])
def test_rmit_in_either_axis_order(main, rmit, tmp_path, order, first):
    out = tmp_path / 'coco.json'
    fields = ['--sequences', 'seq1', '--axis-order', order]
    main(['rmit', str(rmit), *fields, '--out', str(out)])
    (annotation,) = read_coco(out, num_keypoints=4)['annotations']
    assert annotation['keypoints'][:3] == first


def test_the_picture_shows_rmit_in_both_axis_orders(main, rmit, tmp_path):
    out = tmp_path / 'axes.png'
    main(['rmit', str(rmit), '--sequences', 'seq1', '--picture', str(out)])
    sheet = cv2.imread(str(out))
    orange = (np.abs(sheet.astype(int) - (0, 159, 230)) < 30).all(-1)
    rows, columns = np.nonzero(orange[: sheet.shape[0] - 60])
    half = sheet.shape[1] / 2
    left, right = columns < half, columns > half
    # the first point: right and high on the left picture, left and low on the other
    assert rows[left].mean() < rows[right].mean()
    assert columns[left].mean() > columns[right].mean() - half


def test_the_picture_shows_endovis_with_its_links(main, endovis, tmp_path):
    out = tmp_path / 'tools.png'
    main(['endovis', str(endovis), '--sequences', 'train1', '--picture', str(out)])
    sheet = cv2.imread(str(out)).astype(int)
    for color in ((0, 159, 230), (233, 180, 86), (115, 158, 0)):
        assert (np.abs(sheet[:-60] - color) < 30).all(-1).any()


def test_something_must_be_asked_for(main, rmit, capsys):
    with pytest.raises(SystemExit):
        main(['rmit', str(rmit)])
    assert 'give --out, --picture or both' in capsys.readouterr().err


def test_wrong_input_ends_with_one_sentence(main, tmp_path):
    with pytest.raises(SystemExit, match='error: label file .*train1_labels.json does'):
        main(['endovis', str(tmp_path), '--out', str(tmp_path / 'x.json')])
