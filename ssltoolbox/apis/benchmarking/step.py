"""Build the training step of a config, on samples that are generated for it."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from mmengine.config import Config, ConfigDict
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from torch import nn
from torch.utils.data import DataLoader

from ssltoolbox.apis.checking.trial_config import (
    layout_for,
    replace_data,
    without_weights,
)
from ssltoolbox.apis.config import ConfigError, load_config, read_config
from ssltoolbox.registry import MODELS
from ssltoolbox.semi.progress import Progress


class Step(NamedTuple):
    """A step that can be repeated.

    ``model`` on its device, in training mode; ``data``, a batch as the data loader
    gives it; ``batch``, its number of samples; ``run``, the function of one step on it.
    """

    model: nn.Module
    data: dict
    batch: int
    run: Callable[[], object]


def training_config(
    config: str, stage: str | None = None, options: Mapping[str, Any] | None = None
) -> Config:
    """Resolve a training stage, the last one by default, so that no weights are read.

    Raises:
        ConfigError: The stage does not train.
    """
    known = read_config(config)
    none = {key: None for key in ('backbone_init', 'peer_init') if key in known}
    cfg = load_config(config, stage, none | dict(options or {}))
    if 'job' in cfg:
        raise ConfigError(f'{config}: stage {stage!r} is a job, it takes no steps')
    init_default_scope(cfg.get('default_scope', 'mmpose'))
    return cfg


def build_step(cfg: Config, batch: int | None = None, device: str = 'cpu') -> Step:
    """Build model, optimiser and a batch of the stage's own pipeline.

    Images are noise of the size that the stage takes, mixed as its sampler does, and
    on the device, as if they had been copied while the step before was computed.

    Args:
        cfg: Result of :func:`training_config`.
        batch: Samples of a batch; the config's number by default.
        device: Such as ``'cpu'`` or ``'cuda'``.
    """
    content = without_weights(cfg._cfg_dict.to_dict())
    loader = generated_loader(content, batch)
    data = next(iter(loader))
    data['inputs'] = _on_device(data['inputs'], device)
    model = MODELS.build(ConfigDict(content['model'])).to(device)
    logging.disable(logging.INFO)
    model.init_weights()
    logging.disable(logging.NOTSET)
    model.train()
    optim = build_optim_wrapper(model, ConfigDict(content['optim_wrapper']))
    if hasattr(model, 'after_optimizer_step'):
        model.progress = Progress(iter=100, epoch=20, max_iters=1000, max_epochs=150)
        optim.optimizer.register_step_post_hook(lambda *_: model.after_optimizer_step())
    return Step(model, data, loader.batch_size, lambda: model.train_step(data, optim))


def _on_device(inputs: Any, device: str) -> Any:
    if isinstance(inputs, Mapping):
        return {name: _on_device(value, device) for name, value in inputs.items()}
    if isinstance(inputs, list | tuple):
        return [_on_device(value, device) for value in inputs]
    return inputs.to(device)


def generated_loader(
    content: Mapping[str, Any], batch: int | None = None
) -> DataLoader:
    """Load generated samples as a stage loads those of its data set."""
    loader = content['train_dataloader']
    size = batch or loader['batch_size']
    layout, _ = layout_for(loader, content['model'])
    made = replace_data(loader, layout)
    if 'batch_size' in made['sampler']:
        made['sampler']['batch_size'] = size
    else:  # a plain sampler draws each of the few samples once
        size = min(size, len(made['dataset']))
    return Runner.build_dataloader({**made, 'batch_size': size}, seed=0)


def check_no_sync(step: Step) -> None:
    """Run a step in which no operation may make the host wait (CUDA only).

    Raises:
        RuntimeError: Of torch, where one does.
    """
    step.run()
    torch.cuda.set_sync_debug_mode('error')
    try:
        step.run()
    finally:
        torch.cuda.set_sync_debug_mode('default')
