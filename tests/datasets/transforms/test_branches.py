import numpy as np
import pytest
from mmcv.transforms import BaseTransform

from ssltoolbox.datasets.transforms.branches import Branches, branch_collate
from ssltoolbox.registry import TRANSFORMS


@TRANSFORMS.register_module(force=True)
class AddAndPack(BaseTransform):
    """Change every array of the sample in place, except the image, and pack."""

    def __init__(self, add):
        self.add = add

    def transform(self, results):
        results['keypoints'] += self.add
        return {'inputs': results['img'], 'data_samples': results['keypoints']}


def step(add):
    return [dict(type='ssltoolbox.AddAndPack', add=add)]


def sample():
    return dict(img=np.zeros(2), keypoints=np.array([1.0]), img_path='a.jpg')


def test_no_view_sees_what_another_did():
    made = sample()
    out = Branches(strong=step(1), weak=step(10), plain=step(100))(made)
    assert {k: v.item() for k, v in out['data_samples'].items()} == {
        'strong': 2,
        'weak': 11,
        'plain': 101,
    }
    assert made['keypoints'].item() == 1


def test_the_image_is_not_copied():
    made = sample()
    out = Branches(strong=step(1), weak=step(1))(made)
    assert out['inputs']['strong'] is out['inputs']['weak'] is made['img']


def test_views_run_in_the_order_of_the_config():
    assert list(Branches(weak=step(1), strong=step(2))(sample())['inputs']) == [
        'weak',
        'strong',
    ]


def test_no_view_at_all_is_refused():
    with pytest.raises(ValueError, match='at least one view'):
        Branches()


def test_samples_are_gathered_by_view():
    batch = [Branches(strong=step(i), plain=step(0))(sample()) for i in range(3)]
    out = branch_collate(batch)
    assert [float(v[0]) for v in out['data_samples']['strong']] == [1, 2, 3]
    assert len(out['inputs']['plain']) == 3


def test_a_view_may_be_absent_from_some_samples():
    batch = [
        Branches(plain=step(0))(sample()),
        Branches(sup=step(1), plain=step(0))(sample()),
    ]
    out = branch_collate(batch)
    assert {k: len(v) for k, v in out['inputs'].items()} == {'plain': 2, 'sup': 1}
    assert {k: len(v) for k, v in out['data_samples'].items()} == {'plain': 2, 'sup': 1}
