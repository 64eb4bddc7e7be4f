import numpy as np
import pytest

from ssltoolbox.datasets.pose.metainfo import resolve_metainfo
from ssltoolbox.datasets.pose.union import UNION_JOINTS, pose_layout
from ssltoolbox.datasets.transforms.union_joints import UnionJoints

from mmpose.datasets.datasets.utils import parse_pose_metainfo  # isort: skip


def record(name, count, **fields):
    """Joint number k at (k + 1, 2 k + 2), the last one invisible."""
    x = np.arange(1, count + 1, dtype=np.float32)
    visible = np.ones((1, count), np.float32)
    visible[0, -1] = 0
    points = np.stack([x, 2 * x], -1)[None]
    return dict(
        dataset_name=name, keypoints=points, keypoints_visible=visible, **fields
    )


def test_the_layout_has_the_joints_of_the_union_in_their_order():
    layout = pose_layout('person_union')
    names = [layout['keypoint_id2name'][i] for i in range(24)]
    assert tuple(names) == UNION_JOINTS
    pairs = {(i, j) for i, j in enumerate(layout['flip_indices']) if i < j}
    assert pairs == {
        *[(1, 4), (2, 5), (3, 6), (14, 17), (15, 18), (16, 19), (20, 21), (22, 23)]
    }
    assert sorted(layout['upper_body_ids']) == list(range(7, 24))
    assert sorted(layout['lower_body_ids']) == list(range(7))


def test_the_layout_is_found_like_those_of_mmpose(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = dict(from_file='configs/_base_/datasets/person_union.py')
    parsed = parse_pose_metainfo(resolve_metainfo(asked))
    assert parsed['dataset_name'] == 'person_union'
    assert parsed['num_keypoints'] == 24 == len(parsed['sigmas'])


@pytest.mark.parametrize(
    'name, count, places',
    [
        ('coco', 17, {11: 0, 1: 12, 4: 11, 23: 3, 20: 2}),
        ('mpii', 16, {0: 6, 8: 7, 10: 8, 13: 9, 19: 10}),
        ('aic', 14, {17: 0, 13: 12, 9: 13, 6: 11}),
    ],
)
def test_joints_go_to_their_places(name, count, places):
    converted = UnionJoints()(record(name, count))
    points, visible = converted['keypoints'][0], converted['keypoints_visible'][0]
    assert points.shape == (24, 2) and points.dtype == visible.dtype == np.float32
    for union, own in places.items():
        assert points[union].tolist() == [own + 1, 2 * own + 2]
        assert visible[union] == (own < count - 1)
    assert visible.sum() == count - 1
    assert (points != 0).any(-1).sum() == count


def test_the_mirror_pairs_become_those_of_the_union():
    converted = UnionJoints()(record('coco', 17, flip_indices=[0] * 17))
    assert converted['flip_indices'] == pose_layout('person_union')['flip_indices']
    assert converted['dataset_name'] == 'person_union'


def test_hidden_truth_is_converted_too():
    truth = np.arange(51, dtype=np.float32).reshape(17, 3)
    converted = UnionJoints()(record('coco', 17, truth=truth))
    assert converted['truth'].shape == (24, 3)
    assert converted['truth'][11].tolist() == [0, 1, 2]
    assert converted['truth'][0].tolist() == [0, 0, 0]


def test_a_second_conversion_changes_nothing():
    once = UnionJoints()(record('mpii', 16))
    again = UnionJoints()(dict(once))
    assert np.array_equal(once['keypoints'], again['keypoints'])


@pytest.mark.parametrize(
    'name, count, message',
    [
        ('coco', 16, "16 joints, but its layout 'coco' has 17"),
        ('ap10k', 17, "joint 'L_Eye' of the layout 'ap10k' is not one of the 24"),
        ('my_people', 17, "record of 'my_people' have no place .*'coco', 'mpii'"),
    ],
)
def test_a_layout_that_does_not_fit_is_one_error(name, count, message):
    with pytest.raises(ValueError, match=message):
        UnionJoints()(record(name, count))
