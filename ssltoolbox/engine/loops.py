"""Training loops that end the same whether or not they were interrupted."""

from mmengine.runner import EpochBasedTrainLoop
from torch import nn

from ssltoolbox.registry import LOOPS


@LOOPS.register_module()
class EpochTrainLoop(EpochBasedTrainLoop):
    """Train by epochs; after a resume, catch up on the validation that was due.

    A checkpoint is saved before the validation of its epoch, so a kill during that
    validation would lose its result. Doing it again is harmless: "best" means
    strictly better. Arguments as in mmengine.
    """

    def run(self) -> nn.Module:
        """Launch training."""
        self.runner.call_hook('before_train')
        if self._epoch > 0:
            self._validate_if_due()
        while self._epoch < self._max_epochs and not self.stop_training:
            self.run_epoch()
            self._validate_if_due()
        self.runner.call_hook('after_train')
        return self.runner.model

    def _validate_if_due(self) -> None:
        self._decide_current_val_interval()
        if self.runner.val_loop is None or self._epoch < self.val_begin:
            return
        due = self._epoch % self.val_interval == 0
        if due or self._epoch == self._max_epochs:
            self.runner.val_loop.run()
