"""What holds for every consistency method, on keypoints and on classes of pixels."""

from dataclasses import replace

import pytest
import torch

from ssltoolbox.engine.hooks.pseudo_label_pictures import (
    draw_report,
    unlabelled_first,
)
from ssltoolbox.engine.hooks.pseudo_label_quality import measure, unlabelled_mask
from ssltoolbox.engine.hooks.watchdog import kept_counts
from ssltoolbox.registry import MODELS
from ssltoolbox.semi.progress import Progress
from ssltoolbox.testing.tiny_pose import tiny_network, view_batch
from ssltoolbox.visualization.pseudo_labels import pseudo_label_panel

from .settings import setting

ONCE = dict(type='ssltoolbox.ConstantRamp')
TEACH = dict(type='ssltoolbox.MeanTeacher', consistency=ONCE)
METHODS = {
    'MeanTeacher': (dict(consistency=ONCE), 'loss_consistency'),
    'VAT': (dict(eps=1.0), 'loss_vat'),
    'Together': (
        dict(methods=[dict(type='ssltoolbox.VAT', eps=1.0), TEACH]),
        'loss_consistency',
    ),
    'PseudoLabelling': ({}, None),
}
settings = pytest.mark.parametrize('kind', ['pose', 'seg'])
every = pytest.mark.parametrize('name', METHODS)
consistent = pytest.mark.parametrize('name', [n for n in METHODS if METHODS[n][1]])


def run(made, name, views=None):
    method = made.method(name, **METHODS[name][0])
    views = made.views if views is None else views
    torch.manual_seed(1)
    losses = method.loss(views)
    method.report.setdefault('views', views)
    return losses, method


def gradients(loss, tensors):
    found = torch.autograd.grad(loss, tensors, retain_graph=True, allow_unused=True)
    return [g for g in found if g is not None and g.any()]


@settings
@consistent
def test_unlabelled_images_teach_the_student_and_nobody_else(kind, name):
    made = setting(kind, labelled=0)
    views = {
        key: replace(batch, inputs=batch.inputs.clone().requires_grad_())
        for key, batch in made.views.items()
    }
    losses, _ = run(made, name, views)
    loss = losses[METHODS[name][1]]
    assert gradients(loss, list(made.student.parameters()))
    assert gradients(loss, [views['strong'].inputs])
    assert not gradients(loss, [views['weak'].inputs])
    loss.backward()
    assert all(p.grad is None for p in made.teacher.parameters())


@settings
@every
def test_the_supervised_loss_is_the_mean_over_labelled_images(kind, name):
    made = setting(kind, labelled=2)
    made.student.eval()
    losses, method = run(made, name)
    strong = made.views['strong']
    alone = made.task.batch(strong.inputs[:2], strong.samples[:2])
    target, weight = made.task.target(made.task.label(alone))
    output = made.task.forward(made.student, alone)
    expected = made.task.loss(output, target, weight)
    assert losses['loss_sup'].item() == pytest.approx(expected.item(), rel=1e-5)
    assert set(losses) == {'loss_sup', *method.report['rates']} - {'kept'}


@settings
@every
def test_without_labels_the_supervised_loss_is_0_and_has_a_graph(kind, name):
    made = setting(kind, labelled=0)
    losses, _ = run(made, name)
    assert losses['loss_sup'].item() == 0 and losses['loss_sup'].requires_grad
    losses['loss_sup'].backward()
    grads = [parameter.grad for parameter in made.student.parameters()]
    assert all(grad is not None and not grad.any() for grad in grads)


@settings
@every
def test_hooks_find_what_they_measure(kind, name):
    made = setting(kind)
    _, method = run(made, name)
    report = method.report
    assert report['rates']['kept'] == 1.0
    assert report['label'].view is made.views['strong'].view
    assert report['kept'].shape == report['label'].weight.shape
    assert not report['relabelled'].any()
    mask = unlabelled_mask(report)
    assert not mask[:2].any() and mask[2:].all()
    unlabelled, offered, kept = kept_counts(report)
    assert unlabelled == mask.sum() and kept == offered
    assert offered == 0 if name == 'PseudoLabelling' else offered > 0
    assert ('teacher' in report) == (name in ('MeanTeacher', 'Together'))


@every
def test_hooks_can_measure_and_draw_keypoints(name, tmp_path):
    model = MODELS.build(
        dict(
            type='ssltoolbox.SemiSupervisedModel',
            student=tiny_network(),
            teacher=dict(type='ssltoolbox.EMATeacher'),
            task=dict(type='ssltoolbox.PoseTask'),
            method=dict(type=f'ssltoolbox.{name}', **METHODS[name][0]),
        )
    )
    model.progress = Progress()
    model.train()(**model.data_preprocessor(view_batch(), training=True), mode='loss')
    values = measure(model.task, model.method.report)
    assert values['kept_share'] == 1 and values['relabelled_share'] == 0
    columns, titles, legend = draw_report(model, unlabelled_first(model, 2), {})
    pseudo_label_panel(columns, tmp_path / 'sheet.png', titles, legend)
    assert (tmp_path / 'sheet.png').stat().st_size > 1000


@every
def test_it_runs_on_any_task(name):
    for kind in ('pose', 'bottomup_pose', 'seg', 'my_task'):
        setting(kind).method(name, **METHODS[name][0])


def test_a_method_of_one_task_refuses_others():
    fields = dict.fromkeys(('small_loss', 'agreement', 'consistency'))
    fields['keep_rate'] = dict(type='ssltoolbox.ConstantRamp')
    with pytest.raises(ValueError, match="ScarceNet runs on pose, not on 'seg'"):
        setting('seg').method('ScarceNet', **fields)


@pytest.mark.parametrize('name', ['MeanTeacher', 'Together'])
def test_a_missing_teacher_is_named(name):
    made = setting('seg')
    made.teacher = None
    with pytest.raises(ValueError, match=f'{name} needs a teacher: add teacher='):
        made.method(name, **METHODS[name][0])


def test_time_reaches_the_ramps():
    made = setting('seg')
    for name in ('MeanTeacher', 'Together'):
        fields = dict(METHODS[name][0])
        ramp = dict(type='ssltoolbox.LinearRamp', end=2.0, length=10, by='iter')
        if name == 'Together':
            fields['methods'] = [dict(TEACH, consistency=ramp)]
        else:
            fields['consistency'] = ramp
        method = made.method(name, **fields)
        method.progress = Progress(iter=5)
        method.loss(made.views)
        assert method.report['rates'] == {'loss_consistency': 1.0, 'kept': 1.0}
