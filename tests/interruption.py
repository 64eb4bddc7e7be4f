"""Trainings that end before their time, by SIGKILL or by an exception."""

import json
import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from ssltoolbox.apis.train import train
from ssltoolbox.engine.hooks.iteration_seed import IterationSeedHook
from ssltoolbox.jobs.progress import Eta

ROOT = Path(__file__).parents[1]

STARTER = multiprocessing.get_context('forkserver')
"""Starts processes that find imported what takes seconds to import."""
STARTER.set_forkserver_preload(['ssltoolbox.registry', 'ssltoolbox.apis.train'])


def train_and_kill(config, folder, options, stage, count):
    """Kill a process that trains, at an iteration or after batches of pseudo labels."""
    process = STARTER.Process(
        target=_train_to_the_death, args=(config, folder, options, stage, count)
    )
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL


def _train_to_the_death(config, folder, options, stage, count):
    def die():
        os.kill(os.getpid(), signal.SIGKILL)

    def update(self, number):
        nonlocal count
        count -= 1
        count or die()

    def before_train_iter(self, runner, *args, **kwargs):
        if stage in runner.work_dir and runner.iter == count:
            die()
        original(self, runner, *args, **kwargs)

    original = IterationSeedHook.before_train_iter
    if stage == 'pseudo_label':
        Eta.update = update
    else:
        IterationSeedHook.before_train_iter = before_train_iter
    os.chdir(ROOT)
    train(config, work_dir=folder, options=options)


def stage_states(folder):
    """``{stage: state}`` of the stages that were begun."""
    files = {p.parent.name: p for p in Path(folder).glob('*/stage.json')}
    return {name: json.loads(file.read_text())['state'] for name, file in files.items()}


class Interrupted(Exception):
    """Ends a training."""


def train_until(stage, iteration, *args, **kwargs):
    """Train up to an iteration of a stage, and give the model's state there."""
    seen = {}

    def before_train_iter(self, runner, *_, **__):
        if stage in runner.work_dir and runner.iter == iteration:
            state = runner.model.state_dict()
            seen.update({key: value.clone() for key, value in state.items()})
            raise Interrupted
        original(self, runner, *_, **__)

    original = IterationSeedHook.before_train_iter
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Interrupted):
        patch.setattr(IterationSeedHook, 'before_train_iter', before_train_iter)
        train(*args, **kwargs)
    return seen
