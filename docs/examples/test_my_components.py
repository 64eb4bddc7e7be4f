"""What a test of components of one's own may look like."""

import pytest
from my_dataset import TablePoseDataset
from my_filter import InsideAgreementFilter
from my_method import SureTeacher
from my_view import ZoomView
from PIL import Image

from ssltoolbox.testing import (
    check_dataset,
    check_filter,
    check_method,
    check_view_transform,
)


def test_my_filter():
    check_filter(InsideAgreementFilter())


@pytest.mark.parametrize('task', SureTeacher.tasks)
def test_my_method(task):
    once = dict(type='ssltoolbox.ConstantRamp')
    check_method(dict(type=SureTeacher, min_score=0.4, consistency=once), task)


def test_my_view():
    check_view_transform(ZoomView((64, 48)))


def test_my_dataset(tmp_path):
    layout = dict(from_file='configs/_base_/datasets/rmit_layout.py')
    joints = [f'point_{number}_{axis}' for number in range(1, 5) for axis in 'xy']
    table = tmp_path / 'table.csv'
    header = ','.join(['image', 'left', 'top', 'right', 'bottom', *joints])
    table.write_text(f'{header}\n7.png,5,5,30,25,10,12,,,20,22,24,20\n')
    Image.new('RGB', (40, 30)).save(tmp_path / '7.png')
    fields = dict(data_root=str(tmp_path), data_prefix=dict(img=''))
    data = TablePoseDataset(ann_file='table.csv', metainfo=layout, **fields)
    check_dataset(data)
    assert data.get_data_info(0)['keypoints_visible'].tolist() == [[1, 0, 1, 1]]
