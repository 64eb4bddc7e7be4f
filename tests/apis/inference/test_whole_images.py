"""Networks that find any number of poses in a whole image, without boxes."""

import importlib.util
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.model import BaseModel
from mmengine.structures import InstanceData

from ssltoolbox.apis.inference.front_ends import takes_boxes
from ssltoolbox.apis.inference.pose_inferencer import PoseInferencer
from ssltoolbox.registry import MODELS

CONFIG = """
default_scope = 'mmpose'
network = dict(type='ssltoolbox.DotFinder', reach={reach})
model = {model}
pipeline = [
    dict(type='LoadImage'),
    dict(type='PackPoseInputs', meta_keys=('img_path', 'frame', 'labelled'))]
val_dataloader = dict(dataset=dict(
    type='CocoDataset', pipeline=pipeline, metainfo=dict(
        dataset_name='tools',
        joint_weights=[1, 1, 1], sigmas=[1, 1, 1],
        keypoint_info={{
            i: dict(name=name, id=i, color=[0, 0, 0], type='', swap='')
            for i, name in enumerate(('tip', 'head', 'end'))}},
        skeleton_info={{
            i: dict(link=link, id=i, color=[0, 0, 0])
            for i, link in enumerate((('tip', 'head'), ('head', 'end')))}})))
"""
SEMI = """dict(
    type='ssltoolbox.SemiSupervisedModel', student=network, teacher=dict(
        type='ssltoolbox.EMATeacher'))"""


class DotFinder(BaseModel):
    """Each white pixel is the tip of an instrument, its head ``reach`` px below it.

    The end is never found. ``reach`` is a weight, so that checkpoints differ.
    """

    head = None

    def __init__(self, reach, data_preprocessor=None):
        kind = dict(type='mmpose.PoseDataPreprocessor')
        super().__init__(data_preprocessor=data_preprocessor or kind)
        self.test_cfg = {}
        self.reach = torch.nn.Parameter(torch.tensor(float(reach)))

    def forward(self, inputs, data_samples, mode):
        assert mode == 'predict'
        for image, sample in zip(inputs, data_samples, strict=True):
            assert sample.metainfo['labelled'] is False
            ys, xs = (image[0] > 250).nonzero().T
            tips = torch.stack([xs, ys], -1).float()
            heads = tips + torch.stack([tips.new_zeros(()), self.reach])
            points = torch.stack([tips, heads, torch.zeros_like(tips)], 1)
            scores = torch.tensor([0.9, 0.6, 0]).expand(len(tips), 3)
            sample.pred_instances = InstanceData(
                keypoints=points.numpy(), keypoint_scores=scores.numpy()
            )
        return data_samples


@pytest.fixture(scope='module', autouse=True)
def registered():
    MODELS.register_module(module=DotFinder)
    yield
    MODELS._module_dict.pop('DotFinder')


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp('trained')
    (folder / 'config.py').write_text(CONFIG.format(reach=0, model='network'))
    torch.save({'state_dict': {'reach': torch.tensor(10.0)}}, folder / 'net.pth')
    return str(folder / 'config.py'), str(folder / 'net.pth')


def dots(*places, size=(60, 80)):
    image = np.full((*size, 3), 90, np.uint8)
    for x, y in places:
        image[y, x] = 255
    return image


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / 'photos'
    folder.mkdir()
    for name, places in dict(a=[(20, 15), (50, 30)], b=[], c=[(5, 5)]).items():
        cv2.imwrite(str(folder / f'{name}.png'), dots(*places))
    return folder


@pytest.mark.parametrize('batch_size', [1, 2, 16])
def test_every_image_gives_what_is_in_it(trained, batch_size):
    inferencer = PoseInferencer(*trained, device='cpu', batch_size=batch_size)
    assert not inferencer.takes_boxes
    images = [dots((20, 15), (50, 30)), dots(), dots((5, 5))]
    two, none, one = inferencer(images)
    assert two.keypoints[:, :2].tolist() == [
        [[20, 15], [20, 25]],
        [[50, 30], [50, 40]],
    ]
    assert two.scores.tolist() == [pytest.approx([0.9, 0.6, 0])] * 2
    # a joint that was not found takes no part in the extent
    assert two.boxes.tolist() == [[20, 15, 20, 25], [50, 30, 50, 40]]
    assert none.keypoints.shape == (0, 3, 2) and none.boxes.shape == (0, 4)
    assert one.keypoints.shape == (1, 3, 2) and one.keypoints.dtype == np.float32


def test_poses_without_a_joint_are_no_poses(trained):
    look = PoseInferencer(*trained, device='cpu')._front_end
    from ssltoolbox.apis.inference.boxes import Boxes

    empty = InstanceData(
        keypoints=np.ones((2, 3, 2)), keypoint_scores=np.array([[0, 0, 0], [0, 0, 0.1]])
    )
    points, scores = look(Boxes()).read(empty)
    assert points.shape == (1, 3, 2) and scores.tolist() == [[0, 0, 0.1]]


def test_teacher_or_student(tmp_path):
    (tmp_path / 'config.py').write_text(CONFIG.format(reach=0, model=SEMI))
    state = {
        'student.reach': torch.tensor(3.0),
        'teacher.model.reach': torch.tensor(7.0),
    }
    torch.save({'state_dict': state}, tmp_path / 'net.pth')
    for which, reach in dict(student=3, teacher=7, auto=7).items():
        given = (tmp_path / 'config.py', tmp_path / 'net.pth', which)
        (result,) = PoseInferencer(*given, device='cpu')(dots((20, 15)))
        assert result.keypoints[0, 1].tolist() == [20, 15 + reach]


def test_boxes_are_refused(trained):
    inferencer = PoseInferencer(*trained, device='cpu')
    with pytest.raises(ValueError, match='takes no boxes'):
        inferencer(dots(), {'0': [[1, 2, 3, 4]]})


@pytest.mark.parametrize(
    ('kinds', 'answer'),
    [
        (['LoadImage', 'GetBBoxCenterScale', 'TopdownAffine'], True),
        (['ssltoolbox.LoadImage', 'ssltoolbox.CropView'], True),
        (['ssltoolbox.LoadImage', 'ssltoolbox.ImageView'], False),
        (['mmpose.LoadImage', 'mmpose.BottomupResize'], False),
    ],
)
def test_the_pipeline_tells_whether_boxes_are_needed(kinds, answer):
    assert takes_boxes([dict(type=kind) for kind in kinds]) is answer


@pytest.fixture(scope='module')
def infer():
    path = Path(__file__).parents[3] / 'tools' / 'infer.py'
    spec = importlib.util.spec_from_file_location('infer_tool', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_folder_with_a_damaged_image(infer, trained, photos, tmp_path, capsys):
    (photos / 'bad.jpg').write_bytes(b'no image')
    out = tmp_path / 'out'
    infer.main([*trained, str(photos), '--out', str(out)])
    said = capsys.readouterr().out
    assert 'poses: 3 in 3 images' in said
    assert 'could not be read: 1 (bad.jpg)' in said
    assert 'nothing found: 1 (b.png)' in said
    content = json.loads((out / 'predictions.json').read_text())
    assert [pose['image_id'] for pose in content['annotations']] == [1, 1, 3]
    first = content['annotations'][0]
    assert first['bbox'] == [20, 15, 1, 11]
    assert first['keypoints'][6:] == [0, 0, 0]
    assert content['categories'][0]['skeleton'] == [[1, 2], [2, 3]]
    drawn = cv2.imread(str(out / 'images' / 'a.png')).astype(int)
    changed = np.abs(drawn - dots((20, 15), (50, 30))).sum(-1) > 30
    # limbs of both instruments, and nothing at the place of the missing joints
    assert changed[20, 20] and changed[35, 50] and not changed[:8, :8].any()


def test_video_and_refused_boxes(infer, trained, film, tmp_path):
    infer.main([*trained, str(film), '--out', str(tmp_path / 'out')])
    names = sorted(p.name for p in (tmp_path / 'out').iterdir())
    assert names == ['film.mp4', 'predictions.json']
    boxes = tmp_path / 'boxes.json'
    boxes.write_text('{"film.mp4": [[1, 2, 3, 4]]}')
    given = [*trained, str(film), '--out', str(tmp_path), '--boxes', str(boxes)]
    with pytest.raises(SystemExit, match='takes no boxes'):
        infer.main(given)


def test_poses_too_pale_to_be_drawn_are_told(infer, trained, photos, tmp_path, capsys):
    command = [*trained, str(photos), '--out', str(tmp_path / 'out'), '--kpt-thr', '1']
    infer.main(command)
    said = 'not drawn, all joints below --kpt-thr 1: 3'
    assert said in capsys.readouterr().out
    infer.main([*command, '--no-draw'])
    assert said not in capsys.readouterr().out
