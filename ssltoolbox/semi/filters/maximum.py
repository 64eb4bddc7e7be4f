"""Trust maps whose peaks are high."""

from torch import Tensor

from ssltoolbox.registry import TASK_UTILS

from .map_filter import Intervals, MapFilter


@TASK_UTILS.register_module()
class MaximumFilter(MapFilter):
    """Mean over the channels of the highest value of each map.

    For classes of pixels it is the mean over the pixels of the highest probability.

    Args:
        intervals: Accepted values, see :class:`MapFilter`; such as [(0.5, None)].
        channels: None takes all. Of heatmaps, take joints that every image shows.
        over: ``'space'``: maps are heatmaps, of which each has a peak; ``'classes'``:
            maps are logits of classes.

    Shapes:
        maps: (B, C, h, w); confidence and the result: (B,).
    """

    def __init__(
        self,
        intervals: Intervals,
        channels: list[int] | None = None,
        over: str = 'space',
    ) -> None:
        super().__init__(intervals, channels)
        if over not in ('space', 'classes'):
            raise ValueError(f"over must be 'space' or 'classes', got {over!r}")
        self.over = over

    def measure(self, maps: Tensor) -> Tensor:
        """Mean maximum (B,)."""
        if self.over == 'classes':
            return maps.softmax(1).amax(1).mean((-2, -1))
        return maps.amax((-2, -1)).mean(1)
