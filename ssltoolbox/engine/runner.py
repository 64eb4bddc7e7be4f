"""mmengine's runner, with checkpoints that survive kills and refuse to mislead."""

from logging import LogRecord
from typing import Any

import torch
from mmengine.config import Config
from mmengine.dist import master_only
from mmengine.fileio import LocalBackend, get_file_backend
from mmengine.model import (
    BaseTTAModel,
    MMDistributedDataParallel,
    is_model_wrapper,
)
from mmengine.optim import OptimWrapper
from mmengine.runner import Runner as BaseRunner
from torch import nn
from torch.utils.data import DataLoader

from ssltoolbox.checkpoints.loading import CheckpointError
from ssltoolbox.checkpoints.plain_state import make_plain
from ssltoolbox.registry import RUNNERS
from ssltoolbox.utils.atomic import atomic_path

from .fit import compare
from .memory import keep_freed_memory
from .run_config import RunConfig


def _no_single_weights(record: LogRecord) -> bool:
    return not record.getMessage().startswith('paramwise_options --')


_STATE = ('meta', 'message_hub', 'optimizer')


@RUNNERS.register_module()
class Runner(BaseRunner):
    """Train, validate and test as mmengine's ``Runner`` does.

    What differs: a checkpoint is written whole or not at all, and only with plain
    data; ``resume`` takes only a checkpoint of the same architecture; ``load_from``
    says what did not fit, and stops if nothing did; several processes can train
    without a GPU; and ``num_workers=0`` needs no other field to change.
    """

    _source = ''
    _resuming = False

    @property
    def cfg(self) -> Config:
        """The whole config of the run; its text costs time only once."""
        return self._cfg

    @cfg.setter
    def cfg(self, cfg: Config) -> None:
        self._cfg = RunConfig.of(cfg)

    def setup_env(self, env_cfg: dict) -> None:
        """Set up processes as mmengine does, and let them keep freed memory."""
        keep_freed_memory()
        super().setup_env(env_cfg)

    @staticmethod
    def build_dataloader(
        dataloader: DataLoader | dict, *args: Any, **kwargs: Any
    ) -> DataLoader:
        """Build a data loader; arguments as in mmengine."""
        if isinstance(dataloader, dict) and not dataloader.get('num_workers'):
            # torch refuses to keep workers where there are none
            dataloader = {**dataloader, 'persistent_workers': False}
        return BaseRunner.build_dataloader(dataloader, *args, **kwargs)

    def wrap_model(self, model_wrapper_cfg: dict | None, model: nn.Module) -> nn.Module:
        """Put the model on its device, wrapped if distributed; as in mmengine."""
        if not self.distributed or torch.cuda.is_available() or model_wrapper_cfg:
            return super().wrap_model(model_wrapper_cfg, model)
        # mmengine's names a GPU whatever the backend
        return MMDistributedDataParallel(
            module=model,
            broadcast_buffers=False,
            find_unused_parameters=self.cfg.get('find_unused_parameters', False),
        )

    def build_optim_wrapper(self, optim_wrapper: OptimWrapper | dict) -> OptimWrapper:
        """Build the optimiser as mmengine does, without two log lines per weight."""
        self.logger.addFilter(_no_single_weights)
        try:
            return super().build_optim_wrapper(optim_wrapper)
        finally:
            self.logger.removeFilter(_no_single_weights)

    @master_only
    def save_checkpoint(
        self,
        out_dir: str,
        filename: str,
        file_client_args: dict | None = None,
        save_optimizer: bool = True,
        save_param_scheduler: bool = True,
        meta: dict | None = None,
        by_epoch: bool = True,
        backend_args: dict | None = None,
    ) -> None:
        """Save atomically; arguments as in mmengine.

        Raises:
            OSError: It could not be written; an older file of that name is kept.
        """

        def save(name: str) -> None:
            BaseRunner.save_checkpoint(
                self,
                out_dir,
                name,
                file_client_args,
                save_optimizer,
                save_param_scheduler,
                meta,
                by_epoch,
                backend_args,
            )

        backend = get_file_backend(out_dir, backend_args=backend_args)
        if file_client_args is not None or not isinstance(backend, LocalBackend):
            # An object store puts whole objects by itself.
            save(filename)
            return
        with atomic_path(backend.join_path(out_dir, filename)) as temporary:
            save(temporary.name)

    def load_checkpoint(self, filename: str, *args: Any, **kwargs: Any) -> dict:
        """Load weights; arguments as in mmengine.

        Raises:
            CheckpointError: Nothing in the file fits the model.
        """
        self._source = filename
        return super().load_checkpoint(filename, *args, **kwargs)

    def resume(
        self, filename: str, resume_optimizer: bool = True, **kwargs: Any
    ) -> None:
        """Go on from a checkpoint of this very architecture; arguments as in mmengine.

        Raises:
            CheckpointError: It is of another architecture, or holds no training state.
        """
        self._resuming = resume_optimizer
        try:
            super().resume(filename, resume_optimizer, **kwargs)
        finally:
            self._resuming = False

    def call_hook(self, fn_name: str, **kwargs: Any) -> None:
        """Call all hooks, then check what they made of a checkpoint."""
        super().call_hook(fn_name, **kwargs)
        # Only here is a checkpoint complete, and not yet written or applied.
        if fn_name == 'before_save_checkpoint':
            make_plain(kwargs['checkpoint'])
        elif fn_name == 'after_load_checkpoint':
            self._check_loaded(kwargs['checkpoint'])

    def _check_loaded(self, checkpoint: Any) -> None:
        if not isinstance(checkpoint, dict):
            kind = type(checkpoint).__name__
            raise CheckpointError(
                f'{self._source} holds a {kind}, where a dictionary of weights was '
                'expected: give a checkpoint of this toolbox, mmpose or mmsegmentation.'
            )
        meta = checkpoint.get('meta') or {}
        # mmengine would execute this text as a Python config.
        meta.pop('config', None)
        wrapped = is_model_wrapper(self.model) or isinstance(self.model, BaseTTAModel)
        fit = compare(self.model.module if wrapped else self.model, checkpoint)
        origin = meta.get('experiment_name')
        origin = f' It was written by the experiment {origin}.' if origin else ''
        if self._resuming:
            self._check_state(checkpoint)
            if not fit:
                raise CheckpointError(
                    f'{self._source} is of another architecture, so it cannot be '
                    f'resumed: {fit}.{origin} Use the config that wrote it, or set '
                    'load_from to start a new training from what fits.'
                )
        elif not fit.matched:
            raise CheckpointError(
                f'nothing in {self._source} fits this model: {fit}.{origin} Use the '
                'config that wrote it, or convert it with tools/model_converters/.'
            )
        elif not fit:
            self.logger.warning(f'{self._source} fits only in part: {fit}.{origin}')

    def _check_state(self, checkpoint: dict) -> None:
        absent = [name for name in _STATE if name not in checkpoint]
        if absent:
            raise CheckpointError(
                f'{self._source} holds no training state (no {", ".join(absent)}), so '
                'it cannot be resumed: give an epoch_*.pth or iter_*.pth file, or set '
                'load_from to start a new training from its weights.'
            )
