"""Measure the networks of a checkpoint on validation or test data."""

from math import isfinite
from pathlib import Path
from typing import Any, Literal

from mmengine.config import Config
from mmengine.dist import is_main_process
from mmengine.model import is_model_wrapper
from mmengine.registry import init_default_scope

from ssltoolbox.apis.config import ConfigError, read_config, stage_config, stage_names
from ssltoolbox.apis.data_files import require_data, resolved_stages
from ssltoolbox.apis.model import (
    dataset_meta,
    has_peers,
)
from ssltoolbox.apis.other_joints import warn_of_other_joints
from ssltoolbox.apis.stage_of import run_of, stage_of
from ssltoolbox.apis.training_run import experiment_name
from ssltoolbox.checkpoints.network_names import (
    CHOICES,
    ENSEMBLE,
    Which,
    members,
    names_of,
    place_of,
)
from ssltoolbox.checkpoints.network_weights import (
    checkpoint_meta,
    checkpoint_networks,
    load_network_weights,
)
from ssltoolbox.engine.distributed import start_distributed
from ssltoolbox.engine.runner import Runner
from ssltoolbox.utils.json_file import write_json


def test(
    config: str | Path,
    checkpoint: str | Path,
    which: Which | Literal['both'] | None = None,
    stage: str | None = None,
    split: Literal['val', 'test'] = 'val',
    work_dir: str | Path | None = None,
    out: str | Path | None = None,
    launcher: str = 'none',
    options: dict[str, Any] | None = None,
) -> dict[str, float]:
    """Measure a checkpoint as the config says.

    Args:
        config: Config file, with or without stages.
        checkpoint: Weights of a stage, or of the plain network in any file.
        which: ``'student'`` or ``'teacher'``, of two peers ``'net1'``, ``'net2'`` or
            ``'ensemble'``; ``'both'`` or None takes all there is.
        stage: Stage whose config is used; None takes the one that made the checkpoint,
            by the ``stage.json`` beside it. Of a file without one, the last stage with
            a model of the checkpoint's kind is taken: one network, or several.
        split: ``'val'`` or ``'test'``.
        work_dir: Where the log goes; by default ``test`` in the folder of the run that
            made the checkpoint, or in ``work_dirs/<config name>`` if that is not known.
        out: JSON file for the metrics; null where one is undefined.
        launcher: ``'none'``, ``'pytorch'``, ``'slurm'`` or ``'mpi'``.
        options: ``--cfg-options``.

    Returns:
        Metrics; those of a semi-supervised model have the network's name in front.

    Raises:
        FileNotFoundError: The data, the checkpoint or the config are not here.
        CheckpointError: The checkpoint does not fit, or lacks the network.
    """
    cfg = read_config(config, options)
    init_default_scope(cfg.get('default_scope', 'mmpose'))
    require_data(cfg)
    present = checkpoint_networks(checkpoint)
    stage = stage or stage_of(checkpoint, cfg)
    cfg = _choose_stage(cfg, stage, semi=present != ('plain',))
    networks = _choose_networks(cfg, present, which, checkpoint)
    run = run_of(checkpoint) or Path('work_dirs') / Path(config).stem
    cfg.work_dir = str(work_dir or run / 'test')
    cfg.launcher = launcher
    start_distributed(launcher, cfg.get('env_cfg', {}))
    warn_of_other_joints(checkpoint_meta(checkpoint), dataset_meta(cfg), checkpoint)
    runner = Runner.from_cfg(_only_test(cfg, split, networks))
    model = runner.model.module if is_model_wrapper(runner.model) else runner.model
    for name in dict.fromkeys(m for n in networks for m in members(n)):
        load_network_weights(_network(model, name), checkpoint, name)
    metrics = {key: float(value) for key, value in runner.test().items()}
    if out and is_main_process():
        # JSON has no word for what is undefined, such as the precision of no prediction
        known = {k: v if isfinite(v) else None for k, v in metrics.items()}
        write_json(out, known)
    return metrics


def metrics_table(metrics: dict[str, float]) -> str:
    """Set metrics out in columns, one per network."""
    networks = [n for n in CHOICES if any(_of(n, k) for k in metrics)]
    rows: dict[str, dict[str, float]] = {}
    for key, value in metrics.items():
        name = next((n for n in networks if _of(n, key)), '')
        rows.setdefault(key.removeprefix(f'{name}/'), {})[name] = value
    columns = networks or ['']
    width = max(map(len, rows), default=0)
    lines = [' ' * width + ''.join(f'{c or "network":>10}' for c in columns)]
    for key, values in rows.items():
        cells = (f'{values[c]:10.4f}' if c in values else f'{"-":>10}' for c in columns)
        lines.append(f'{key:<{width}}' + ''.join(cells))
    return '\n'.join(lines)


def _of(network: str, key: str) -> bool:
    return key.startswith(f'{network}/')


def _choose_stage(cfg: Config, stage: str | None, semi: bool) -> Config:
    names = stage_names(cfg)
    if stage is not None and stage not in names:
        raise ConfigError(
            f'{cfg.filename} has no stage {stage!r}; its stages: '
            f'{", ".join(names) or "none"}'
        )
    if stage is not None:
        return stage_config(cfg, stage, {name: {} for name in names})
    stages = [
        s for s in resolved_stages(cfg).values() if 'model' in s and 'job' not in s
    ]
    of_kind = [s for s in stages if ('student' in s.model) == semi]
    return (of_kind or stages)[-1]


def _choose_networks(
    cfg: Config, present: tuple[str, ...], which: str | None, checkpoint: str | Path
) -> list[str]:
    if 'student' not in cfg.model:
        if which in ('both', ENSEMBLE):
            raise ConfigError(
                f'--which {which}: the model of {cfg.filename} is one network, and '
                f'{checkpoint} holds: {", ".join(present)}; choose one network'
            )
        return [which or 'auto']
    names = names_of(bool(cfg.model.get('teacher')), has_peers(cfg))
    if which == 'both' and len(names) == 1:
        raise ConfigError(f'--which both: the model of {cfg.filename} has no teacher')
    if which not in (None, 'both', *names):
        raise ConfigError(
            f'--which {which}: the model of {cfg.filename} has: {", ".join(names)}'
        )
    if which == 'both':
        return list(names)
    if which:
        return [which]
    found = [n for n in names if {place_of(m) for m in members(n)} <= set(present)]
    return found or [names[0]]


def _only_test(cfg: Config, split: str, networks: list[str]) -> Config:
    """Leave what a test needs, reading the chosen split."""
    for part in ('dataloader', 'evaluator'):
        if not cfg.get(f'{split}_{part}'):
            raise ConfigError(f'--split {split}: {cfg.filename} has no {split}_{part}')
        cfg[f'test_{part}'] = cfg[f'{split}_{part}']
    test_cfg = dict(cfg.get(f'{split}_cfg') or {})
    if 'student' in cfg.model:
        cfg.model.init_student = None
        test_cfg = dict(type='ssltoolbox.TeacherStudentTestLoop', networks=networks)
    else:
        test_cfg['type'] = 'TestLoop'
    cfg.test_cfg = test_cfg
    training = ('train_dataloader', 'train_cfg', 'optim_wrapper', 'param_scheduler')
    for key in (*training, 'val_dataloader', 'val_cfg', 'val_evaluator'):
        cfg[key] = None
    # hooks that watch a training have nothing to see
    cfg.custom_hooks = []
    cfg.load_from, cfg.resume = None, False
    cfg.experiment_name = experiment_name(cfg.work_dir)
    return cfg


def _network(model: Any, name: str) -> Any:
    if place_of(name) == 'teacher':
        return model.teacher.model
    return model.student if hasattr(model, 'student') else model
