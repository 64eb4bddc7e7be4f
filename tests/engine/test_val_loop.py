from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel

from ssltoolbox.engine.runner import Runner
from ssltoolbox.registry import METRICS
from ssltoolbox.semi.wrapper import SemiSupervisedModel


class Data(torch.utils.data.Dataset):
    metainfo = {'name': 'five numbers', 'sigmas': np.ones(3, np.float32)}
    loaded = 0

    def __len__(self):
        return 5

    def __getitem__(self, index):
        Data.loaded += 1
        return {'inputs': torch.tensor([float(index)])}


class Pair(BaseModel):
    """A student that doubles its input and a teacher that triples it."""

    networks = ('student', 'teacher')
    predict_with = 'teacher'
    predicting_with = SemiSupervisedModel.predicting_with

    def forward(self, inputs, mode='loss'):
        assert not self.training
        factor = {'student': 2, 'teacher': 3}[self.predict_with]
        return [factor * value for value in inputs]


@METRICS.register_module(force=True)
class Total(BaseMetric):
    """Sum and number of all predictions."""

    def process(self, data_batch, data_samples):
        assert self.dataset_meta['name'] == 'five numbers'
        self.results += [float(sample) for sample in data_samples]

    def compute_metrics(self, results):
        return {'total': sum(results), 'count': len(results)}


@pytest.fixture
def runner(tmp_path):
    def build(**loop):
        data = dict(
            dataset=Data(),
            batch_size=2,
            sampler=dict(type='DefaultSampler', shuffle=False),
            num_workers=0,
        )
        Data.loaded = 0
        evaluator = dict(type='ssltoolbox.Total')
        return Runner(
            Pair(),
            work_dir=str(tmp_path),
            val_dataloader=data,
            val_evaluator=[evaluator],
            val_cfg=dict(type='ssltoolbox.TeacherStudentValLoop', **loop),
            test_dataloader=data,
            test_evaluator=evaluator,
            test_cfg=dict(type='ssltoolbox.TeacherStudentTestLoop', **loop),
            default_scope='mmengine',
            log_level='WARNING',
            experiment_name=Path(tmp_path).name,
        )

    return build


def test_both_networks_are_measured_in_one_pass(runner):
    made = runner()
    made.model.train()
    expected = {
        'student/total': 20.0,
        'student/count': 5,
        'teacher/total': 30.0,
        'teacher/count': 5,
    }
    assert made.val() == expected
    assert Data.loaded == 5
    assert made.model.predict_with == 'teacher'
    assert made.test() == expected


def test_a_second_pass_begins_anew(runner):
    made = runner()
    assert made.val() == made.val()


def test_one_network_may_be_chosen(runner):
    assert runner(networks=['student']).val() == {
        'student/total': 20.0,
        'student/count': 5,
    }


def test_metrics_reach_the_hooks_under_the_names_of_the_networks(runner):
    made = runner()
    made.val()
    scalars = made.message_hub.log_scalars
    assert scalars['val/teacher/total'].current() == 30
    assert scalars['val/student/total'].current() == 20
