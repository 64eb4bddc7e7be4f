"""Trust maps whose peaks are high."""

from torch import Tensor

from ssltoolbox.registry import TASK_UTILS

from .map_filter import PeakOrClassFilter


@TASK_UTILS.register_module()
class MaximumFilter(PeakOrClassFilter):
    """Mean over the channels of the highest value of each map.

    For classes of pixels it is the mean over the pixels of the highest probability.

    Args:
        intervals: Accepted values, such as [(0.5, None)].
        kwargs: ``channels`` and ``over`` of :class:`PeakOrClassFilter`; of heatmaps,
            take the channels of joints that every image shows.

    Shapes:
        maps: (B, C, h, w); confidence and the result: (B,).
    """

    def measure(self, maps: Tensor) -> Tensor:
        """Mean maximum (B,)."""
        if self.over == 'classes':
            return maps.softmax(1).amax(1).mean((-2, -1))
        return maps.amax((-2, -1)).mean(1)
