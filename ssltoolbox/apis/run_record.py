"""The commands that made a work dir, so that the run can be made again."""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mmengine
import torch

from ssltoolbox.utils.json_file import read_json, write_json
from ssltoolbox.version import __version__

FILE = 'commands.json'


def train_command(
    config: str | Path,
    work_dir: str | Path,
    options: Mapping[str, Any] | None = None,
    launcher: str = 'none',
    **switches: Any,
) -> str:
    """Write a training as a command line.

    Args:
        config: Config file.
        work_dir: Where results go.
        options: ``--cfg-options``.
        launcher: As of ``tools/train.py``.
        switches: Other options by their names: a value, True, or what is left out.

    >>> train_command('a b.py', 'out', {'size': [4, 3]}, amp=True, stage=None)
    "python tools/train.py 'a b.py' --work-dir out --amp --cfg-options 'size=[4, 3]'"
    """
    words = ['python', 'tools/train.py', str(config)]
    if launcher == 'pytorch':
        count = os.environ.get('LOCAL_WORLD_SIZE', '1')
        words = ['tools/dist_train.sh', str(config), count]
    words += ['--work-dir', str(work_dir)]
    for name, value in switches.items():
        if value:
            words.append('--' + name.replace('_', '-'))
            words += [] if value is True else [str(value)]
    if launcher not in ('none', 'pytorch'):
        words += ['--launcher', launcher]
    if options:
        words += ['--cfg-options', *(f'{k}={v}' for k, v in options.items())]
    return shlex.join(words)


def note_command(work_dir: str | Path, command: str) -> None:
    """Keep a command in its work dir, after those that were given there before."""
    known = read_commands(work_dir).get('commands', [])
    write_json(
        Path(work_dir, FILE),
        dict(
            commands=[each for each in known if each != command] + [command],
            versions=dict(
                ssltoolbox=__version__,
                torch=str(torch.__version__),
                mmengine=mmengine.__version__,
            ),
        ),
    )


def read_commands(work_dir: str | Path) -> dict[str, Any]:
    """Return ``commands``, in their order, and ``versions``; empty if none are known.

    Raises:
        ValueError: The file is damaged.
    """
    path = Path(work_dir, FILE)
    if not path.is_file():
        return {}
    hint = 'Delete it: the next training there writes it anew.'
    found = read_json(path, 'list of commands', hint)
    lists = isinstance(found, dict) and isinstance(found.get('commands'), list)
    if not lists or not all(isinstance(each, str) for each in found['commands']):
        raise ValueError(f'{path}: expected {{"commands": [text, ...]}}. {hint}')
    return found
