"""The numbers on pseudo labels are those one counts by hand."""

from dataclasses import replace
from types import SimpleNamespace
from uuid import uuid4

import pytest
import torch
from mmengine.logging import MessageHub

from ssltoolbox.engine.hooks.pseudo_label_quality import (
    MeansOfKnown,
    PseudoLabelQualityHook,
    measure,
)

EXPECTED = {
    'kept_share': 2 / 4,
    'relabelled_share': 1 / 4,
    'kept_precision': 1 / 2,
    'relabelled_precision': 1.0,
    'dropped_precision': 1.0,
    'teacher_precision': 3 / 4,
    'teacher_error': 0.2 / 4,
    'teacher_agreement': 1 / 3,
}


def run(hook, model, iters):
    hub = MessageHub.get_instance(str(uuid4()))
    for i in range(iters):
        runner = SimpleNamespace(model=model, message_hub=hub, iter=i)
        hook.after_train_iter(runner, i)
    return {key: buffer.data for key, buffer in hub.log_scalars.items()}


def test_every_number_by_hand(step):
    values = measure(step.task, step.method.report)
    assert {k: v.item() for k, v in values.items()} == pytest.approx(EXPECTED)


def test_a_labelled_image_in_the_batch_does_not_hide_the_truth_of_others(step):
    truth = step.task.truth(step.method.report['views']['plain'])
    assert truth.weight.tolist() == [[1, 1, 1, 1], [0, 0, 0, 0]]
    assert truth.value[0, :, 0].tolist() == [79, 89, 69, 59]


def test_without_truth_only_the_rest_is_logged(step):
    for batch in step.method.report['views'].values():
        batch.samples[0].metainfo.pop('truth')
    del step.method.report['teacher']
    logged = run(PseudoLabelQualityHook(1), step, 1)
    assert set(logged) == {
        'train/pseudo/kept_share',
        'train/pseudo/relabelled_share',
        'train/ramp/kept',
    }
    assert logged['train/ramp/kept'][0].tolist() == [0.7]


def test_it_logs_once_per_interval_below_names_that_are_no_losses(step):
    logged = run(PseudoLabelQualityHook(3), step, 7)
    assert {key.removeprefix('train/pseudo/') for key in logged} == {
        *EXPECTED,
        'train/ramp/kept',
    }
    history, counts = logged['train/pseudo/kept_share']
    assert history.tolist() == [0.5, 0.5]
    assert not any('loss' in key for key in logged)


def test_a_batch_without_unlabelled_images_counts_for_nothing(step):
    labelled = step.method.report['views']['strong'].labelled
    hook = PseudoLabelQualityHook(2)
    runner = SimpleNamespace(model=step, iter=0)
    hook.after_train_iter(runner, 0)
    labelled.fill_(True)
    logged = run(hook, step, 2)
    assert logged['train/pseudo/kept_share'][0].tolist() == [0.5]


def test_means_skip_what_is_not_known():
    means = MeansOfKnown()
    for a, b in ((1.0, torch.nan), (3.0, 5.0), (torch.nan, torch.nan)):
        means.update({'a': torch.tensor(a), 'b': torch.tensor(b)})
    assert means.pop() == {'a': 2.0, 'b': 5.0}
    assert means.pop() == {}


def test_a_task_that_is_not_known_has_shares_alone(step):
    step.task.name = 'flow'
    assert set(measure(step.task, step.method.report)) == {
        'kept_share',
        'relabelled_share',
    }


def test_maps_by_hand(dense_step):
    step = dense_step('bottomup_pose')
    values = measure(step.task, step.method.report)
    # Of the unlabelled images one is kept; its dot of 1 lies where the truth has one
    # of 0.5, and nothing where the truth has another of 1. The teacher missed both of
    # that image, and found the only dot of the other.
    assert {k: v.item() for k, v in values.items()} == pytest.approx({
        'kept_share': 1 / 2,
        'kept_overlap': 0.5 / 2,
        'kept_error': 1.5 / (3 * 8 * 8),
        'teacher_overlap': 1 / (1 + 0.5**2 + 1),
        'teacher_error': 1.5 / (2 * 3 * 8 * 8),
    })  # fmt: skip


def test_classes_by_hand(dense_step):
    step = dense_step('seg')
    values = measure(step.task, step.method.report)
    # Left halves are kept, of which the upper quarter of the image is right: class 1
    # has 16 of 32 pixels, class 0 none of 16. The teacher is right everywhere.
    assert {k: v.item() for k, v in values.items()} == pytest.approx({
        'kept_share': 1 / 2,
        'kept_accuracy': 1 / 2,
        'kept_iou': (16 / 32 + 0) / 2,
        'teacher_accuracy': 1,
        'teacher_iou': 1,
    })  # fmt: skip


def test_dense_labels_without_truth_or_teacher(dense_step):
    step = dense_step('seg')
    step.task.truth = lambda batch: step.truth.of_samples(torch.zeros(3))
    del step.method.report['teacher']
    logged = run(PseudoLabelQualityHook(1), step, 1)
    assert set(logged) == {'train/pseudo/kept_share', 'train/ramp/kept'}


def test_depth_is_compared_with_that_of_rendered_frames(depth_step):
    values = measure(depth_step.task, depth_step.method.report)
    assert set(values) == {'kept_share', 'kept_AbsRel', 'teacher_AbsRel'}
    assert values['kept_share'].item() == pytest.approx(30 / (24 * 32))
    assert values['kept_AbsRel'] < 1e-6 and values['teacher_AbsRel'] < 1e-5
    report = depth_step.method.report
    wrong = report['teacher'].value.clone()
    wrong[..., :8] *= 2  # a quarter of the pixels
    report['teacher'] = replace(report['teacher'], value=wrong)
    assert measure(depth_step.task, report)['teacher_AbsRel'].item() == pytest.approx(
        0.25, abs=1e-4
    )


def test_depth_without_truth_has_no_error(depth_step):
    for sample in depth_step.method.report['views']['strong'].samples:
        del sample.truth
    values = measure(depth_step.task, depth_step.method.report)
    assert values['teacher_AbsRel'].isnan() and values['kept_share'] > 0
