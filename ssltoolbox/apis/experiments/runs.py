"""Run whole experiments one after the other, each once, with one line of progress."""

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ssltoolbox.apis.cli import add_cfg_options
from ssltoolbox.apis.experiments.shared_stages import share_stages

TOOLS = Path(__file__).resolve().parents[3] / 'tools'
_STEP = re.compile(
    r'Epoch\(train\)\s+\[(\d+)\]\[\s*(\d+)/(\d+)\].*?eta: ([\d:, a-z]+?)  '
)
_STAGE = re.compile(r'stage (\d+/\d+ \w+):')
_LABELS = re.compile(r'(pseudo labels): (\d+/\d+), .*eta ([\d:]+)')


class RunFailed(RuntimeError):
    """A training or test ended with an error."""


def train_and_test(
    config: str | Path,
    work_dir: str | Path,
    options: dict[str, Any] | None = None,
    split: str = 'test',
    finished: Iterable[str | Path] = (),
    show: Callable[[str], None] = lambda line: None,
) -> dict[str, float]:
    """Train a config and test its best checkpoint, unless that was done before.

    "Best" is chosen on the validation data, by the teacher where there is one.

    Args:
        config: Config file.
        work_dir: Where everything of this run goes; a killed run goes on there.
        options: ``--cfg-options``.
        split: ``'val'`` or ``'test'``.
        finished: Work dirs of other runs. Stages at the beginning that are the same in
            one of them are taken over, so that methods and baselines share them.
        show: Called with a short line whenever there is progress.

    Returns:
        Metrics, with the network's name in front where there are two.

    Raises:
        RunFailed: A command failed; names its log.
    """
    work_dir = Path(work_dir)
    work_dir.mkdir(parents=True, exist_ok=True)
    metrics = work_dir / f'metrics_{split}.json'
    if metrics.is_file():
        return json.loads(metrics.read_text())
    share_stages(config, work_dir, as_read(options), finished)
    train(config, work_dir, options, show)
    show('testing')
    return test(config, best_network(work_dir)[1], metrics, options, split)


def train(
    config: str | Path,
    work_dir: str | Path,
    options: dict[str, Any] | None = None,
    show: Callable[[str], None] = lambda line: None,
    stage: str | None = None,
) -> None:
    """Train a config, or one stage of it; what is finished is not done again.

    Args:
        config: Config file.
        work_dir: Where everything of this run goes.
        options: ``--cfg-options``.
        show: Called with a short line whenever there is progress.
        stage: Name of the only stage to run.

    Raises:
        RunFailed: The command failed; names its log.
    """
    work_dir = Path(work_dir)
    work_dir.mkdir(parents=True, exist_ok=True)
    command = ['train.py', config, '--work-dir', work_dir]
    command += ['--stage', stage] if stage else []
    _run([*command, *_cfg_options(options)], work_dir / 'console.log', show)


def test(
    config: str | Path,
    checkpoint: str | Path,
    out: str | Path,
    options: dict[str, Any] | None = None,
    split: str = 'test',
    stage: str | None = None,
) -> dict[str, float]:
    """Test a checkpoint, unless that was done before.

    Args:
        config: Config file.
        checkpoint: Weights of one of its stages.
        out: JSON file for the metrics; the log goes beside it.
        options: ``--cfg-options``.
        split: ``'val'`` or ``'test'``.
        stage: Whose data and metrics are used; None: the last of the checkpoint's kind.

    Returns:
        Metrics, with the network's name in front where there are two.

    Raises:
        RunFailed: The command failed; names its log.
    """
    out = Path(out)
    if not out.is_file():
        command = ['test.py', config, checkpoint, '--split', split]
        command += ['--work-dir', out.parent, '--out', out]
        command += ['--stage', stage] if stage else []
        _run([*command, *_cfg_options(options)], out.parent / 'console.log')
    return json.loads(out.read_text())


def best_network(work_dir: str | Path) -> tuple[Path, Path]:
    """Name the config and the best checkpoint of the last stage of a finished run.

    Raises:
        FileNotFoundError: No stage of it has begun.
    """
    records = list(Path(work_dir).glob('*/stage.json'))
    if not records:
        raise FileNotFoundError(f'{work_dir} holds no run of a config with stages')
    last = max(records, key=lambda path: path.stat().st_mtime)
    return last.with_name('config.py'), Path(
        json.loads(last.read_text())['outputs']['best']
    )


def _cfg_options(options: dict[str, Any] | None) -> list[str]:
    pairs = [f'{key}={value}' for key, value in (options or {}).items()]
    return ['--cfg-options', *pairs] if pairs else []


def as_read(options: dict[str, Any] | None) -> dict[str, Any]:
    """Options as the tools read them: a number may have been given as text."""
    parser = argparse.ArgumentParser()
    add_cfg_options(parser)
    return parser.parse_args(_cfg_options(options)).cfg_options


def _run(
    command: list, log: Path, show: Callable[[str], None] = lambda line: None
) -> None:
    script, *arguments = (str(part) for part in command)
    with open(log, 'a') as out:
        position = out.tell()
        process = subprocess.Popen(
            [sys.executable, str(TOOLS / script), *arguments], stdout=out, stderr=out
        )
        try:
            stage = ''
            while process.poll() is None:
                time.sleep(1)
                with open(log, errors='replace') as file:
                    file.seek(position)
                    text = file.read()
                    position = file.tell()
                for line in text.splitlines():
                    stage, status = _progress(line, stage)
                    if status:
                        show(status)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if process.returncode:
        tail = log.read_text(errors='replace').strip().splitlines()[-1:]
        raise RunFailed(f'{script} failed: {"".join(tail)} (log: {log})')


def _progress(line: str, stage: str) -> tuple[str, str]:
    """Stage and a short status that a line of the log tells."""
    if found := _STAGE.search(line):
        return found[1], found[1]
    if found := _STEP.search(line):
        return stage, f'{stage} epoch {found[1]} [{found[2]}/{found[3]}] eta {found[4]}'
    if found := _LABELS.search(line):
        return stage, f'{stage} {found[2]} eta {found[3]}'
    return stage, ''
