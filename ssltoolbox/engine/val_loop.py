"""Evaluate teacher and student side by side."""

from typing import TYPE_CHECKING

import torch
from mmengine.runner import TestLoop, ValLoop
from mmengine.runner.amp import autocast

from ssltoolbox.engine.hooks.semi_supervision import unwrap
from ssltoolbox.registry import LOOPS

if TYPE_CHECKING:
    from mmengine.runner import ValLoop as _Loop
else:
    _Loop = object


class _EachNetwork(_Loop):
    """Run every batch through each network of a semi-supervised model.

    Metrics get the network's name in front: ``teacher/coco/AP``, ``student/coco/AP``.

    Args:
        runner: The runner.
        dataloader: Data loader or its config.
        evaluator: Evaluator config; each network gets its own.
        networks: Names of the networks; None takes all that the model has.
        fp16: Whether to run in half precision.
    """

    stage: str

    def __init__(
        self, runner, dataloader, evaluator, networks=None, fp16: bool = False
    ) -> None:
        super().__init__(runner, dataloader, evaluator, fp16)
        self.networks = tuple(networks or unwrap(runner.model).networks)
        self.evaluators = {
            name: runner.build_evaluator(evaluator) for name in self.networks
        }
        for each in self.evaluators.values():
            each.dataset_meta = self.evaluator.dataset_meta

    def run(self) -> dict:
        """Evaluate all networks in one pass over the data."""
        call, size = self.runner.call_hook, len(self.dataloader.dataset)
        call(f'before_{self.stage}')
        call(f'before_{self.stage}_epoch')
        self.runner.model.eval()
        for index, batch in enumerate(self.dataloader):
            self.run_iter(index, batch)
        metrics = {
            f'{name}/{key}': value
            for name, each in self.evaluators.items()
            for key, value in each.evaluate(size).items()
        }
        call(f'after_{self.stage}_epoch', metrics=metrics)
        call(f'after_{self.stage}')
        return metrics

    @torch.no_grad()
    def run_iter(self, idx, data_batch) -> None:
        """Evaluate one batch with each network."""
        call, model = self.runner.call_hook, self.runner.model
        call(f'before_{self.stage}_iter', batch_idx=idx, data_batch=data_batch)
        for name, evaluator in self.evaluators.items():
            with autocast(enabled=self.fp16), unwrap(model).predicting_with(name):
                outputs = getattr(model, f'{self.stage}_step')(data_batch)
            evaluator.process(data_samples=outputs, data_batch=data_batch)
        call(
            f'after_{self.stage}_iter',
            batch_idx=idx,
            data_batch=data_batch,
            outputs=outputs,
        )


@LOOPS.register_module()
class TeacherStudentValLoop(_EachNetwork, ValLoop):
    """Validation of every network of the model, in one pass."""

    stage = 'val'


@LOOPS.register_module()
class TeacherStudentTestLoop(_EachNetwork, TestLoop):
    """Test of every network of the model, in one pass."""

    stage = 'test'
