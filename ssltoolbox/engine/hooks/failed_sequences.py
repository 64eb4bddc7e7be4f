"""Carry the list of distrusted sequences from epoch to epoch, and over a resume."""

from mmengine.hooks import Hook
from mmengine.logging import print_log

from ssltoolbox.engine.hooks.semi_supervision import unwrap
from ssltoolbox.registry import HOOKS

KEY = 'failed_sequences'


@HOOKS.register_module()
class FailedSequencesHook(Hook):
    """Renew the list of ``ssltoolbox.SfmSupervision`` at the end of each epoch."""

    priority = 'ABOVE_NORMAL'  # before the checkpoint is written

    def before_train(self, runner) -> None:
        """Refuse methods that keep no such list."""
        method = unwrap(runner.model).method
        if not hasattr(method, 'failed'):
            raise TypeError(
                f'FailedSequencesHook is for ssltoolbox.SfmSupervision, '
                f'{type(method).__name__} distrusts no sequence: take it out of the '
                'custom_hooks'
            )

    def after_train_epoch(self, runner) -> None:
        """Distrust the sequences that failed in this epoch."""
        failed = unwrap(runner.model).method.failed.next_epoch()
        runner.message_hub.update_scalar('train/failed_sequences', len(failed))
        if failed:
            print_log(
                f'distrusted in the next epoch: sequences {sorted(failed)}', 'current'
            )

    def before_save_checkpoint(self, runner, checkpoint: dict) -> None:
        """Put the list into a checkpoint."""
        checkpoint[KEY] = unwrap(runner.model).method.failed.state()

    def after_load_checkpoint(self, runner, checkpoint: dict) -> None:
        """Take it from there."""
        if KEY in checkpoint:
            unwrap(runner.model).method.failed.load(checkpoint[KEY])
