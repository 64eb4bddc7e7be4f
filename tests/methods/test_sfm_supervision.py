"""True depth explains all; wrong depth, failed sequences and empty frames."""

import pytest
import torch
from torch import nn

from ssltoolbox.losses.depth_agreement import NormalisedL2Loss
from ssltoolbox.registry import MODELS, TASK_UTILS
from ssltoolbox.semi.progress import Progress
from ssltoolbox.testing.tiny_depth import pair_batch, tiny_depth_network, wall


class Told(nn.Module):
    """Says what it is told, in the order in which it is asked."""

    def __init__(self, *depths):
        super().__init__()
        self.depths = nn.ParameterList(depth.float() for depth in depths)
        self.calls = 0

    def forward(self, inputs, samples, mode):
        self.calls += 1
        return 1 * self.depths[(self.calls - 1) % len(self.depths)]


def views(data=None):
    network = MODELS.build(tiny_depth_network())
    task = TASK_UTILS.build(dict(type='ssltoolbox.DepthTask', network=network))
    data = data or pair_batch()
    found = {}
    for name in ('first', 'second'):
        one = {key: data[key][name] for key in data}
        done = network.data_preprocessor(one, training=True)
        found[name] = task.batch(done['inputs'], done['data_samples'])
    return found, task


def method(network, task, kind='SfmSupervision', teacher=None, **fields):
    built = TASK_UTILS.build(dict(type=f'ssltoolbox.{kind}', **fields))
    built.bind(network, teacher, task)
    built.progress = Progress(epoch=30)
    return built


def test_true_depth_in_any_unit_has_almost_no_loss():
    frames, task = views()
    near, far = wall().depths
    losses = method(Told(3 * near, 0.2 * far), task, scale_weight=1.0).loss(frames)
    assert losses['loss_flow'] < 1e-5
    assert losses['consistency'] < 1e-3
    assert losses['loss_scale'] < 1e-5
    assert 0.4 < losses['overlap'] < 1


@pytest.mark.parametrize('wrong', [0, 1])
def test_wrong_depth_of_either_frame_is_seen_in_both_losses(wrong):
    frames, task = views()
    depths = [depth.clone() for depth in wall().depths]
    depths[wrong][..., 12:] *= 2
    network = Told(*depths)
    losses = method(network, task, scale_weight=1.0).loss(frames)
    assert losses['loss_flow'] > 0.05 and losses['loss_consistency'] > 0.1
    assert losses['loss_scale'] > 0.1
    sum(value for key, value in losses.items() if 'loss' in key).backward()
    for parameter in network.parameters():
        assert parameter.grad.isfinite().all() and parameter.grad.abs().sum() > 0


def test_weights_and_ramp_are_the_published_ones():
    frames, task = views()
    for epoch, expected in ((0, 0.1), (20, 0.1), (21, 5.0)):
        bent = [depth.square() for depth in wall().depths]
        made = method(Told(*bent), task)
        made.progress = Progress(epoch=epoch)
        losses = made.loss(frames)
        assert (losses['loss_flow'] / losses['flow']).item() == pytest.approx(20)
        share = losses['loss_consistency'] / losses['consistency']
        assert share.item() == pytest.approx(expected)
        assert made.report['rates']['loss_consistency'] == expected


def test_a_sample_too_far_off_is_left_out_and_its_sequence_distrusted():
    frames, task = views()
    depths = [depth.clone() for depth in wall().depths]
    for depth in depths:
        depth[1, :, :, 8:] *= 0.2  # the second sample
    plain = method(Told(*depths), task).loss(frames)
    made = method(Told(*depths), task, max_flow_loss=5e-3)
    losses = made.loss(frames)
    assert losses['loss_flow'] < 1e-5 < plain['loss_flow']
    assert losses['loss_consistency'] == plain['loss_consistency']
    assert made.failed.failed == set()
    assert made.failed.next_epoch() == {1}


def test_where_all_samples_fail_nothing_is_divided_by_zero():
    frames, task = views()
    made = method(Told(*(d.square() for d in wall().depths)), task, max_flow_loss=1e-4)
    losses = made.loss(frames)
    assert losses['loss_flow'] == 0 and made.failed.next_epoch() == {0, 1}


def test_of_distrusted_sequences_only_points_of_the_frame_count():
    data = pair_batch()
    for samples in data['data_samples'].values():
        sparse = samples[1].sparse.data
        rows, columns = sparse[4].nonzero(as_tuple=True)
        # half of the points are wrong, and were not found in the frame itself
        for row, column in zip(rows[::2], columns[::2], strict=True):
            sparse[2:4, row, column] += 0.5
            sparse[5, row, column] = 0
    frames, task = views(data)
    made = method(Told(*wall().depths), task, max_flow_loss=0.3)
    assert made.loss(frames)['flow'] > 0.1
    made.failed.load({'failed': [1]})
    assert made.loss(frames)['flow'] < 1e-5


def test_pairs_far_apart_count_less_by_baseline():
    frames, task = views()
    scene = wall()
    depths = [depth.clone() for depth in scene.depths]
    depths[0][0, ..., 12:] *= 1.3
    made = method(Told(*depths), task, by_baseline=True)
    losses = made.loss(frames)
    weight = 1 / scene.motions[0].translation.flatten(1).norm(dim=1)
    plain = method(Told(*depths), task).loss(frames)
    # the first pair, which alone disagrees, is the nearer one
    ratio = losses['loss_consistency'] / plain['loss_consistency']
    expected = 2 * weight[0] / weight.sum()
    assert ratio.item() == pytest.approx(expected.item(), abs=1e-2)


def test_frames_without_points_or_overlap_have_finite_gradients():
    data = pair_batch()
    for samples in data['data_samples'].values():
        samples[0].sparse.data.zero_()
        samples[1].set_metainfo(dict(translation=[[0.0], [0.0], [-50.0]]))
    frames, task = views(data)
    network = Told(*(torch.rand(2, 1, 24, 32) + 1 for _ in range(2)))
    for fields in ({}, dict(max_flow_loss=0.2, by_baseline=True, scale_weight=0.3)):
        losses = method(network, task, **fields).loss(frames)
        total = sum(value for key, value in losses.items() if 'loss' in key)
        total.backward()
        assert total.isfinite()
        assert all(p.grad.isfinite().all() for p in network.parameters())


def test_a_network_that_says_0_learns():
    frames, task = views()
    network = Told(*(torch.zeros(2, 1, 24, 32) for _ in range(2)))
    losses = method(network, task, scale_weight=0.3).loss(frames)
    total = sum(value for key, value in losses.items() if 'loss' in key)
    total.backward()
    assert total.isfinite()
    assert all(p.grad.isfinite().all() for p in network.parameters())


def test_the_agreement_can_be_chosen():
    frames, task = views()
    made = method(
        Told(*wall().depths), task, agreement=dict(type='ssltoolbox.NormalisedL2Loss')
    )
    assert isinstance(made.agreement, NormalisedL2Loss)
    assert made.loss(frames)['loss_consistency'] < 1e-3


def test_a_student_learns_the_depth_and_the_unit_of_its_teacher():
    frames, task = views()
    near, far = wall().depths
    teacher = Told(near, far)
    same = method(Told(near, far), task, 'DepthDistillation', teacher).loss(frames)
    assert same['loss_distillation'].item() == pytest.approx(0, abs=1e-6)
    student = Told(2 * near, 2 * far)
    made = method(student, task, 'DepthDistillation', Told(near, far))
    loss = made.loss(frames)['loss_distillation']
    # with the published sign a factor counts twice: log(2)^2 + log(2)^2
    assert loss.item() == pytest.approx(2 * 0.6931**2, rel=1e-3)
    loss.backward()
    assert all(p.grad is not None for p in student.parameters())
    assert all(p.grad is None for p in made.teacher.parameters())
    blind = method(
        Told(2 * near, 2 * far),
        task,
        'DepthDistillation',
        Told(near, far),
        distance=dict(type='ssltoolbox.ScaleInvariantLoss', mean_factor=-1.0),
    )
    assert blind.loss(frames)['loss_distillation'].item() == pytest.approx(0, abs=1e-5)


def test_masked_pixels_are_not_distilled():
    data = pair_batch()
    for samples in data['data_samples'].values():
        for sample in samples:
            sample.valid.data[..., 16:] = 0
    frames, task = views(data)
    near, far = wall().depths
    wrong = [depth.clone() for depth in (near, far)]
    for depth in wrong:
        depth[..., 16:] *= 9
    made = method(Told(*wrong), task, 'DepthDistillation', Told(near, far))
    assert made.loss(frames)['loss_distillation'].item() == pytest.approx(0, abs=1e-6)
