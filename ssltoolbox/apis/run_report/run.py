"""What a work dir tells of its run: stages, settings, outputs and commands."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ssltoolbox.apis.config_text import parse_config_text
from ssltoolbox.apis.run_record import read_commands
from ssltoolbox.apis.stages import Stage


@dataclass(frozen=True)
class StageRun:
    """One stage of a run, or a training without stages.

    Attributes:
        name: Of the stage; ``'training'`` without stages.
        folder: Where its record is.
        home: Where its logs and checkpoints are: another folder where the stage was
            taken over from another run.
        state: ``'done'``, or ``'running'`` until it is.
        outputs: What it made, by name.
        config_text: Its resolved config; empty where there is none.
        after: Number of the stages that came before.
    """

    name: str
    folder: Path
    home: Path
    state: str
    outputs: dict[str, Any]
    config_text: str
    after: int = 0

    @property
    def config(self) -> dict[str, Any]:
        """The resolved config, plain values; empty where it cannot be read.

        It is parsed, not run: a work dir may come from anybody.
        """
        try:
            found = parse_config_text(self.config_text, str(self.folder))
        except ValueError:
            return {}
        return found._cfg_dict.to_dict()

    @property
    def store(self) -> Path | None:
        """Folder of the pseudo labels that the stage made."""
        path = self.outputs.get('store')
        if not path:
            return None
        # a run that was moved, or is looked at from another folder, has it within
        moved = self.folder / Path(path).name
        return moved if moved.exists() and not Path(path).exists() else Path(path)


@dataclass(frozen=True)
class Run:
    """A work dir.

    Attributes:
        folder: The work dir.
        stages: In their order.
        commands: As given, in their order; empty where they are unknown.
        versions: Of the packages.
        metrics: ``{split: {metric: value}}`` of finished tests.
    """

    folder: Path
    stages: list[StageRun]
    commands: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, dict[str, float]] = field(default_factory=dict)


def read_run(work_dir: str | Path) -> Run:
    """Read what a work dir tells of its run.

    Raises:
        FileNotFoundError: It is absent, or no work dir of a training.
        ValueError: A record in it is damaged.
    """
    folder = Path(work_dir)
    records = [*folder.glob('*/stage.json'), *folder.glob('stage.json')]
    stages = sorted(map(_stage, records), key=lambda each: each.after)
    if not stages and any(folder.glob('*/vis_data/scalars.json')):
        stages = [_training(folder)]
    if not stages:
        raise FileNotFoundError(_nothing(folder))
    noted = read_commands(folder)
    return Run(
        folder,
        stages,
        noted.get('commands', []),
        noted.get('versions', {}),
        dict(_metrics(folder)),
    )


def _stage(file: Path) -> StageRun:
    folder = file.parent
    record = Stage(folder.name, folder).record()
    outputs = record.get('outputs', {})
    return StageRun(
        name=folder.name,
        folder=folder,
        home=_home(folder, outputs),
        state=record.get('state', 'running'),
        outputs=outputs,
        config_text=_text(folder / 'config.py'),
        after=len(record.get('after', {})),
    )


def _training(folder: Path) -> StageRun:
    dumps = sorted(folder.glob('*.py'), key=lambda path: path.stat().st_mtime)
    text = _text(dumps[-1]) if dumps else ''
    return StageRun('training', folder, folder, 'done', {}, text)


def _home(folder: Path, outputs: dict[str, Any]) -> Path:
    """Folder of the run that made the outputs, if they are still there."""
    for path in outputs.values():
        if isinstance(path, str) and Path(path).exists():
            return Path(path).parent
    return folder


def _text(path: Path) -> str:
    return path.read_text('utf-8', errors='replace') if path.is_file() else ''


def _metrics(folder: Path) -> Iterator[tuple[str, dict[str, float]]]:
    for path in sorted(folder.glob('metrics_*.json')):
        try:
            found = json.loads(path.read_text('utf-8'))
        except ValueError:
            continue  # of somebody else, by the name
        if isinstance(found, dict):
            numbers = {k: v for k, v in found.items() if isinstance(v, (int, float))}
            yield path.stem.removeprefix('metrics_'), numbers


def _nothing(folder: Path) -> str:
    if not folder.is_dir():
        return f'work dir {folder} does not exist: give the --work-dir of a training'
    runs = sorted({path.parent.parent for path in folder.glob('*/*/stage.json')})
    if runs:
        names = ', '.join(map(str, runs[:5]))
        return f'{folder} holds several runs, a report is of one: give one of {names}'
    return (
        f'{folder} is no work dir of a training: expected <stage>/stage.json or '
        '<time>/vis_data/scalars.json in it. Give the --work-dir of tools/train.py'
    )
