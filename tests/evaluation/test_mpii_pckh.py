import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.io import savemat

from ssltoolbox.datasets.pose.union import union_indices
from ssltoolbox.registry import DATASETS, METRICS

REAL = Path(
    os.environ.get('SSLTOOLBOX_DATA', Path(__file__).parents[3] / 'shared/data')
).joinpath('pose_samples/mpii')
JOINTS = np.arange(32.0).reshape(1, 16, 2) * 10
BOXES = np.zeros((2, 2, 3))
BOXES[1] = [[30, 30, 60], [40, 40, 80]]  # diagonals 50, 50, 100: heads 30, 30, 60 px


def sample(number=0, shift=0.0, visible=1, head=30.0, union=False):
    found = JOINTS + [shift, 0]
    if union:
        found, own = np.full((1, 24, 2), -999.0), found
        found[:, union_indices('mpii')] = own
    given = dict(keypoints=JOINTS, keypoints_visible=np.full((1, 16), visible))
    if head is not None:
        given['head_size'] = np.array([[head]])
    return dict(id=number, pred_instances=dict(keypoints=found), gt_instances=given)


def evaluate(samples, **options):
    metric = METRICS.build(dict(type='ssltoolbox.MpiiPCKhMetric', **options))
    metric.process({}, samples)
    return metric.evaluate(len(samples))


@pytest.fixture
def gt_file(tmp_path):
    def write(**fields):
        content = dict(
            pos_gt_src=np.repeat(JOINTS.transpose(1, 2, 0) + 1, 3, axis=2),
            jnt_missing=np.zeros((16, 3)),
            headboxes_src=BOXES,
        )
        savemat(tmp_path / 'truth.mat', content | fields)
        return str(tmp_path / 'truth.mat')

    return write


def test_values_come_under_the_published_names():
    values = evaluate([sample(shift=15), sample(shift=15.1)])
    names = 'Head Shoulder Elbow Wrist Hip Knee Ankle Mean'.split()
    names += ['Mean@0.1', 'Mean@0.2', 'Mean@0.3', 'Mean@0.4']
    assert list(values) == [f'mpii/{name}' for name in names]
    assert list(values.values()) == pytest.approx([0.5] * 8 + [0] * 4)


def test_a_tenth_of_a_head_is_a_tenth_unless_asked_otherwise():
    # 3.2 of 30 px is 0.107 heads
    samples = [sample(shift=3.2)]
    assert evaluate(samples)['mpii/Mean@0.1'] == 0
    assert evaluate(samples, thresholds=[0.11])['mpii/Mean@0.11'] == 1


def test_pelvis_and_thorax_do_not_count():
    item = sample()
    item['pred_instances']['keypoints'] = JOINTS.copy()
    item['pred_instances']['keypoints'][:, [6, 7]] = -500
    assert evaluate([item])['mpii/Mean'] == 1


def test_union_order_and_tensors_are_read():
    item = sample(shift=1, union=True)
    keypoints = torch.from_numpy(item['pred_instances']['keypoints'])
    item['pred_instances']['keypoints'] = keypoints.float()
    assert evaluate([item])['mpii/Mean'] == 1


def test_truth_of_the_union_is_brought_into_order_too():
    item = sample(shift=1)
    for key in ('keypoints', 'keypoints_visible'):
        own = item['gt_instances'][key]
        union = np.zeros((1, 24, *own.shape[2:]))
        union[:, union_indices('mpii')] = own
        item['gt_instances'][key] = union
    assert evaluate([item])['mpii/Mean'] == 1


def test_file_gives_rows_by_id(gt_file):
    # 20 px: 0.67 of a head of 30 px, 0.33 of one of 60
    for row, correct in [(0, 0), (1, 0), (2, 1)]:
        item = sample(row, shift=20, head=None)
        assert evaluate([item], gt_file=gt_file())['mpii/Mean'] == correct


def test_file_decides_which_joints_are_labelled(gt_file):
    missing = np.ones((16, 3))
    missing[9] = 0
    values = evaluate([sample(head=None)], gt_file=gt_file(jnt_missing=missing))
    assert values['mpii/Head'] == values['mpii/Mean'] == 1
    assert np.isnan(values['mpii/Ankle'])


def test_usual_name_of_the_file_is_found_too(gt_file):
    path = Path(gt_file())
    path.rename(path.with_name('gt_valid.mat'))
    item = sample(head=None)
    absent = str(path.with_name('gt_validation.mat'))
    assert evaluate([item], gt_file=absent)['mpii/Mean'] == 1


def test_no_sample_and_no_labelled_joint_give_nan():
    assert np.isnan(list(evaluate([]).values())).all()
    assert np.isnan(list(evaluate([sample(visible=0)]).values())).all()


def test_bad_input_is_named(gt_file, tmp_path):
    with pytest.raises(ValueError, match='no gt_instances.head_size.*gt_file'):
        evaluate([sample(head=None)])
    with pytest.raises(ValueError, match='has 3 rows, but sample id 3'):
        evaluate([sample(3)], gt_file=gt_file())
    moved = JOINTS.transpose(1, 2, 0) + [[[1, 90, 1]]]
    with pytest.raises(ValueError, match='row 1 is not the person of sample id 1'):
        evaluate([sample(1)], gt_file=gt_file(pos_gt_src=moved))
    with pytest.raises(FileNotFoundError, match='as gt_valid.mat: put it there'):
        evaluate([sample()], gt_file=str(tmp_path / 'absent.mat'))
    with pytest.raises(ValueError, match=r'jnt_missing as 16 x N, got \(14, 3\)'):
        evaluate([sample()], gt_file=gt_file(jnt_missing=np.zeros((14, 3))))
    damaged = tmp_path / 'damaged.mat'
    damaged.write_bytes(b'no matlab file at all' * 20)
    with pytest.raises(ValueError, match='no readable .mat'):
        evaluate([sample()], gt_file=str(damaged))


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.is_dir(), reason=f'no MPII sample in {REAL}')
def test_annotation_as_prediction_is_perfect_on_real_images(gt_file):
    entries = json.loads((REAL / 'test_mpii.json').read_text())
    path = gt_file(
        pos_gt_src=np.array([e['joints'] for e in entries]).transpose(1, 2, 0),
        jnt_missing=1 - np.array([e['joints_vis'] for e in entries]).T,
        headboxes_src=np.repeat(BOXES[..., :1], len(entries), axis=2),
    )
    dataset = DATASETS.build(
        dict(
            type='ssltoolbox.MpiiPoseDataset',
            ann_file='test_mpii.json',
            data_root=str(REAL),
            data_prefix=dict(img=''),
            test_mode=True,
            pipeline=[
                dict(type='ssltoolbox.LoadImage'),
                dict(type='ssltoolbox.UnionJoints'),
                dict(type='mmpose.GetBBoxCenterScale'),
                dict(type='mmpose.TopdownAffine', input_size=(64, 64)),
                dict(type='mmpose.PackPoseInputs'),
            ],
        )
    )
    samples = [item['data_samples'].to_dict() for item in dataset]
    for item in samples:
        item['pred_instances'] = dict(keypoints=item['gt_instances']['keypoints'])
    assert item['pred_instances']['keypoints'].shape == (1, 24, 2)
    values = evaluate(samples, gt_file=path)
    assert values['mpii/Mean@0.1'] == values['mpii/Head'] == 1
