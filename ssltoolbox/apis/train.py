"""Run a config: one training, or all stages of a pipeline."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.device import get_device
from mmengine.dist import is_main_process
from mmengine.registry import init_default_scope

from ssltoolbox.apis.config import ConfigError, read_config, resolve
from ssltoolbox.apis.data_files import require_data
from ssltoolbox.apis.leaks.leak_check import lift_allowed, refuse_leaks
from ssltoolbox.apis.run_record import note_command, train_command
from ssltoolbox.apis.stages import run_stages
from ssltoolbox.apis.training_run import run_training
from ssltoolbox.engine.distributed import start_distributed
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

    command = train_command(
        config,
        cfg.work_dir,
        options,
        launcher,
        stage=stage,
        resume=resume,
        amp=amp,
        auto_scale_lr=auto_scale_lr,
    )
    # two runs would take turns in overwriting checkpoints
    with sole_user(cfg.work_dir) if is_main_process() else nullcontext():
        refuse_leaks(cfg)
        if is_main_process():
            note_command(cfg.work_dir, command)
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
