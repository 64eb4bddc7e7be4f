"""Take over stages that another run has finished, so that nothing is trained twice."""

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ssltoolbox.apis.config import read_config, stage_config, stage_names
from ssltoolbox.apis.stages import Stage, config_hash

_FILES = ('config.py', 'stage.json')


def share_stages(
    config: str | Path,
    work_dir: str | Path,
    options: Mapping[str, Any] | None,
    runs: Iterable[str | Path],
) -> list[str]:
    """Take over the first stages of a config from runs that have made the same ones.

    Stages are the same if all that decides their results is, whatever their names:
    see :func:`~ssltoolbox.apis.stages.config_hash`. The search ends at the first stage
    that is nowhere finished. What is taken over is the record, not the checkpoints:
    those stay in the folder of the run that made them.

    Args:
        config: Config file.
        work_dir: Of the run that is to begin.
        options: ``--cfg-options``.
        runs: Work dirs of other runs; those that do not exist yet are left out.

    Returns:
        Names of the stages that are done in ``work_dir`` now.
    """
    cfg = read_config(config, options)
    finished = _finished(runs)
    outputs: dict[str, dict[str, Any]] = {}
    for name in stage_names(cfg):
        stage = Stage(name, Path(work_dir, name))
        if not stage.record():
            source = finished.get(config_hash(stage_config(cfg, name, outputs)))
            if source is None:
                break
            stage.folder.mkdir(parents=True, exist_ok=True)
            for file in _FILES:
                # keeps the times of the files, which tell the last stage
                shutil.copy2(source.folder / file, stage.folder)
        if stage.record().get('state') != 'done':
            break
        outputs[name] = stage.required_outputs()
    return list(outputs)


def _finished(runs: Iterable[str | Path]) -> dict[str, Stage]:
    """Collect finished stages by the hashes of their configs."""
    found: dict[str, Stage] = {}
    for run in runs:
        for file in sorted(Path(run).glob('*/stage.json')):
            stage = Stage(file.parent.name, file.parent)
            record = stage.record()
            if record.get('state') == 'done':
                found.setdefault(record['config'], stage)
    return found
