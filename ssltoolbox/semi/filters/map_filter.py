"""Accept or reject what a network says of an image, by one number per image."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor

Intervals = Sequence[Sequence[float | None]]


class MapFilter(ABC):
    """Accept images whose confidence lies in one of several intervals.

    Args:
        intervals: Pairs (low, high), in increasing order; a confidence is accepted
            strictly between the two. None, or an infinite number, is no bound; None
            also stands in configs that are written to a file.
        channels: Channels of the maps that are looked at; None takes all.

    Raises:
        ValueError: Intervals that are none, reversed, overlap or are out of order.
    """

    def __init__(
        self,
        intervals: Intervals,
        channels: list[int] | None = None,
    ) -> None:
        name = type(self).__name__
        infinity = float('inf')
        pairs = [tuple(p) if isinstance(p, (list, tuple)) else (p,) for p in intervals]
        if not pairs or {len(pair) for pair in pairs} != {2}:
            raise ValueError(
                f'{name}.intervals must be a list of pairs (low, high), got '
                f'{intervals}: for example [(400, 700), (1000, None)]'
            )
        self.intervals = [
            (-infinity if low is None else low, infinity if high is None else high)
            for low, high in pairs
        ]
        ends = [end for pair in self.intervals for end in pair]
        rising = all(low < high for low, high in self.intervals)
        if not rising or ends != sorted(ends):
            raise ValueError(
                f'{name}.intervals must each rise from low to high, and follow each '
                f'other without overlap, got {intervals}'
            )
        if channels is not None and (not channels or min(channels) < 0):
            raise ValueError(
                f'{name}.channels must be None, for all, or a list of channels '
                f'from 0, got {channels}'
            )
        self.channels = None if channels is None else list(channels)

    @abstractmethod
    def measure(self, maps: Tensor) -> Tensor:
        """Confidence (B,) of float32 maps (B, C, h, w) of the chosen channels."""

    def confidence(self, maps: Tensor) -> Tensor:
        """The number (B,) that the intervals are about.

        Args:
            maps: (B, C, h, w), raw output of a network.

        Raises:
            ValueError: The maps lack a chosen channel.
        """
        if self.channels is not None:
            if max(self.channels) >= maps.shape[1]:
                raise ValueError(
                    f'{type(self).__name__}.channels names channel '
                    f'{max(self.channels)}, the maps have {maps.shape[1]} (0 to '
                    f'{maps.shape[1] - 1}): choose among these'
                )
            maps = maps[:, self.channels]
        return self.measure(maps.detach().float())

    def __call__(self, maps: Tensor) -> Tensor:
        """Whether each image is accepted, (B,) bool; never where it is not a number."""
        return self.accepts(self.confidence(maps))

    def accepts(self, confidence: Tensor) -> Tensor:
        """Whether confidences (B,) lie in one of the intervals."""
        inside = [
            (low < confidence) & (confidence < high) for low, high in self.intervals
        ]
        return torch.stack(inside).any(0)


class PeakOrClassFilter(MapFilter):
    """A filter that knows two kinds of maps.

    Args:
        intervals: Accepted values, see :class:`MapFilter`.
        channels: None takes all.
        over: ``'space'``: maps are heatmaps, each of which has its peaks;
            ``'classes'``: they are logits of classes, at each pixel.

    Raises:
        ValueError: As :class:`MapFilter`, or another ``over``.
    """

    def __init__(
        self,
        intervals: Intervals,
        channels: list[int] | None = None,
        over: str = 'space',
    ) -> None:
        super().__init__(intervals, channels)
        if over not in ('space', 'classes'):
            raise ValueError(
                f"{type(self).__name__}.over must be 'space' or 'classes', got {over!r}"
            )
        self.over = over
