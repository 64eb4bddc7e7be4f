import copy

import pytest
import torch

from ssltoolbox.geometry.view import View
from ssltoolbox.methods.scarcenet import exchanged
from ssltoolbox.registry import MODELS
from ssltoolbox.semi.progress import Progress
from ssltoolbox.tasks.base import Batch
from ssltoolbox.testing.tiny_pose import tiny_network, view_batch

METHOD = dict(
    type='ssltoolbox.ScarceNet',
    small_loss=dict(type='ssltoolbox.SmallLossFilter'),
    keep_rate=dict(type='ssltoolbox.ConstantRamp', end=0.6),
    agreement=dict(type='ssltoolbox.AgreementFilter', max_dist=2.0, mode='centered'),
    consistency=dict(type='ssltoolbox.ConstantRamp', end=2.0),
)


def model_of(teacher=None, **method):
    torch.manual_seed(0)
    model = MODELS.build(
        dict(
            type='ssltoolbox.SemiSupervisedModel',
            student=tiny_network(),
            teacher=dict(type='ssltoolbox.EMATeacher', **teacher or {}),
            task=dict(type='ssltoolbox.PoseTask'),
            method={**METHOD, **method},
        )
    )
    model.init_weights()
    model.progress = Progress()
    return model.train()


def step(model, batch=None, inputs=None):
    """Losses of one batch; ``inputs`` replaces the preprocessed images."""
    data = model.data_preprocessor(batch or view_batch(), training=True)
    return model(inputs or data['inputs'], data['data_samples'], mode='loss')


def gradients(loss, parameters):
    found = torch.autograd.grad(
        loss, list(parameters), retain_graph=True, allow_unused=True
    )
    return [g for g in found if g is not None]


def without_labels(batch):
    """The batch with every weight 0."""
    batch = copy.deepcopy(batch)
    for samples in batch['data_samples'].values():
        for sample in samples:
            sample.gt_instances.keypoints_visible *= 0
    return batch


def test_the_student_learns_from_the_strong_view_and_from_nothing_else():
    model = model_of()
    data = model.data_preprocessor(view_batch(labelled=0), training=True)
    inputs = {k: v.requires_grad_() for k, v in data['inputs'].items()}
    losses = step(model, view_batch(labelled=0), inputs)
    for key in ('loss_sup', 'loss_consistency'):
        (strong,) = gradients(losses[key], [inputs['strong']])
        assert strong.abs().max() > 0
        assert not gradients(losses[key], [inputs['weak'], inputs['plain']])
        student = gradients(losses[key], model.student.parameters())
        assert any(g.any() for g in student)
    sum(losses[k] for k in losses if 'loss' in k).backward()
    assert all(p.grad is None for p in model.teacher.parameters())


def test_zero_kept_labels_give_a_zero_loss_that_can_be_differentiated():
    # without agreement: else the student's own predictions may serve as labels
    model = model_of(agreement=None)
    losses = step(model, without_labels(view_batch(labelled=0)))
    total, _ = model.parse_losses(losses)
    assert total.item() == 0 and total.requires_grad
    total.backward()
    grads = [p.grad for p in model.student.parameters()]
    assert all(g is not None and not g.any() for g in grads)


def test_diagnostics_are_never_summed_into_the_loss():
    model = model_of()
    losses = step(model)
    for key in losses:
        assert ('loss' in key) == losses[key].requires_grad, key
    assert not any('loss' in key for key in model.method.report)
    total, _ = model.parse_losses(losses)
    expected = losses['loss_sup'] + losses['loss_consistency']
    assert total.item() == pytest.approx(expected.item())


def test_the_supervised_loss_is_the_weighted_error_of_all_labels():
    model = model_of(small_loss=None, agreement=None, consistency=None)
    batch = view_batch(count=2, labelled=1)
    model.eval()
    losses = step(model, batch)
    data = model.data_preprocessor(batch)
    task = model.task
    strong = task.batch(data['inputs']['strong'], data['data_samples']['strong'])
    output = task.forward(model.student, strong)
    target, weight = task.target(task.label(strong))
    # a person's keypoint has weight 2, which acts squared: four times
    factor = torch.tensor([[4.0], [1.0]]) * weight
    error = (output - target).square().mean((-2, -1)) * factor
    assert losses['loss_sup'].item() == pytest.approx(0.5 * error.mean().item())


def test_the_consistency_loss_follows_its_ramp():
    ramp = dict(type='ssltoolbox.LinearRamp', end=2.0, length=10)
    model = model_of(consistency=ramp).eval()
    seen = []
    for epoch in (0, 5, 10):
        model.progress = Progress(epoch=epoch)
        seen.append(step(model)['loss_consistency'].item())
    assert seen[0] == 0 and seen[2] > 0
    assert seen[1] == pytest.approx(seen[2] / 2)


def test_small_losses_are_kept_and_only_others_are_labelled_anew():
    model = model_of(agreement=METHOD['agreement'] | dict(max_dist=1e6))
    step(model, view_batch(count=4, labelled=2))
    report = model.method.report
    kept, relabelled = report['kept'], report['relabelled']
    weight = model.task.target(report['label'])[1]
    assert kept.sum() == int(0.6 * (weight != 0).sum())
    assert not (kept & relabelled).any()
    assert not relabelled[:2].any()
    # every untrusted pseudo label is replaced where any distance counts as agreement
    assert (kept | relabelled)[2:].all()


def test_persons_labels_keep_their_weight_whatever_their_loss():
    model = model_of(keep_rate=dict(type='ssltoolbox.ConstantRamp', end=0.0))
    model.eval()
    all_labelled = step(model, view_batch(labelled=4))['loss_sup']
    model = model_of(small_loss=None).eval()
    assert all_labelled.item() == step(model, view_batch(labelled=4))['loss_sup'].item()


@pytest.mark.parametrize('mode, moves', [('train', 3), ('eval', 1)])
def test_student_mode_decides_whether_relabelling_moves_its_statistics(mode, moves):
    model = model_of(student_mode=mode)
    norm = model.student.backbone.norm1
    step(model)
    assert norm.num_batches_tracked.item() == moves
    assert model.student.training and norm.training


@pytest.mark.parametrize('sees, moves', [(True, 2), (False, 1)])
def test_a_training_teacher_may_see_the_strong_view_for_its_statistics(sees, moves):
    own = dict(buffers='own', mode='train')
    model = model_of(teacher=own, teacher_sees_strong=sees)
    step(model)
    assert model.teacher.model.backbone.norm1.num_batches_tracked.item() == moves


def test_consistency_may_reach_keypoints_without_a_label():
    batch = without_labels(view_batch(labelled=0))
    visible = step(model_of(), batch)['loss_consistency']
    everywhere = step(model_of(consistency_on='all'), batch)['loss_consistency']
    assert visible.item() == 0 and everywhere.item() > 0


def test_equal_decisions_under_mixed_precision():
    model = model_of().eval()
    with torch.autocast('cpu', torch.bfloat16):
        losses = step(model)
    report = model.method.report
    assert all(v.dtype == torch.float32 for k, v in losses.items())
    for name in ('label', 'relabel', 'teacher'):
        assert report[name].score.dtype == torch.float32
    assert report['relabel'].value.dtype in (torch.float32, torch.float64)


def test_a_step_lowers_the_loss_of_its_batch():
    model = model_of(keep_rate=dict(type='ssltoolbox.ConstantRamp'))
    optimizer = torch.optim.Adam(model.student.parameters(), lr=1e-3)
    seen = []
    for _ in range(12):
        total, _ = model.parse_losses(step(model))
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        seen.append(total.item())
    assert seen[-1] < 0.7 * seen[0]


def test_a_keypoint_itself_may_decide_on_its_new_label():
    flip = torch.tensor([1, 0, 2])  # left, right and nose
    mirror = torch.tensor([[-1.0, 0, 63], [0, 1, 0], [0, 0, 1]])
    plain = torch.eye(3).expand(2, 3, 3)
    mixed = torch.stack([torch.eye(3), mirror])
    weak, strong = (
        Batch(torch.zeros(2, 3, 8, 8), [], View(m, (8, 8)), torch.zeros(2) > 0, flip)
        for m in (mixed, plain)
    )
    agree = torch.tensor([[True, False, True], [True, False, True]])
    in_strong = exchanged(agree, weak, strong)
    assert in_strong.tolist() == [[True, False, True], [False, True, True]]
    assert exchanged(in_strong, strong, weak).equal(agree)


def test_the_agreement_of_the_joint_itself_changes_what_is_labelled_anew():
    reports = {}
    for way in ('place', 'joint'):
        model = model_of(relabel_by=way)
        model.method.trust = lambda output, target, weight, labelled: weight < 0
        step(model, view_batch(count=16, labelled=0))
        reports[way] = model.method.report
    one, two = (reports[way]['relabelled'] for way in ('place', 'joint'))
    swapped = (one != two).any(1)
    assert swapped.any() and not swapped.all()
    assert one.sum() == two.sum()


@pytest.mark.parametrize('field', ['student_mode', 'consistency_on', 'relabel_by'])
def test_misspelt_choices_are_refused(field):
    with pytest.raises(ValueError, match=f"{field} must be .* got 'trian'"):
        model_of(**{field: 'trian'})


def test_agreement_counts_in_cells_of_the_codec():
    model = model_of()
    assert model.method.agreement.stride == model.task.codec.stride[0] == 4
    own = dict(type='ssltoolbox.AgreementFilter', stride=3)
    assert model_of(agreement=own).method.agreement.stride == 3


@pytest.mark.parametrize('mode', ['train', 'eval'])
def test_a_frozen_part_stays_frozen_during_a_step(mode):
    model = model_of(student_mode=mode)
    model.student.backbone.eval()
    step(model)
    assert not model.student.backbone.training and model.student.head.training
