"""Random numbers that depend on the iteration alone, so resuming changes nothing."""

import random
from typing import Any

import numpy as np
import torch
from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.runner import Runner

from ssltoolbox.registry import HOOKS


@HOOKS.register_module()
class IterationSeedHook(Hook):
    """Seed python, numpy and torch from (seed, iteration, rank) before each step.

    Nothing is stored: a resumed run draws what an uninterrupted one would have
    drawn, and each process of a distributed run draws its own. The start of an
    epoch is seeded too, since data loaders take their workers' seeds there.
    """

    priority = 'VERY_HIGH'

    def before_train_epoch(self, runner: Runner) -> None:
        """Seed what the data loader draws when it starts."""
        seed_everything(runner.seed, runner.iter, get_rank(), 1)

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None
    ) -> None:
        """Seed what the step draws."""
        seed_everything(runner.seed, runner.iter, get_rank(), 0)


def seed_everything(*key: int) -> None:
    """Seed all three generators from a few non-negative numbers, mixed well."""
    first, second = np.random.SeedSequence(key).generate_state(2, np.uint32)
    random.seed(int(first))
    np.random.seed(first)
    torch.manual_seed(int(first) << 32 | int(second))
