"""Compare dense predictions with what is known at single points.

Each gives one number per sample, (B,), which is 0 where there is no point.
"""

from torch import Tensor, nn

from ssltoolbox.losses.per_sample import sum_per_sample
from ssltoolbox.registry import MODELS


@MODELS.register_module()
class SparseFlowLoss(nn.Module):
    """``sum M |F - F'| / (1 + sum M)``, over both components of the flow.

    Args:
        loss_weight: Factor of the loss.

    Source: Liu et al., TMI 2020 (arXiv 1902.07766), sparse flow loss. The sum above the
    line counts each point twice, once for each component, the sum below once.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, flow: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """Return (B,).

        Args:
            flow: (B, C, H, W), implied by predicted depth.
            target: (B, C, H, W), of points.
            mask: (B, 1, H, W), weight of the points, 0 elsewhere.
        """
        gap = sum_per_sample(mask * (flow - target).abs())
        return self.loss_weight * gap / (1 + sum_per_sample(mask))


@MODELS.register_module()
class ScaleInvariantLoss(nn.Module):
    """Distance of the logarithms of two depth maps.

    With d = log Z - log Z' and n the sum of the mask it is
    ``sum d^2 / n + c (sum d)^2 / n^2``.

    Args:
        mean_factor: c. -1 makes the loss blind to a common factor of the depth, -0.5
            halves its weight (Eigen et al., NIPS 2014); the program of Liu et al. has
            +1, with which the level of the depth is learnt as well.
        min_target: Where the target is less, d is 0, though the pixel counts in n.
        loss_weight: Factor of the loss.

    Source: Eigen et al.; the program of Liu et al., CARE 2018, by which the student
    learns from the teacher.
    """

    def __init__(
        self,
        mean_factor: float = 1.0,
        min_target: float = 0.0,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.mean_factor, self.min_target = mean_factor, min_target
        self.loss_weight = loss_weight

    def forward(self, depth: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """Return (B,).

        Args:
            depth: (B, 1, H, W), not negative.
            target: (B, 1, H, W), not negative.
            mask: (B, 1, H, W), 0 or 1; or weights of the points of a sparse target.
        """
        gap = (mask * depth + 1e-8).log() - (mask * target + 1e-8).log()
        gap = gap * (mask > 0) * (target >= self.min_target)
        count = sum_per_sample(mask).clamp(min=1e-8)
        square = sum_per_sample(gap.square()) / count
        level = sum_per_sample(gap).square() / count.square()
        return self.loss_weight * (square + self.mean_factor * level)
