"""Where the training is, for everything that changes with time."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """Position in the training.

    Attributes:
        iter: Iterations done, from 0.
        epoch: Epochs done, from 0.
        max_iters: Iterations in all.
        max_epochs: Epochs in all.
    """

    iter: int = 0
    epoch: int = 0
    max_iters: int = 1
    max_epochs: int = 1

    def count(self, by: str) -> int:
        """Return the position in the unit ``by``: ``'epoch'`` or ``'iter'``."""
        if by not in ('epoch', 'iter'):
            raise ValueError(f"by must be 'epoch' or 'iter', got {by!r}")
        return self.epoch if by == 'epoch' else self.iter
