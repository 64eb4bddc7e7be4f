"""What a test of components of one's own may look like."""

import pytest
from my_dataset import TableOfJoints
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

LAYOUT = dict(from_file='configs/_base_/datasets/rmit_layout.py')


def test_my_filter():
    check_filter(InsideAgreementFilter())


@pytest.mark.parametrize('task', SureTeacher.tasks)
def test_my_method(task):
    check_method(dict(type=SureTeacher, min_score=0.4), task)


def test_my_view():
    check_view_transform(ZoomView((64, 48)))


def test_my_dataset(tmp_path):
    for name in ('a.png', 'b.png'):
        Image.new('RGB', (40, 30)).save(tmp_path / name)
    table = tmp_path / 'joints.csv'
    table.write_text('a.png,1,2,3,4,5,6,,\nb.png,,,,,,,,\n')
    data = TableOfJoints(ann_file=str(table), metainfo=LAYOUT)
    check_dataset(data)
    assert data.get_data_info(0)['keypoints'][0, 2].tolist() == [5, 6]
