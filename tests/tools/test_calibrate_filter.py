"""A network that says of an image what its brightness is, and a filter that sums."""

import json

import cv2
import numpy as np
import pytest
import torch
from mmengine import Config
from mmengine.model import BaseModel
from mmengine.structures import InstanceData
from torch.utils.data import Dataset

from ssltoolbox.registry import DATASETS, MODELS, TASK_UTILS

from mmpose.structures import PoseDataSample  # isort: skip

CONFIG = """
default_scope = 'mmpose'
model = dict(type='ssltoolbox.Brightness', head=dict(decoder=dict(num_joints=2)))
val_dataloader = dict(dataset=dict(pipeline=['plain']))
train_dataloader = dict(dataset=dict(
    type='ssltoolbox.MultiSourceDataset',
    sources=dict(
        {name}=dict(type='ssltoolbox.GreyTools', pipeline=['augmented'], {data}),
        unlabelled=dict(type='None'))))
job = dict({job})
"""
JOB = "filter=dict(type='ssltoolbox.SumOfMaps', intervals=[(1, 2)], channels=[0])"


class Brightness(BaseModel):
    """Maps (B, 3, 1, 1): the image's brightness in channel 0, 1000 in the others."""

    def __init__(self, head):
        super().__init__(data_preprocessor=dict(type='mmpose.PoseDataPreprocessor'))
        self.factor = torch.nn.Parameter(torch.ones(()))
        self.test_cfg = {}

    def forward(self, inputs, samples, mode):
        assert mode == 'tensor' and not self.training
        maps = torch.full((len(inputs), 3, 1, 1), 1000.0)
        maps[:, 0, 0, 0] = inputs[:, 0, 0, 0].float() * self.factor
        return maps


class GreyTools(Dataset):
    """Images of 0, 1, 2, 0, 1, 2 ... instruments, ``grey`` per instrument."""

    METAINFO: dict = {}

    def __init__(self, pipeline, count=60, grey=30):
        assert pipeline == ['plain']
        self.count, self.grey = count, grey

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        tools, more = index % 3, index % 4
        visible = np.ones((tools + 1, 4), np.float32)
        visible[-1] = 0  # an instrument of which nothing is marked
        image = np.full((3, 4, 4), self.grey * tools + more * (tools > 0), np.uint8)
        sample = PoseDataSample(
            gt_instances=InstanceData(keypoints_visible=visible),
            metainfo=dict(img_path=f'{index}.png'),
        )
        return dict(inputs=torch.from_numpy(image), data_samples=sample)


class SumOfMaps:
    def __init__(self, intervals, channels=None):
        assert intervals == [(None, None)]
        self.channels = channels

    def confidence(self, maps):
        return maps[:, self.channels].sum((1, 2, 3))


@pytest.fixture(scope='module', autouse=True)
def registered():
    pairs = [(MODELS, Brightness), (DATASETS, GreyTools), (TASK_UTILS, SumOfMaps)]
    for registry, module in pairs:
        registry.register_module(module=module)
    yield
    for registry, module in pairs:
        registry._module_dict.pop(module.__name__)


@pytest.fixture
def calibrate(tool, tmp_path):
    def run(*options, name='labelled', data='', job=JOB, factor=1.0):
        path = tmp_path / 'config.py'
        path.write_text(CONFIG.format(name=name, data=data, job=job))
        torch.save({'state_dict': {'factor': torch.tensor(factor)}}, tmp_path / 'n.pth')
        given = [str(path), str(tmp_path / 'n.pth'), '--out', str(tmp_path / 'out')]
        given += ['--device', 'cpu', '--num-workers', '0', *options]
        tool('calibrate_filter').main(given)
        return tmp_path / 'out'

    return run


def test_snippet_numbers_and_picture(calibrate, capsys):
    out = calibrate('--tail', '0')
    # 30..33 and 60..63: a third of the gaps of 30 and 27 on either side
    assert Config.fromfile(out / 'accept.py').accept == [(20, 42), (51, None)]
    text = (out / 'accept.py').read_text()
    assert "dict(type='ssltoolbox.SumOfMaps', channels=[0])" in text
    content = json.loads((out / 'calibration.json').read_text())
    assert content['empty'] == 0
    groups = content['instruments']
    assert [groups[n]['images'] for n in '012'] == [20, 20, 20]
    assert [groups[n]['accepted'] for n in '012'] == [0, 1, 1]
    assert groups['1']['percentiles']['95'] == 33
    assert groups['0']['interval'] is None and len(groups['2']['confidences']) == 20
    assert cv2.imread(str(out / 'histogram.png')).shape[0] > 300
    said = capsys.readouterr()
    assert 'from 60 labelled images' in said.out and 'warning' not in said.err


def test_doubts_are_said(calibrate, capsys):
    # one instrument reaches over the second
    calibrate('--tail', '0', data='count=24, grey=1')
    said = capsys.readouterr().err
    assert 'images with 2 instruments: only 8' in said
    assert 'have the same confidence' in said


def test_other_filter_and_channels(calibrate):
    with pytest.raises(KeyError, match='NoFilter'):
        calibrate('--filter', 'ssltoolbox.NoFilter')
    out = calibrate('--channels', '0', '1', '--tail', '0')
    content = json.loads((out / 'calibration.json').read_text())
    assert content['filter']['channels'] == [0, 1]
    assert content['instruments']['1']['percentiles']['5'] == 1030


def test_without_a_filter_of_the_config_the_joints_are_looked_at(calibrate):
    out = calibrate('--filter', 'ssltoolbox.SumOfMaps', job='')
    content = json.loads((out / 'calibration.json').read_text())
    assert content['filter']['channels'] == [0, 1]


@pytest.mark.parametrize(
    ('options', 'word'),
    [
        (dict(name='sup'), "named 'labelled'"),
        (dict(factor=float('nan')), 'diverged'),
        (dict(data='count=1'), 'no interval'),
    ],
)
def test_wrong_input_is_one_line(calibrate, options, word):
    with pytest.raises(SystemExit, match=word):
        calibrate(**options)
