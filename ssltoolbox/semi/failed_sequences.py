"""Sequences whose structure from motion cannot be trusted, by what was seen of it."""

from typing import Any

import torch
from mmengine.dist import all_gather_object
from torch import Tensor


class FailedSequences:
    """Which sequences failed in the last epoch, and which do in this one.

    What fails is noted on the device; it is read once per epoch.

    Source: the three-stage program of Liu et al., CARE 2018, which begins a new list
    with each epoch.
    """

    def __init__(self) -> None:
        self.failed: set[int] = set()
        self.noted: list[tuple[Tensor, Tensor]] = []

    def among(self, sequence: Tensor) -> Tensor:
        """Which of the numbers (B,) failed in the last epoch, (B,) bool."""
        known = torch.tensor(sorted(self.failed), dtype=sequence.dtype)
        return torch.isin(sequence, known.to(sequence.device, non_blocking=True))

    def note(self, sequence: Tensor, failed: Tensor) -> None:
        """Remember which samples of a step failed.

        Args:
            sequence: (B,) numbers of their sequences.
            failed: (B,) bool.
        """
        self.noted.append((sequence, failed.detach()))

    def next_epoch(self) -> set[int]:
        """Let what failed in this epoch, in any process, be what is distrusted."""
        numbers = [s[f].tolist() for s, f in self.noted]
        found = {number for row in numbers for number in row}
        self.failed = set().union(*all_gather_object(found))
        self.noted = []
        return self.failed

    def state(self) -> dict[str, Any]:
        """State for a checkpoint at the end of an epoch."""
        return {'failed': sorted(self.failed)}

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.failed, self.noted = set(state['failed']), []
