"""Trust maps that are spread over few places, or pixels that choose one class."""

import math

import torch
from torch import Tensor

from ssltoolbox.registry import TASK_UTILS

from .map_filter import PeakOrClassFilter


@TASK_UTILS.register_module()
class EntropyFilter(PeakOrClassFilter):
    """Mean entropy, as a share of the largest possible: 0 is sure, 1 knows nothing.

    ``H = - sum p log p / log n``. A heatmap's positive values, divided by their sum,
    are probabilities p of its n pixels; a map without any has entropy 1. Logits of n
    classes are probabilities by softmax, at each pixel.

    Args:
        intervals: Accepted values, such as [(None, 0.7)].
        kwargs: ``channels`` and ``over`` of :class:`PeakOrClassFilter`.

    Shapes:
        maps: (B, C, h, w); confidence and the result: (B,).
    """

    def measure(self, maps: Tensor) -> Tensor:
        """Mean entropy (B,), in [0, 1]."""
        if self.over == 'classes':
            chance, dim = maps.softmax(1), 1
        else:
            positive, dim = maps.flatten(2).clamp(min=0), 2
            total = positive.sum(dim, keepdim=True)
            uniform = torch.full_like(positive, 1 / positive.shape[dim])
            # a total that is no number must stay one, so that it is not accepted
            chance = torch.where(total <= 0, uniform, positive / total)
        entropy = torch.special.entr(chance).sum(dim) / math.log(chance.shape[dim])
        return entropy.flatten(1).mean(1)
