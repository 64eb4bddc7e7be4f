"""Trust maps that hold as many sharp peaks as one instrument, or two, should have."""

from torch import Tensor

from ssltoolbox.registry import TASK_UTILS

from .map_filter import Intervals, MapFilter


@TASK_UTILS.register_module()
class TotalVariationFilter(MapFilter):
    """Total variation of the maps, summed over pixels and channels.

    ``TV = sum |f[i+1, j] - f[i, j]| + sum |f[i, j+1] - f[i, j]|``. Peaks of one size
    add equal amounts, so it counts them; a weak or a blurred answer falls between the
    counts. It depends on the size of maps and peaks: ``tools/calibrate_filter.py``
    gives percentiles per number of instruments on labelled images, and intervals.

    Args:
        intervals: Accepted values, see :class:`MapFilter`. The default is published:
            one instrument, or two. It fits maps of 256 x 320 with 5 joints and 4
            connections whose disks lie elsewhere, as that program drew them
            (``legacy_disk=True``); correct maps of one instrument reach 781 to 1343.
        channels: None takes all, as published. Joint channels alone separate the
            counts far better: 291 to 314 for one instrument, 593 to 626 for two.

    Shapes:
        maps: (B, C, h, w); confidence and the result: (B,).

    Source: Kayhan et al., arXiv 1912.04618.
    """

    def __init__(
        self,
        intervals: Intervals | None = None,
        channels: list[int] | None = None,
    ) -> None:
        published = [(400, 700), (1000, None)]
        super().__init__(published if intervals is None else intervals, channels)

    def measure(self, maps: Tensor) -> Tensor:
        """Total variation (B,)."""
        down, right = maps.diff(dim=-2), maps.diff(dim=-1)
        return sum(step.abs().sum((-3, -2, -1)) for step in (down, right))
