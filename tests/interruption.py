"""Trainings that end before their time, by SIGKILL or by an exception."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ssltoolbox.apis.train import train
from ssltoolbox.engine.hooks.iteration_seed import IterationSeedHook

ROOT = Path(__file__).parents[1]

KILLED = """
import json, os, signal, sys
config, work_dir, options, stage, count = sys.argv[1:]

def kill(): os.kill(os.getpid(), signal.SIGKILL)

if stage == 'pseudo_label':
    from ssltoolbox.jobs.progress import Eta
    left = int(count)
    def update(self, number):
        global left
        left -= 1
        left or kill()
    Eta.update = update
else:
    from ssltoolbox.engine.hooks.iteration_seed import IterationSeedHook as Hook
    before = Hook.before_train_iter
    def before_train_iter(self, runner, *args, **kwargs):
        if stage in runner.work_dir and runner.iter == int(count):
            kill()
        before(self, runner, *args, **kwargs)
    Hook.before_train_iter = before_train_iter
from ssltoolbox.apis.train import train
train(config, work_dir=work_dir, options=json.loads(options))
"""


def train_and_kill(config, folder, options, stage, count):
    """Kill a process that trains, at an iteration or after batches of pseudo labels."""
    command = [sys.executable, '-c', KILLED, str(config), str(folder)]
    command += [json.dumps(options), stage, str(count)]
    done = subprocess.run(
        command, env=os.environ, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == -signal.SIGKILL, done.stderr[-2000:]


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
