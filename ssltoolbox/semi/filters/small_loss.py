"""Trust the labels that the network fits best."""

import torch
from torch import Tensor

from ssltoolbox.registry import TASK_UTILS


@TASK_UTILS.register_module()
class SmallLossFilter:
    """Keep the share of labels with the smallest loss in the batch.

    Clean labels are learnt before wrong ones, so a label whose loss is small is
    probably right. All elements of the batch compete together.

    Args:
        among: ``'all'``: every element with a label takes part, ground truth too, as
            published; ``'pseudo'``: pseudo labels compete among themselves, so that
            more ground truth does not make the selection stricter.

    Shapes:
        losses, weight and the result: (B, K); labelled: (B,) bool.

    Source: small-loss selection of ScarceNet, CVPR 2023. Differs in one point: an
    element without a label, or whose loss is no number, can never be kept; in the
    original it could tie with the element of largest loss when everything is kept.
    """

    def __init__(self, among: str = 'all') -> None:
        if among not in ('all', 'pseudo'):
            raise ValueError(f"among must be 'all' or 'pseudo', got {among!r}")
        self.among = among

    def __call__(
        self, losses: Tensor, weight: Tensor, rate: float, labelled: Tensor
    ) -> Tensor:
        """Return the mask of kept elements.

        Args:
            losses: Loss of each element.
            weight: Weight of each label; 0 means there is none.
            rate: Share to keep, in [0, 1].
            labelled: Samples whose label is ground truth.
        """
        has_label = weight != 0
        if self.among == 'pseudo':
            has_label = has_label & ~labelled[:, None]
        known = has_label & ~losses.isnan()
        ranked = losses.detach().float().masked_fill(~known, torch.inf).flatten()
        rank = torch.empty_like(ranked, dtype=torch.long)
        rank[ranked.argsort(stable=True)] = torch.arange(
            len(ranked), device=ranked.device
        )
        count = (has_label.sum().double() * rate).floor()
        return (rank < count).view_as(known) & known
