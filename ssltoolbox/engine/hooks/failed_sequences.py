"""Carry the list of distrusted sequences from epoch to epoch, and over a resume."""

from collections.abc import Iterator
from typing import Any

from mmengine.hooks import Hook
from mmengine.logging import print_log

from ssltoolbox.engine.hooks.semi_supervision import unwrap
from ssltoolbox.registry import HOOKS

KEY = 'failed_sequences'
MAX_NAMED = 5
USUAL = (
    ' (usual in the first epochs; of a sequence that is named to the end look at poses '
    'and points by tools/browse_sfm.py)'
)


@HOOKS.register_module()
class FailedSequencesHook(Hook):
    """Renew the list of ``ssltoolbox.SfmSupervision`` at the end of each epoch."""

    priority = 'ABOVE_NORMAL'  # before the checkpoint is written
    told = False

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
                f'distrusted in the next epoch: {self._named(runner, failed)}'
                f'{"" if self.told else USUAL}',
                'current',
            )
            self.told = True

    def _named(self, runner, failed: set[int]) -> str:
        """Name sequences by their folders, where they are those of one data set."""
        data = getattr(runner.train_dataloader, 'dataset', None)
        names = [leaf.sequence_names for leaf in sequence_sets(data)]
        if len(names) != 1:
            return f'sequences {sorted(failed)}'
        shown = [names[0][number] for number in sorted(failed)]
        more = f' and {len(shown) - MAX_NAMED} more' if len(shown) > MAX_NAMED else ''
        return f'{", ".join(shown[:MAX_NAMED])}{more}'

    def before_save_checkpoint(self, runner, checkpoint: dict) -> None:
        """Put the list into a checkpoint."""
        checkpoint[KEY] = unwrap(runner.model).method.failed.state()

    def after_load_checkpoint(self, runner, checkpoint: dict) -> None:
        """Take it from there."""
        if KEY in checkpoint:
            unwrap(runner.model).method.failed.load(checkpoint[KEY])


def sequence_sets(data: Any) -> Iterator[Any]:
    """Data sets made of sequences with names, inside any others."""
    if hasattr(data, 'sequence_names'):
        yield data
        return
    parts = getattr(data, 'sources', None) or getattr(data, 'datasets', None)
    for part in parts or filter(None, [getattr(data, 'dataset', None)]):
        yield from sequence_sets(part)
