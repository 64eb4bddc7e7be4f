"""A method that does not learn from unlabelled images is found out."""

from types import SimpleNamespace
from uuid import uuid4

import pytest
import torch
from mmengine.model import BaseModel
from torch import nn

from ssltoolbox.datasets.transforms.branches import branch_collate
from ssltoolbox.engine.hooks.watchdog import (
    WatchdogHook,
    gradient_norms,
    late_parameters,
)
from ssltoolbox.engine.runner import Runner
from ssltoolbox.geometry.view import View
from ssltoolbox.methods.base import Method
from ssltoolbox.semi.wrapper import SemiSupervisedModel
from ssltoolbox.tasks.base import Batch


class Net(BaseModel):
    def __init__(self, data_preprocessor=None):
        super().__init__()
        self.backbone, self.head = nn.Linear(3, 4), nn.Linear(4, 2)

    def forward(self, x):
        return self.head(self.backbone(x).relu())


class Task:
    name = 'pose'

    def __init__(self, network):
        pass

    def batch(self, inputs, samples):
        none = torch.zeros(len(inputs), dtype=torch.bool)
        view = View(torch.eye(3).repeat(len(inputs), 1, 1).double(), (1, 1))
        return Batch(inputs.mean((2, 3)), samples, view, none)


class MeanTeacher(Method):
    """The student on the strong view follows the teacher on the weak view."""

    rate = 1.0

    def loss(self, views):
        strong = self.student(views['strong'].inputs)
        with torch.no_grad():
            weak = self.teacher(views['weak'].inputs)
        self.report = {'rates': {'loss_unsup': self.rate}}
        unsup = self.rate * self.compare(strong, weak)
        return {'loss_sup': strong.pow(2).mean(), 'loss_unsup': unsup, 'share': unsup}

    def compare(self, strong, weak):
        return (strong - weak).pow(2).mean()


class Detached(MeanTeacher):
    def compare(self, strong, weak):
        return super().compare(strong.detach(), weak)


class WeakWithWeak(MeanTeacher):
    def compare(self, strong, weak):
        return super().compare(weak, weak.softmax(-1))


class WithItself(MeanTeacher):
    def compare(self, strong, weak):
        return super().compare(strong, strong.detach())


class RampAtZero(MeanTeacher):
    rate = 0.0


class Data(torch.utils.data.Dataset):
    def __len__(self):
        return 12

    def __getitem__(self, index):
        weak = torch.full((3, 4, 4), float(index))
        return {
            'inputs': {'weak': weak, 'strong': weak + 1},
            'data_samples': {'weak': index, 'strong': index},
        }


@pytest.fixture
def warnings_of(tmp_path):
    def train(method, **optim):
        model = SemiSupervisedModel(
            student=dict(type=Net),
            method=dict(type=method),
            task=dict(type=Task),
            teacher=dict(type='ssltoolbox.EMATeacher'),
            data_preprocessor=dict(type='ImgDataPreprocessor'),
        )
        runner = Runner(
            model,
            work_dir=str(tmp_path),
            train_dataloader=dict(
                dataset=Data(),
                batch_size=2,
                num_workers=0,
                sampler=dict(type='DefaultSampler', shuffle=False),
                collate_fn=branch_collate,
            ),
            train_cfg=dict(by_epoch=True, max_epochs=2),
            optim_wrapper=dict(optimizer=dict(type='SGD', lr=1e-3), **optim),
            custom_hooks=[
                dict(type='ssltoolbox.SemiSupervisionHook'),
                dict(type='ssltoolbox.WatchdogHook', interval=2, patience=3),
            ],
            experiment_name=str(uuid4()),
            log_level='ERROR',
        )
        messages = []
        runner.logger.warning = messages.append
        runner.train()
        return [m for m in messages if 'loss_' in m or 'pseudo label' in m]

    return train


@pytest.mark.parametrize('method', [Detached, WeakWithWeak, WithItself])
def test_a_term_that_teaches_nothing_is_named_once(warnings_of, method):
    (message,) = warnings_of(method)
    assert message.startswith('iteration 6: loss_unsup gave the student no gradient')


@pytest.mark.parametrize('method', [MeanTeacher, RampAtZero])
def test_a_sound_method_and_a_ramp_at_zero_are_left_alone(warnings_of, method):
    assert warnings_of(method) == []


def test_it_works_within_gradient_accumulation(warnings_of):
    assert warnings_of(MeanTeacher, accumulative_counts=4) == []
    assert len(warnings_of(Detached, accumulative_counts=4)) == 1


def test_the_norm_of_each_term_by_hand():
    weight = nn.Parameter(torch.tensor([3.0, 4.0]))
    losses = {
        'loss_a': weight.pow(2).sum() / 2,
        'loss_b': [weight.sum() * 0, weight.sum() * 0],
        'loss_c': torch.tensor(7.0),
        'accuracy': weight.sum(),
    }
    norms = gradient_norms(losses, [weight, nn.Parameter(torch.ones(1))])
    assert {k: v.item() for k, v in norms.items()} == {
        'loss_a': 5,
        'loss_b': 0,
        'loss_c': 0,
    }
    sum(losses['loss_b'], losses['loss_a']).backward()
    assert weight.grad.tolist() == [3, 4]


def test_the_loss_scale_saves_half_precision_gradients_from_underflow():
    weight = nn.Parameter(torch.ones(1, dtype=torch.float16))
    losses = {'loss': weight.float().sum() * 1e-9}
    assert gradient_norms(losses, [weight])['loss'] == 0
    assert gradient_norms(losses, [weight], scale=65536.0)['loss'] > 0
    scaler = SimpleNamespace(get_scale=lambda: 65536.0)
    model = SimpleNamespace(student=Net())
    runner = SimpleNamespace(
        model=model, iter=0, optim_wrapper=SimpleNamespace(loss_scaler=scaler)
    )
    WatchdogHook(1).before_train_iter(runner, 0)
    assert model.loss_probe.keywords['scale'] == 65536.0


def test_gradients_are_taken_at_the_last_part_that_learns():
    net = Net()
    assert late_parameters(net) == list(net.head.parameters())
    net.head.requires_grad_(False)
    assert late_parameters(net) == list(net.backbone.parameters())
    net.requires_grad_(False)
    assert late_parameters(net) == []


@pytest.fixture
def judge(step):
    """Warnings of looks at a step; a function sets the kept mask of each look."""
    hook, messages = WatchdogHook(1, patience=2), []
    logger = SimpleNamespace(warning=messages.append)

    def look(kept, rate, times=1):
        step.method.report['kept'] = torch.tensor(kept, dtype=torch.bool)
        step.method.report['rates'] = {} if rate is None else {'kept': rate}
        messages.clear()
        for _ in range(times):
            hook.after_train_iter(SimpleNamespace(model=step, iter=0, logger=logger), 0)
        return list(messages)

    return look


NONE = [[0, 0, 0, 0], [1, 1, 1, 1]]
EVERY = [[1, 1, 1, 0], [0, 0, 0, 0]]  # the last keypoint has no label
SOME = [[1, 0, 1, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize('rate', [0.8, None])
def test_nothing_or_everything_kept_is_told_after_patience(judge, rate):
    assert judge(NONE, rate) == []
    (message,) = judge(NONE, rate)
    assert 'no pseudo label was kept at the last 2 looks' in message
    (message,) = judge(EVERY, rate, times=2)
    assert 'every pseudo label was kept' in message


def test_it_is_told_again_only_after_a_recovery(judge):
    assert len(judge(NONE, 0.8, times=5)) == 1
    assert judge(SOME, 0.8, times=5) == []
    assert len(judge(NONE, 0.8, times=5)) == 1


def test_a_ramp_that_means_to_keep_all_or_none_is_respected(judge):
    assert judge(EVERY, 1.0, times=5) == []
    assert judge(EVERY, 0.997, times=5) == []
    assert judge(NONE, 0.0, times=5) == []


def test_a_batch_of_labelled_images_alone_says_nothing(judge, step):
    step.method.report['views']['strong'].labelled.fill_(True)
    assert judge(NONE, 0.8, times=5) == []


def test_a_teacher_that_stays_worse_is_told():
    hook, messages = WatchdogHook(1, val_patience=2), []
    runner = SimpleNamespace(iter=9, logger=SimpleNamespace(warning=messages.append))
    for teacher in (0.4, 0.6, 0.4, 0.3, 0.2):
        metrics = {'teacher/coco/AP': teacher, 'student/coco/AP': 0.5}
        hook.after_val_epoch(runner, metrics)
    hook.after_val_epoch(runner, {'coco/AP': 0.1})
    (message,) = messages
    assert 'coco/AP: 0.3000 against 0.5000' in message
    assert 'last 2 validations' in message


def test_intervals_must_be_positive():
    with pytest.raises(ValueError, match='at least 1, got 0, 3 and 5'):
        WatchdogHook(interval=0)
