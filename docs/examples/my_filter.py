"""Trust a pseudo label only as far as it lies inside the crop."""

from torch import Tensor

from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.semi.filters.agreement import AgreementFilter
from ssltoolbox.semi.pseudo_label import PseudoLabel


@TASK_UTILS.register_module()
class InsideAgreementFilter(AgreementFilter):
    """Agreement of two predictions, but never next to the border of the view.

    A keypoint that was cropped off is often predicted at the border, where two
    predictions agree although both are wrong.

    Args:
        border: Width of the border, as a share of the view's sides, in [0, 0.5).
        kwargs: Arguments of ``AgreementFilter``.

    Shapes:
        first.value, second.value: (B, K, 2) pixels of one view; result: (B, K) bool.
    """

    def __init__(self, border: float = 0.02, **kwargs) -> None:
        super().__init__(**kwargs)
        if not 0 <= border < 0.5:
            raise ValueError(f'border is a share in [0, 0.5), got {border}')
        self.border = border

    def __call__(self, first: PseudoLabel, second: PseudoLabel) -> Tensor:
        """Return where the two predictions agree."""
        agree = super().__call__(first, second)
        (x, y), (width, height) = first.value.unbind(-1), first.view.size
        for place, last in ((x, width - 1), (y, height - 1)):
            agree = agree & ((place / last - 0.5).abs() <= 0.5 - self.border)
        return agree
