"""What a network says about unlabelled images, in a form that losses can use."""

from dataclasses import dataclass, replace

from torch import Tensor

from ssltoolbox.geometry.view import View


@dataclass(frozen=True)
class PseudoLabel:
    """Predictions used as labels: float32, detached, never written into ground truth.

    Attributes:
        value: The label itself. Keypoints (B, K, 2) in pixels of ``view``; dense
            labels (B, C, h, w); classes of pixels (B, h, w), int64.
        weight: How much each element counts, >= 0: (B, K), (B, 1, h, w), (B, h, w).
        score: The network's confidence, in any shape that begins with B.
        view: The view that ``value`` is in.
    """

    value: Tensor
    weight: Tensor
    score: Tensor
    view: View

    def __post_init__(self) -> None:
        for name in ('value', 'weight', 'score'):
            if getattr(self, name).requires_grad:
                raise ValueError(
                    f'PseudoLabel.{name} carries a gradient: pseudo labels are '
                    'constants, predict them under torch.no_grad() or detach them'
                )

    def reweighted(self, weight: Tensor) -> 'PseudoLabel':
        """Return the same labels under other weights."""
        return replace(self, weight=weight)

    def of_samples(self, mask: Tensor) -> 'PseudoLabel':
        """Return the same labels, with weight only where ``mask`` (B,) is set."""
        mask = mask.view(-1, *[1] * (self.weight.ndim - 1))
        return self.reweighted(self.weight * mask)
