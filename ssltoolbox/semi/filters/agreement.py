"""Trust a predicted keypoint only where two predictions of it agree."""

from torch import Tensor

from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.semi.pseudo_label import PseudoLabel


@TASK_UTILS.register_module()
class AgreementFilter:
    """Mask of keypoints on which predictions on two views of an image agree.

    Args:
        max_dist: Largest accepted distance, exclusive, in heatmap cells.
        stride: Pixels of the view per heatmap cell; None: as many as ScarceNet's codec
            has, elsewhere 4.
        mode: ``'legacy'`` adds half a cell to the second prediction before it is
            compared, as the published program does: two equal predictions are then
            0.71 cells apart. ``'centered'`` compares without it.
        min_score: Both predictions must score above it; None asks for no score, as
            published.

    Shapes:
        first.value, second.value: (B, K, 2) pixels of one view; result: (B, K) bool.

    Source: reusable samples of ScarceNet (CVPR 2023); ``mode``, ``min_score`` are ours.
    """

    def __init__(
        self,
        max_dist: float = 0.6,
        stride: float | None = None,
        mode: str = 'legacy',
        min_score: float | None = None,
    ) -> None:
        if max_dist <= 0 or (stride is not None and stride <= 0):
            raise ValueError(
                f'max_dist and stride are positive, got {max_dist}, {stride}'
            )
        if mode not in ('legacy', 'centered'):
            raise ValueError(f"mode must be 'legacy' or 'centered', got {mode!r}")
        self.max_dist, self.stride, self.min_score = max_dist, stride, min_score
        self.offset = 0.5 if mode == 'legacy' else 0.0

    def __call__(self, first: PseudoLabel, second: PseudoLabel) -> Tensor:
        """Return where the two predictions agree."""
        if first.view is not second.view:
            raise ValueError('project both predictions to one view first')
        stride = 4.0 if self.stride is None else self.stride
        gap = first.value.double() / stride - (
            second.value.double() / stride + self.offset
        )
        agree = gap.norm(dim=-1) < self.max_dist
        if self.min_score is not None:
            agree = (
                agree & (first.score > self.min_score) & (second.score > self.min_score)
            )
        return agree
