"""One training of a resolved config, from its latest checkpoint to its results."""

import math
from collections.abc import Mapping
from hashlib import sha1
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import find_latest_checkpoint

from ssltoolbox.checkpoints.network_names import PEERS
from ssltoolbox.engine.runner import Runner

BEST_FIRST = [f'best_{name}' for name in ('teacher', 'ensemble', 'student', *PEERS)]


def run_training(cfg: Config, resume: str | bool = False) -> dict[str, Any]:
    """Run one resolved config, and return its checkpoints and final metrics."""
    init_default_scope(cfg.get('default_scope', 'mmpose'))
    # mmengine would resume from load_from, which may name the weights to start with
    source = find_latest_checkpoint(cfg.work_dir) if resume is True else resume
    cfg.resume = bool(source)
    cfg.load_from = source or cfg.get('load_from')
    cfg.experiment_name = experiment_name(cfg.work_dir)
    runner = Runner.from_cfg(cfg)
    runner.train()
    return checkpoints_of(runner)


def experiment_name(work_dir: str | Path) -> str:
    """Name a run by its folder.

    mmengine keeps logs and best scores by this name, and makes it of the time: two
    runs of one process that start within a second would share them.
    """
    folder = Path(work_dir).absolute()
    return f'{folder.name}-{sha1(str(folder).encode()).hexdigest()[:8]}'


def checkpoints_of(runner: Runner) -> dict[str, Any]:
    """Name the checkpoints of a finished run, and say how good the best is.

    Returns:
        ``last`` and ``best``, files; ``best_<key>``, where several networks are
        validated; and ``score``, the validation metric by which ``best`` was chosen,
        None where there was no validation.
    """
    info = runner.message_hub.runtime_info
    files, scores = _bests(info, 'best_ckpt'), _bests(info, 'best_score')
    chosen = next((k for k in ('best', *BEST_FIRST) if files.get(k)), None)
    found = {'last': info.get('last_ckpt'), **files}
    found['best'] = found[chosen or 'last']
    score = scores.get(chosen)
    known = score is not None and math.isfinite(float(score))
    return {**found, 'score': float(score) if known else None}


def _bests(info: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """``{'best' or 'best_<network>': what the checkpoint hook noted of it}``."""
    found = {}
    for key, value in info.items():
        if key.startswith(prefix):
            # best_ckpt_teacher/coco/AP -> best_teacher
            name = key.removeprefix(prefix).strip('_').split('/')[0]
            found['_'.join(filter(None, ('best', name)))] = value
    return found
