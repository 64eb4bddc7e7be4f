"""Runs that end before their time: by SIGKILL, by NaN, with a process of a group."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from bench import Bench, Row

from ssltoolbox.engine.hooks.iteration_seed import IterationSeedHook

TOOLS = Path(__file__).parents[2] / 'tools'
KILLS = 3

DIES = """
import os, signal
from ssltoolbox.engine.hooks.iteration_seed import IterationSeedHook as Hook
before = Hook.before_train_iter
def before_train_iter(self, runner, *args, **kwargs):
    if os.environ.get('RANK') == '1' and runner.iter == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    before(self, runner, *args, **kwargs)
Hook.before_train_iter = before_train_iter
"""


def killed(bench: Bench) -> Row:
    """SIGKILL at three random moments of every stage, on one run."""
    work_dir, data = bench.place('killed')
    signals = []
    for stage in bench.stages:
        # a run that goes on has fewer moments than one that begins
        for attempt in range(1, KILLS + 1):
            most = max(1, bench.moments[stage] // attempt)
            number = bench.random.randint(1, most)
            ended = bench.kill(work_dir, data, stage, number)
            signals.append(ended.code)
    done = bench.train(work_dir, data)
    dead = signals.count(-signal.SIGKILL)
    seen = f'{dead} of {len(signals)} kills in {len(bench.stages)} stages'
    seen += ', it went on after each' if not done.code else f'; {done.message}'
    good = dead == len(signals) and not done.code
    return bench.row(
        f'SIGKILL, {KILLS} random moments per stage',
        'goes on, ends bit-equal',
        seen,
        work_dir,
        good,
    )


def diverged(bench: Bench) -> Row:
    """A weight becomes NaN in the second epoch of the first stage."""
    work_dir, data = bench.place('nan')

    def inject() -> None:
        before = IterationSeedHook.before_train_iter

        def before_train_iter(hook, runner, *args, **kwargs):
            if runner.epoch == 1:
                next(runner.model.parameters()).data.fill_(float('nan'))
            before(hook, runner, *args, **kwargs)

        IterationSeedHook.before_train_iter = before_train_iter

    ended = bench.train(work_dir, data, before=inject)
    stopped = bool(ended.code) and 'training stopped at iteration' in ended.message
    done = bench.train(work_dir, data)
    seen = ended.message if stopped else f'status {ended.code}: {ended.message}'
    return bench.row(
        'NaN in a weight',
        'stops, names the last good checkpoint, goes on from it',
        seen,
        work_dir,
        stopped and not done.code,
    )


def deserted(bench: Bench) -> Row:
    """One of two processes is killed; the other must not wait for it."""
    work_dir, data = bench.place('ddp')
    folder = bench.root / 'ddp_config'
    folder.mkdir(exist_ok=True)
    (folder / 'dies.py').write_text(DIES)
    config = folder / 'config.py'
    config.write_text(
        f"_base_ = '{bench.system.path}'\n"
        "custom_imports = dict(imports=['dies'])\n"
        'semi_ratio = None\n'
    )
    options = bench.system.options_for(data)
    given = [f'{k}={v}'.replace(' ', '') for k, v in options.items()]
    given = [text for text in given if 'visualizer' not in text]
    paths = os.pathsep.join([str(folder), str(TOOLS.parent)])
    begin = time.monotonic()
    try:
        done = subprocess.run(
            ['bash', str(TOOLS / 'dist_train.sh'), str(config), '2']
            + ['--work-dir', str(work_dir), '--cfg-options', *given],
            env={**os.environ, 'PYTHON': sys.executable, 'PYTHONPATH': paths},
            capture_output=True,
            text=True,
            timeout=600,
        )
        code, text = done.returncode, done.stderr
    except subprocess.TimeoutExpired as error:
        code, text = 0, f'hung: {error}'
    (bench.root / 'ddp.log').write_text(text)
    named = 'rank      : 1' in text and 'SIGKILL' in text
    seen = f'status {code} after {time.monotonic() - begin:.0f} s'
    seen += ', rank 1 and its signal are named' if named else f': {text[-200:]}'
    good = bool(code) and named
    return Row(
        'a process of two dies (gloo)',
        bench.system.name,
        'the other ends, with a message',
        seen,
        '' if good else 'the time until someone looks',
        good,
    )
