"""Run two steps and one validation of a config on generated data."""

import contextlib
import math
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import torch
from mmengine.config import ConfigDict
from mmengine.hooks import Hook

from ssltoolbox.apis.checking.trial_config import (
    largest_input,
    layout_for,
    replace_data,
    shrink,
    without_weights,
)
from ssltoolbox.engine.runner import Runner
from ssltoolbox.jobs.labelling import LabellingJob
from ssltoolbox.registry import TASK_UTILS

_NETWORKS = ('student', 'teacher')


@dataclass
class Trial:
    """What a trial saw.

    Attributes:
        losses: Loss of each step.
        parameters: Number of parameters of each network.
        views: Views of a batch; empty where there is one only.
        metrics: Names of the validation metrics.
        side: Longer side of the crops it ran with, in pixels.
        memory: Rough GPU memory of the config's own batch and crops, in bytes.
    """

    losses: list[float] = field(default_factory=list)
    parameters: dict[str, int] = field(default_factory=dict)
    views: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    side: int = 0
    memory: int = 0


def try_training(cfg: Mapping[str, Any], max_side: int | None) -> Trial:
    """Train two batches and validate one, by the real runner.

    Everything is built from the config but data, files of weights, checkpoints and
    log backends.

    Args:
        cfg: Resolved config of one training.
        max_side: Crops are shrunk to at most this side in pixels; None keeps them.

    Raises:
        Exception: Whatever the run itself would raise.
    """
    cfg, share = shrink(without_weights(cfg), max_side)
    batch_size = cfg['train_dataloader']['batch_size']
    watch = _Watch()
    with tempfile.TemporaryDirectory() as folder, _saved_tensors(watch):
        runner = _TrialRunner.from_cfg(_trial_config(cfg, folder, watch))
        watch.exclude = {p.data_ptr() for p in runner.model.parameters()}
        runner.train()
    for number, loss in enumerate(watch.losses, 1):
        if not math.isfinite(loss):
            raise ValueError(f'the loss of step {number} is {loss}')
    parts = {n: m for n, m in runner.model.named_children() if n in _NETWORKS}
    parts = parts or {'network': runner.model}
    fixed = _tensor_bytes(runner.model.state_dict()) + _training_state(runner)
    per_sample = watch.activations / watch.batch_size / share
    return Trial(
        losses=watch.losses,
        parameters={
            n: sum(p.numel() for p in m.parameters()) for n, m in parts.items()
        },
        views=watch.views,
        metrics=tuple(watch.metrics),
        side=max(largest_input(cfg)),
        memory=int(fixed + batch_size * per_sample),
    )


def try_job(cfg: Mapping[str, Any], max_side: int | None) -> Trial:
    """Build a stage's job, and label one generated sample where it labels samples."""
    small, _ = shrink(without_weights(cfg['job']), max_side)
    job = TASK_UTILS.build(small)
    if not isinstance(job, LabellingJob):
        return Trial()
    networks = [member.build() for member in job.members]
    layout, _ = layout_for(dict(dataset=small['dataset']), job.members[0].network)
    loader = replace_data(dict(dataset=small['dataset'], batch_size=1), layout)
    job.try_out(networks, job.collate([loader['dataset'][0]]), layout)
    names = [f'network {i}' for i in range(1, len(networks) + 1)]
    names = names if len(names) > 1 else ['network']
    return Trial(
        parameters={
            name: sum(p.numel() for p in network.parameters())
            for name, network in zip(names, networks, strict=True)
        },
        side=max(largest_input(small)),
    )


def _trial_config(cfg: dict[str, Any], folder: str, watch: Hook) -> dict:
    cfg = dict(cfg, model=ConfigDict(cfg['model']))  # mmseg reads test_cfg.mode
    layout, _ = layout_for(cfg['train_dataloader'], cfg['model'])
    _check_joints(cfg['model'].get('student', cfg['model']).get('head', {}), layout)
    cfg['train_dataloader'] = replace_data(cfg['train_dataloader'], layout)
    by_epoch = 'max_epochs' in cfg['train_cfg']
    length = dict(max_epochs=1) if by_epoch else dict(max_iters=2)
    cfg['train_cfg'] = {
        **cfg['train_cfg'],
        **length,
        'val_interval': 1 if by_epoch else 2,
    }
    if cfg.get('val_dataloader'):
        loader = replace_data(cfg['val_dataloader'], layout)
        cfg['val_dataloader'] = {**loader, 'batch_size': 1}
        cfg['val_evaluator'] = _without_files(cfg['val_evaluator'])
    for key in ('test_dataloader', 'test_cfg', 'test_evaluator'):
        cfg[key] = None
    if 'student' in cfg['model']:
        cfg['model'] = ConfigDict(cfg['model'], log_interval=1)
    cfg['default_hooks'] = {**cfg.get('default_hooks', {}), 'checkpoint': None}
    cfg['custom_hooks'] = [*(cfg.get('custom_hooks') or []), watch]
    cfg.update(
        work_dir=folder,
        launcher='none',
        resume=False,
        log_level='ERROR',
        visualizer=None,
        experiment_name=f'trial-{uuid4().hex}',
    )
    return cfg


def _check_joints(head: Mapping, layout: Mapping) -> None:
    """Compare the joints of a head with those of the data.

    Raises:
        ValueError: They are not as many.
    """
    # a codec with connections has more maps than joints
    codec, wanted = head.get('decoder') or {}, layout.get('num_keypoints')
    name = 'decoder.num_joints' if 'num_joints' in codec else 'out_channels'
    joints = codec.get('num_joints', head.get('out_channels'))
    if None not in (joints, wanted) and joints != wanted:
        raise ValueError(
            f'the head has {name}={joints}, but the layout of the data set has '
            f'{wanted} keypoints'
        )


def _without_files(evaluator: Any) -> Any:
    """Let metrics take the truth from the samples, since no file knows them."""
    if isinstance(evaluator, (list, tuple)):
        return [_without_files(metric) for metric in evaluator]
    return {
        key: value
        for key, value in evaluator.items()
        if key not in ('ann_file', 'whole_file', 'gt_file')
    }


class _TrialRunner(Runner):
    """The runner, without the log of its start."""

    @classmethod
    def from_cfg(cls, cfg: Mapping) -> 'Runner':
        names = ('model work_dir train_dataloader val_dataloader train_cfg val_cfg '
                 'optim_wrapper param_scheduler val_evaluator default_hooks '
                 'custom_hooks data_preprocessor launcher env_cfg log_processor '
                 'log_level default_scope randomness experiment_name')  # fmt: skip
        return cls(**{name: cfg[name] for name in names.split() if name in cfg})

    def _log_env(self, env_cfg: dict) -> None:
        pass

    def dump_config(self) -> None:
        pass

    def get_hooks_info(self) -> str:
        return ''


class _Watch(Hook):
    """Note losses, metrics, and the memory of a step."""

    priority = 'LOWEST'

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.metrics: list[str] = []
        self.views: tuple[str, ...] = ()
        self.batch_size, self.activations = 1, 0
        self.exclude: set[int] = set()
        self.seen: dict[int, int] = {}

    def before_train_iter(self, runner, batch_idx, data_batch=None) -> None:
        inputs = data_batch['inputs']
        if isinstance(inputs, Mapping):
            self.views, inputs = tuple(inputs), next(iter(inputs.values()))
        self.batch_size = len(inputs)
        self.seen.clear()

    def saved(self, tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in self.exclude:
            self.seen[storage.data_ptr()] = storage.nbytes()
        return tensor

    def after_train_iter(
        self, runner, batch_idx, data_batch=None, outputs=None
    ) -> None:
        loss = (outputs or {}).get('loss')
        self.losses.append(float(loss.detach()) if loss is not None else math.nan)
        self.activations = max(self.activations, sum(self.seen.values()))

    def after_val_epoch(self, runner, metrics=None) -> None:
        self.metrics = list(metrics or {})


@contextlib.contextmanager
def _saved_tensors(watch: _Watch) -> Iterator[None]:
    """Let ``watch`` see what is kept for the backward pass."""
    with torch.autograd.graph.saved_tensors_hooks(watch.saved, lambda tensor: tensor):
        yield


def _training_state(runner: Runner) -> int:
    """Bytes of gradients and of the optimiser's state."""
    trained = (p for p in runner.model.parameters() if p.requires_grad)
    state = runner.optim_wrapper.optimizer.state.values()
    return _tensor_bytes(list(trained)) + _tensor_bytes(
        [list(s.values()) for s in state]
    )


def _tensor_bytes(node: Any) -> int:
    if isinstance(node, torch.Tensor):
        return node.numel() * node.element_size()
    values = node.values() if isinstance(node, Mapping) else node
    return sum(map(_tensor_bytes, values)) if isinstance(node, Mapping | list) else 0
