"""Run a config: one training, or all stages of a pipeline."""

import math
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from hashlib import sha1
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.device import get_device
from mmengine.dist import is_main_process
from mmengine.registry import init_default_scope
from mmengine.runner import find_latest_checkpoint

from ssltoolbox.apis.config import ConfigError, read_config, resolve
from ssltoolbox.apis.data_files import require_data
from ssltoolbox.apis.leak_check import lift_allowed, refuse_leaks
from ssltoolbox.apis.stages import run_stages
from ssltoolbox.engine.distributed import start_distributed
from ssltoolbox.engine.runner import Runner
from ssltoolbox.semi.network_names import PEERS
from ssltoolbox.utils.lock import sole_user


def train(
    config: str | Path,
    work_dir: str | Path | None = None,
    stage: str | None = None,
    resume: str | bool = False,
    amp: bool = False,
    auto_scale_lr: bool = False,
    launcher: str = 'none',
    options: dict[str, Any] | None = None,
    restart: bool = False,
) -> dict[str, Any]:
    """Train as the config says.

    Args:
        config: Config file, with or without stages.
        work_dir: Where results go, ``work_dirs/<config name>`` by default.
        stage: Run this stage only.
        resume: Go on from the latest checkpoint (True) or from a file. A config with
            stages always goes on where it stopped.
        amp: Mixed precision.
        auto_scale_lr: Scale the learning rate with the batch size.
        launcher: ``'none'``, ``'pytorch'``, ``'slurm'`` or ``'mpi'``.
        options: ``--cfg-options``.
        restart: Forget what earlier runs of the stages did.

    Returns:
        Outputs of the stages, or of the one training.

    Raises:
        FileNotFoundError: The data are not here; the message says how to get them.
        LeakError: Images of the test are trained on.
        OSError: Another process is training in the work dir.
    """
    cfg = read_config(config, options)
    init_default_scope(cfg.get('default_scope', 'mmpose'))
    require_data(cfg)
    cfg.work_dir = str(
        work_dir or cfg.get('work_dir') or Path('work_dirs') / Path(config).stem
    )
    cfg.launcher = launcher
    start_distributed(launcher, cfg.get('env_cfg', {}))

    def adjust(stage_cfg: Config) -> Config:
        return _adjust(lift_allowed(stage_cfg), amp, auto_scale_lr)

    # two runs would take turns in overwriting checkpoints
    with sole_user(cfg.work_dir) if is_main_process() else nullcontext():
        refuse_leaks(cfg)
        return _run(cfg, config, adjust, stage, resume, restart)


def _run(
    cfg: Config,
    config: str | Path,
    adjust: Callable[[Config], Config],
    stage: str | None,
    resume: str | bool,
    restart: bool,
) -> dict[str, Any]:
    if cfg.get('stages'):
        if isinstance(resume, str):
            raise ConfigError(
                f'--resume {resume}: a config with stages goes on from its own '
                'checkpoints in --work-dir; give --resume without a file, or none'
            )
        return run_stages(cfg, adjust, only=stage, restart=restart)
    if stage is not None:
        raise ConfigError(f'{config} has no stages: leave --stage {stage}')
    return run_training(adjust(resolve(cfg)), resume)


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


def _adjust(cfg: Config, amp: bool, auto_scale_lr: bool) -> Config:
    if amp and cfg.get('optim_wrapper'):
        kind = cfg.optim_wrapper.get('type', 'OptimWrapper')
        if kind not in ('OptimWrapper', 'AmpOptimWrapper'):
            raise ConfigError(f'--amp works with OptimWrapper, the config has {kind}')
        if get_device() == 'cpu':
            raise ConfigError('--amp needs a GPU, and none is found here: leave it out')
        cfg.optim_wrapper.type = 'AmpOptimWrapper'
        cfg.optim_wrapper.setdefault('loss_scale', 'dynamic')
    if auto_scale_lr:
        if not cfg.get('auto_scale_lr', {}).get('base_batch_size'):
            raise ConfigError(
                '--auto-scale-lr needs auto_scale_lr=dict(base_batch_size=N) in the '
                'config'
            )
        cfg.auto_scale_lr.enable = True
    return cfg
