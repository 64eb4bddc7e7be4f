import importlib.util
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine import Config
from mmengine.registry import DefaultScope

from ssltoolbox.registry import MODELS

CONFIG = """
default_scope = 'mmpose'
codec = dict(
    type='MSRAHeatmap', input_size=(64, 64), heatmap_size=(16, 16), sigma=2)
model = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(type='PoseDataPreprocessor', bgr_to_rgb=True),
    backbone=dict(type='ResNet', depth=18),
    head=dict(
        type='HeatmapHead', in_channels=512, out_channels=17, decoder=codec,
        deconv_out_channels=(8, 8, 8), deconv_kernel_sizes=(4, 4, 4)),
    test_cfg=dict(flip_test=True, flip_mode='heatmap', shift_heatmap=True))
val_dataloader = dict(dataset=dict(type='AP10KDataset'))
"""


@pytest.fixture(scope='module')
def infer():
    path = Path(__file__).parents[2] / 'tools' / 'infer.py'
    spec = importlib.util.spec_from_file_location('infer_tool', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp('trained')
    (folder / 'config.py').write_text(CONFIG)
    config = Config.fromfile(folder / 'config.py')
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope('mmpose'):
        state = MODELS.build(config.model).state_dict()
    torch.save({'state_dict': state}, folder / 'net.pth')
    return [str(folder / 'config.py'), str(folder / 'net.pth')]


@pytest.fixture
def photos(tmp_path):
    rng = np.random.default_rng(0)
    folder = tmp_path / 'photos'
    (folder / 'sub').mkdir(parents=True)
    for name in ('a.jpg', 'b.png', 'sub/c.bmp'):
        image = rng.integers(0, 255, (40, 60, 3), np.uint8)
        cv2.imwrite(str(folder / name), image)
    return folder


def files_in(folder):
    return sorted(
        p.relative_to(folder).as_posix() for p in folder.rglob('*') if p.is_file()
    )


def test_folder_with_a_damaged_image(infer, trained, photos, tmp_path, capsys):
    (photos / 'bad.jpg').write_bytes(b'no image')
    out = tmp_path / 'out'
    infer.main([*trained, str(photos), '--out', str(out)])
    assert files_in(out) == [
        'images/a.jpg',
        'images/b.png',
        'images/sub/c.bmp.jpg',
        'predictions.json',
    ]
    assert cv2.imread(str(out / 'images/b.png')).shape == (40, 60, 3)
    said = capsys.readouterr()
    assert 'poses: 3 in 3 images' in said.out
    assert 'could not be read: 1 (bad.jpg)' in said.out
    assert 'warning: bad.jpg: no image' in said.err


def test_json_is_like_coco(infer, trained, photos, tmp_path, capsys):
    boxes = tmp_path / 'boxes.json'
    boxes.write_text(json.dumps({'a.jpg': [[5, 6, 20, 30], [1, 1, 10, 10]]}))
    out = tmp_path / 'out'
    options = ['--out', str(out), '--boxes', str(boxes), '--no-draw']
    infer.main([*trained, str(photos), *options])
    assert files_in(out) == ['predictions.json']
    assert 'boxes.json: 2 (b.png, sub/c.bmp)' in capsys.readouterr().out
    content = json.loads((out / 'predictions.json').read_text())
    assert [image['file_name'] for image in content['images']] == [
        'a.jpg',
        'b.png',
        'sub/c.bmp',
    ]
    assert content['images'][0] == {
        'id': 1,
        'file_name': 'a.jpg',
        'frame': 0,
        'width': 60,
        'height': 40,
    }
    first, second = content['annotations']
    assert first['bbox'] == [5, 6, 20, 30]
    assert second['image_id'] == 1
    assert len(first['keypoints']) == 3 * 17
    assert first['score'] == pytest.approx(np.mean(first['keypoints'][2::3]), abs=1e-3)
    assert content['categories'][0]['keypoints'][2] == 'Nose'


def test_video_gives_a_video(infer, trained, film, tmp_path):
    out = tmp_path / 'out'
    infer.main([*trained, str(film), '--out', str(out)])
    assert files_in(out) == ['film.mp4', 'predictions.json']
    drawn = cv2.VideoCapture(str(out / 'film.mp4'))
    assert drawn.get(cv2.CAP_PROP_FRAME_COUNT) == 10
    assert drawn.get(cv2.CAP_PROP_FPS) == 5
    content = json.loads((out / 'predictions.json').read_text())
    assert [image['frame'] for image in content['images']] == list(range(10))


@pytest.mark.parametrize(
    ('place', 'name'),
    [(0, 'none.py'), (1, 'none.pth'), (2, 'none_folder'), (3, 'none.json')],
)
def test_absent_file_is_named(infer, trained, photos, tmp_path, place, name):
    given = [*trained, str(photos), '']
    given[place] = str(tmp_path / name)
    config, weights, images, boxes = given
    options = ['--out', str(tmp_path / 'out')] + ['--boxes', boxes] * bool(boxes)
    with pytest.raises(SystemExit) as ended:
        infer.main([config, weights, images, *options])
    assert ended.value.code.startswith('error: ')
    assert name in ended.value.code
    assert '\n' not in ended.value.code


def test_nothing_readable_is_an_error(infer, trained, tmp_path):
    (tmp_path / 'bad.jpg').write_bytes(b'no image')
    out = tmp_path / 'out'
    with pytest.raises(SystemExit, match='no image could be read'):
        infer.main([*trained, str(tmp_path / 'bad.jpg'), '--out', str(out)])
    assert files_in(out) == []


@pytest.mark.real_data
def test_real_persons_with_detected_boxes(infer, trained, real_data, tmp_path):
    folder = real_data / 'pose_samples' / 'coco'
    boxes = folder / 'test_coco_det_AP_H_56.json'
    expected = sum(box['score'] >= 0.5 for box in json.loads(boxes.read_text()))
    options = ['--boxes', str(boxes), '--score-thr', '0.5', '--out', str(tmp_path)]
    infer.main([*trained, str(folder), *options])
    content = json.loads((tmp_path / 'predictions.json').read_text())
    assert len(content['annotations']) == expected
    assert len(list((tmp_path / 'images').iterdir())) == 4


def test_options_of_masks_are_refused(infer, trained, photos, tmp_path):
    options = [*trained, str(photos), '--out', str(tmp_path), '--views', 'flip_lr']
    with pytest.raises(SystemExit, match=r'--views: the network of .* finds poses'):
        infer.main(options)
