"""Squared error of keypoint heatmaps, with one weight per keypoint."""

from torch import Tensor, nn

from ssltoolbox.registry import MODELS


def per_joint_mse(output: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean over the pixels of ``(w p - w t)^2``, so a weight acts squared.

    Args:
        output: (B, K, h, w) predicted heatmaps p.
        target: (B, K, h, w) target heatmaps t.
        weight: (B, K) weights w.

    Returns:
        (B, K).
    """
    weight = weight[..., None, None]
    return (output * weight - target * weight).square().mean((-2, -1))


@MODELS.register_module()
class JointsMSELoss(nn.Module):
    """Half the mean squared error over samples, keypoints and pixels.

    ``L = 1/K sum_k 1/2 mean_{b, pixels} (w p - w t)^2``; masked entries count in the
    mean, so fewer kept keypoints give a smaller loss.

    Args:
        weighting: ``'squared'`` lets a weight act squared (a weight of 2 counts four
            times, as in the original programs); ``'linear'`` lets it act as written.
        loss_weight: Factor of the loss.

    Shapes:
        output, target: (B, K, h, w); weight: (B, K), or None for ones.

    Source: ScarceNet, CVPR 2023, and the heatmap loss of Xiao et al., Simple Baselines
    for Human Pose Estimation, ECCV 2018.
    """

    def __init__(self, weighting: str = 'squared', loss_weight: float = 1.0) -> None:
        super().__init__()
        if weighting not in ('squared', 'linear'):
            raise ValueError(
                f"weighting must be 'squared' or 'linear', got {weighting!r}"
            )
        self.weighting, self.loss_weight = weighting, loss_weight

    def forward(
        self, output: Tensor, target: Tensor, weight: Tensor | None = None
    ) -> Tensor:
        """Return the scalar loss."""
        if weight is None:
            weight = output.new_ones(output.shape[:2])
        elif self.weighting == 'linear':
            weight = weight.sqrt()
        return 0.5 * self.loss_weight * per_joint_mse(output, target, weight).mean()
