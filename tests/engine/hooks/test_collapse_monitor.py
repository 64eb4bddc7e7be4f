"""Falling maxima of unlabelled images are logged, and are worth one warning."""

import logging
import math
from types import SimpleNamespace
from uuid import uuid4

import pytest
import torch
from mmengine.logging import MessageHub

from ssltoolbox.engine.hooks.collapse_monitor import CollapseMonitorHook


class Training:
    """Steps whose method reports given maxima."""

    def __init__(self, hook):
        self.hook, self.warnings, self.iter = hook, [], 0
        self.hub = MessageHub.get_instance(str(uuid4()))
        logger = logging.getLogger(str(uuid4()))
        logger.addHandler(handler := logging.Handler())
        handler.emit = lambda record: self.warnings.append(record.getMessage())
        self.runner = SimpleNamespace(message_hub=self.hub, logger=logger)

    def run(self, *maxima):
        for pair in maxima:
            report = {}
            if pair is not None:
                names = ('labelled', 'unlabelled')
                report['maxima'] = dict(
                    zip(names, map(torch.tensor, pair), strict=True)
                )
            method = SimpleNamespace(report=report)
            self.runner.model = SimpleNamespace(method=method)
            self.runner.iter = self.iter
            self.hook.after_train_iter(self.runner, self.iter)
            self.iter += 1
        return self

    @property
    def logged(self):
        return {
            key.removeprefix('train/collapse/'): buffer.data[0].tolist()
            for key, buffer in self.hub.log_scalars.items()
        }


def test_means_and_their_ratio_are_logged_once_per_interval():
    training = Training(CollapseMonitorHook(interval=2))
    training.run((0.8, 0.4), (0.4, 0.2), (1.0, 0.25), (1.0, 0.75), (1.0, 0.0))
    logged = training.logged
    assert logged['labelled'] == pytest.approx([0.6, 1.0])
    assert logged['unlabelled'] == pytest.approx([0.3, 0.5])
    assert logged['ratio'] == pytest.approx([0.5, 0.5])
    assert not training.warnings


def test_a_collapse_is_told_once_with_what_to_do():
    training = Training(CollapseMonitorHook(interval=2, patience=3))
    training.run(*[(0.8, 0.08)] * 4)
    assert not training.warnings
    training.run(*[(0.8, 0.08)] * 10)
    (warning,) = training.warnings
    assert '10% as high' in warning and 'for 6 iterations' in warning
    assert 'consistency ramp' in warning and 'method.min_score' in warning


def test_a_recovery_begins_the_count_anew():
    training = Training(CollapseMonitorHook(interval=1, patience=3))
    low, high = (1.0, 0.1), (1.0, 0.9)
    training.run(low, low, high, low, low, high)
    assert not training.warnings
    training.run(low, low, low)
    assert len(training.warnings) == 1


def test_a_network_that_sees_nothing_yet_is_no_error():
    training = Training(CollapseMonitorHook(interval=1)).run((0.0, 0.0), (-0.1, -0.2))
    assert training.logged['ratio'] == [1.0, 1.0]


def test_maxima_that_are_no_numbers_are_left_to_the_hook_that_stops():
    training = Training(CollapseMonitorHook(interval=1))
    training.run((math.nan, math.nan), (0.5, math.nan), (0.5, 0.5))
    assert training.logged['ratio'] == [1.0]


def test_methods_without_maxima_are_left_alone():
    assert Training(CollapseMonitorHook(interval=1)).run(None, None).logged == {}


@pytest.mark.parametrize('options', [dict(interval=0), dict(patience=0)])
def test_numbers_below_one_are_refused(options):
    with pytest.raises(ValueError, match='at least 1'):
        CollapseMonitorHook(**options)
