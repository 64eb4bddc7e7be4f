import numpy as np
import pytest

from ssltoolbox.datasets.pose.union import UNION_JOINTS, union_indices
from ssltoolbox.evaluation.own_joints import own_joints


@pytest.mark.parametrize('layout, count', [('coco', 17), ('mpii', 16), ('aic', 14)])
def test_every_joint_of_a_data_set_has_its_place_in_the_union(layout, count):
    places = union_indices(layout)
    assert len(places) == len(set(places)) == count
    assert set(places) <= set(range(24))


def test_union_is_brought_into_the_order_of_the_data_set():
    union = np.arange(24)[None]
    np.testing.assert_array_equal(
        own_joints(union, 'aic')[0], [17, 18, 19, 14, 15, 16, 1, 2, 3, 4, 5, 6, 13, 9]
    )
    # A neck is not an upper neck.
    assert UNION_JOINTS[own_joints(union, 'mpii')[0, 8]] == 'upper_neck'
    assert own_joints(np.zeros((5, 24, 3)), 'coco').shape == (5, 17, 3)


def test_own_order_stays():
    own = np.arange(34.0).reshape(1, 17, 2)
    assert own_joints(own, 'coco') is own


def test_other_counts_and_layouts_are_refused():
    with pytest.raises(ValueError, match="17 joints .* the 16 of 'mpii' nor the 24"):
        own_joints(np.zeros((1, 17, 2)), 'mpii')
    with pytest.raises(ValueError, match="'ap10k' is not one of the 24"):
        own_joints(np.zeros((1, 24, 2)), 'ap10k')
    with pytest.raises(FileNotFoundError, match='nothing.py'):
        union_indices('nothing')
