import json
import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ssltoolbox.registry import DATASETS

TOOL = Path(__file__).parents[3] / 'tools' / 'dataset_converters' / 'dlc2coco.py'
HEADER = [
    'scorer,ann,ann,ann,ann,ann,ann',
    'bodyparts,left_ear,left_ear,right_ear,right_ear,nose,nose',
    'coords,x,y,x,y,x,y',
]


@pytest.fixture(scope='module')
def main():
    return runpy.run_path(str(TOOL))['main']


@pytest.fixture
def labels(tmp_path):
    """Write a CSV file and 100 x 60 images for it."""

    def write(rows, header=HEADER, name='CollectedData.csv', images=('a.png', 'b.png')):
        for image in images:
            path = tmp_path / 'labeled-data' / 'day1' / image
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new('RGB', (100, 60)).save(path)
        path = tmp_path / name
        path.write_text('\n'.join([*header, *rows]) + '\n')
        return path

    return write


ROWS = [
    'labeled-data/day1/a.png,10,20,30,20,20,30.5',
    'labeled-data/day1/b.png,,,NaN,nan,50,40',
]


def convert(main, source, out, *options):
    main([str(source), '--out', str(out), *options])
    return json.loads(Path(out).read_text())


def load(out, root):
    return DATASETS.build(
        dict(
            type='ssltoolbox.CocoPoseDataset',
            ann_file=str(out),
            data_prefix=dict(img=str(root)),
            metainfo=dict(from_file=str(out.with_name(f'{out.stem}_metainfo.py'))),
        )
    )


def test_points_boxes_and_sizes(main, labels, tmp_path):
    out = tmp_path / 'out' / 'mice.json'
    coco = convert(main, labels(ROWS), out)
    assert coco['images'][0] == dict(
        id=1, file_name='labeled-data/day1/a.png', width=100, height=60, video='day1'
    )
    first, second = coco['annotations']
    assert first['keypoints'] == [10, 20, 2, 30, 20, 2, 20, 30.5, 2]
    assert first['bbox'] == [0, 0, 100, 60] and first['area'] == 6000
    assert second['keypoints'] == [0, 0, 0, 0, 0, 0, 50, 40, 2]
    assert second['num_keypoints'] == 1
    assert {path.name for path in out.parent.iterdir()} == {
        'mice.json',
        'mice_metainfo.py',
    }


def test_result_is_a_data_set(main, labels, tmp_path):
    out = tmp_path / 'mice.json'
    options = ['--swap', 'left,right', '--skeleton', 'nose,left_ear', '--sigma', '0.1']
    coco = convert(main, labels(ROWS), out, *options)
    assert coco['categories'][0]['skeleton'] == [[3, 1]]
    data = load(out, tmp_path)
    assert data.metainfo['dataset_name'] == 'mice'
    assert data.metainfo['flip_indices'] == [1, 0, 2]
    assert data.metainfo['skeleton_links'] == [(2, 0)]
    np.testing.assert_allclose(data.metainfo['sigmas'], 0.1)
    record = data.get_data_info(0)
    assert Path(record['img_path']).is_file()
    assert record['bbox'].tolist() == [[0, 0, 99, 59]]
    assert record['keypoints_visible'].tolist() == [[1, 1, 1]]


def test_box_around_keypoints_is_padded_and_stays_in_the_image(main, labels, tmp_path):
    out = tmp_path / 'o.json'
    options = ['--bbox', 'keypoints', '--padding', '0.5']
    first, second = convert(main, labels(ROWS), out, *options)['annotations']
    # extent 20 x 10.5: padded by 10 pixels on each side
    assert first['bbox'] == [0, 10, 41, 31.5]
    # a single point gets 8 pixels on each side
    assert second['bbox'] == [42, 32, 17, 17]


def test_image_without_labels_stays_as_unlabelled(main, labels, tmp_path):
    rows = [ROWS[0], 'labeled-data/day1/b.png,,,,,,']
    coco = convert(main, labels(rows), tmp_path / 'o.json')
    assert len(coco['images']) == 2 and len(coco['annotations']) == 1


def test_project_folder_with_three_index_columns(main, labels, tmp_path):
    header = [line.replace(',', ',,,', 1) for line in HEADER]
    rows = [
        'labeled-data,day1,a.png,1,2,3,4,5,6',
        '',
        'labeled-data,day1,b.png,1,2,3,4,,',
    ]
    labels(rows, header)
    labels(rows, header, name='labeled-data/day1/CollectedData_ann.csv')
    coco = convert(main, tmp_path, tmp_path / 'o.json')
    names = [image['file_name'] for image in coco['images']]
    assert names == ['labeled-data/day1/a.png', 'labeled-data/day1/b.png']


def test_windows_paths(main, labels, tmp_path):
    rows = ['labeled-data\\day1\\a.png,1,2,3,4,5,6']
    coco = convert(main, labels(rows), tmp_path / 'o.json')
    assert coco['images'][0]['file_name'] == 'labeled-data/day1/a.png'


@pytest.mark.parametrize(
    'rows, message',
    [
        (['labeled-data/day1/a.png,1,2,3'], 'line 4 has 4 cells, expected 7'),
        (['labeled-data/day1/a.png,1,2,3,4,5,six'], 'line 4, body part nose.*no numb'),
        (['labeled-data/day1/a.png,1,2,3,4,5,'], 'both given or both empty'),
        ([ROWS[0], ROWS[0]], 'a.png has two rows'),
        ([], 'no row below'),
        ([ROWS[0], 'labeled-data/day1/z.png,1,2,3,4,5,6'], 'z.png does not exist'),
        (['elsewhere/a.png,1,2,3,4,5,6'], 'Give the folder with --root'),
    ],
)
def test_wrong_rows(main, labels, tmp_path, rows, message):
    out = tmp_path / 'o.json'
    with pytest.raises(SystemExit, match=message):
        convert(main, labels(rows), out)
    assert not out.exists()


@pytest.mark.parametrize(
    'header, message',
    [
        (['scorer,a', 'individuals,m1', 'bodyparts,b'], 'several individuals'),
        (['image,x', 'a,1', 'b,2'], 'no label file'),
        (['scorer,a', 'bodyparts,n', 'coords,x'], 'a column x and a column y'),
        (
            ['scorer,a,a,a', 'bodyparts,n,n,n', 'coords,x,y,likelihood'],
            'these are predictions',
        ),
        (
            ['scorer,a,a,a,a', 'bodyparts,n,n,n,n', 'coords,x,y,x,y'],
            'missing or repeated',
        ),
    ],
)
def test_wrong_headers(main, labels, tmp_path, header, message):
    with pytest.raises(SystemExit, match=message):
        convert(main, labels([], header), tmp_path / 'o.json')


@pytest.mark.parametrize(
    'options, message',
    [
        (['--swap', 'L,R'], 'pairs none of left_ear, right_ear, nose'),
        (['--skeleton', 'nose,tail'], "'nose,tail' is no pair of names"),
    ],
)
def test_wrong_options(main, labels, tmp_path, options, message):
    with pytest.raises(SystemExit, match=message):
        convert(main, labels(ROWS), tmp_path / 'o.json', *options)


@pytest.mark.real_data
def test_mirror_mouse(main, real_data, tmp_path):
    out = tmp_path / 'mouse.json'
    coco = convert(main, real_data / 'mirror_mouse' / 'CollectedData.csv', out)
    assert len(coco['images']) == len(coco['annotations']) == 90
    assert {(i['width'], i['height']) for i in coco['images']} == {(396, 406)}
    first = coco['annotations'][0]
    assert first['keypoints'][:3] == [77.25, 36.25, 2]
    assert first['keypoints'][12:18] == [0] * 6
    data = load(out, real_data / 'mirror_mouse')
    assert len(data) == 90 and data.metainfo['num_keypoints'] == 17
    assert data.metainfo['flip_indices'] == list(range(17))
