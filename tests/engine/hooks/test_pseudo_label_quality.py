"""The numbers on pseudo labels are those one counts by hand."""

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
    }


def test_it_logs_once_per_interval_below_names_that_are_no_losses(step):
    logged = run(PseudoLabelQualityHook(3), step, 7)
    assert {key.removeprefix('train/pseudo/') for key in logged} == set(EXPECTED)
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


def test_a_task_without_keypoints_has_shares_alone(step):
    step.task.name = 'seg'
    assert set(measure(step.task, step.method.report)) == {
        'kept_share',
        'relabelled_share',
    }
