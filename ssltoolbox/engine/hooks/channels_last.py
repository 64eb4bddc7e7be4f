"""Lay the weights of convolutions out as the kernels like it."""

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner

from ssltoolbox.registry import HOOKS


@HOOKS.register_module()
class ChannelsLastHook(Hook):
    """Train in torch's ``channels_last`` memory format.

    Convolutions take their format from the weights, so nothing else changes; results
    are equal up to rounding. Worth a try on CPUs and, with ``--amp``, on GPUs: add
    ``dict(type='ssltoolbox.ChannelsLastHook')`` to ``custom_hooks``.
    """

    def before_train(self, runner: Runner) -> None:
        """Convert the weights in place."""
        runner.model.to(memory_format=torch.channels_last)
