"""mmpose's heatmap codecs, for a whole batch on the device of the network.

mmpose encodes and decodes one sample at a time in numpy. A semi-supervised step
re-renders targets from predictions in every iteration; doing that on the host
would stop the device several times a step.
"""

import math

import torch
from torch import Tensor

from ssltoolbox.geometry.warp import Grid
from ssltoolbox.registry import MODELS  # noqa: F401  prepares the import of mmpose


def heatmap_argmax(heatmaps: Tensor) -> tuple[Tensor, Tensor]:
    """Peak of every heatmap.

    Args:
        heatmaps: (B, K, h, w).

    Returns:
        Cells (B, K, 2) as (x, y) float32, (0, 0) where the maximum is not positive,
        and maxima (B, K) float32.
    """
    width = heatmaps.shape[-1]
    scores, index = heatmaps.float().flatten(2).max(-1)
    cells = torch.stack([index % width, index // width], -1)
    return cells * (scores > 0).unsqueeze(-1).float(), scores


def quarter_offset(
    cells: Tensor, heatmaps: Tensor, along_border: bool = False
) -> Tensor:
    """Move each peak a quarter cell towards its higher neighbour (mmpose, MSRA).

    Args:
        cells: (B, K, 2) integer peaks.
        heatmaps: (B, K, h, w).
        along_border: Move peaks next to a border along it, as mmpose does; the
            original decoder lets them stay.

    Returns:
        (B, K, 2) float32.
    """
    h, w = heatmaps.shape[-2:]
    x, y = cells.long().unbind(-1)
    within_x, within_y = (x > 1) & (x < w - 1), (y > 1) & (y < h - 1)
    if along_border:
        moves = torch.stack([within_x & (y > 0), within_y & (x > 0)], -1)
    else:
        moves = (within_x & within_y).unsqueeze(-1)
    flat = heatmaps.float().flatten(2)

    def at(dx: int, dy: int) -> Tensor:
        index = (y + dy).clamp(0, h - 1) * w + (x + dx).clamp(0, w - 1)
        return flat.gather(2, index.unsqueeze(-1)).squeeze(-1)

    step = torch.stack([at(1, 0) - at(-1, 0), at(0, 1) - at(0, -1)], -1).sign()
    return cells + 0.25 * step * moves


class BatchedHeatmapCodec:
    """Encode batches exactly as an mmpose heatmap codec does one sample.

    Decoding takes whole cells, the exact inverse of encoding, or refines them by a
    quarter cell; the sub-cell refinements of UDP and DARK, which need logarithms of
    blurred maps, have no batched form and are left to the codec itself.

    Args:
        codec: Built ``MSRAHeatmap`` or ``UDPHeatmap`` (Gaussian).

    Attributes:
        grid: Which pixels the cells of its heatmaps stand for.

    Raises:
        TypeError: For a codec without a batched form.
    """

    def __init__(self, codec) -> None:
        kind = type(codec).__name__
        udp = kind == 'UDPHeatmap' and codec.heatmap_type == 'gaussian'
        if not (udp or kind == 'MSRAHeatmap'):
            raise TypeError(
                f"codec {kind} has no batched form: use 'MSRAHeatmap', or "
                "'UDPHeatmap' with heatmap_type='gaussian', as the head's decoder"
            )
        self.input_size = tuple(codec.input_size)
        self.heatmap_size = tuple(codec.heatmap_size)
        self.sigma = float(codec.sigma)
        self.grid: Grid = 'corners' if udp else 'stride'
        self.rounded = not udp and not codec.unbiased
        # DARK draws the whole Gaussian, the others a window around its peak
        self.windowed = self.rounded or udp
        self.stride = tuple(float(s) for s in codec.scale_factor)

    def encode(self, points: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
        """Render one Gaussian per keypoint.

        Args:
            points: (B, K, 2) in input pixels.
            weight: (B, K); a map is drawn where it exceeds 0.5.

        Returns:
            Heatmaps (B, K, h, w) float32 and weights (B, K) float32, 0 where no part
            of the Gaussian, up to 3 sigma, is inside the map.

        Differs from plain MSRAHeatmap in one case: a Gaussian that ends exactly one
        cell before the map gets weight 0, for its map is empty.
        """
        radius = int(3 * self.sigma) if self.windowed else 3 * self.sigma
        axes, inside = [], True
        for i, length in enumerate(self.heatmap_size):
            # numbers, not tensors made of them: those would stop the device
            cell = points[..., i].double() / self.stride[i]
            peak = (cell + 0.5).trunc() if self.windowed else cell
            end = peak + radius + 1
            begun = end > 0 if self.windowed else end >= 0
            inside = inside & (peak - radius < length) & begun
            center = peak if self.rounded else cell
            reach = radius if self.windowed else math.inf
            axes.append(self._gaussian(center, peak, length, reach))
        weight = weight.float() * inside
        drawn = (weight > 0.5).to(axes[0])[..., None, None]
        return axes[1].unsqueeze(-1) * axes[0].unsqueeze(-2) * drawn, weight

    def _gaussian(
        self, center: Tensor, peak: Tensor, length: int, reach: float
    ) -> Tensor:
        grid = torch.arange(length, device=center.device, dtype=center.dtype)
        patch = (grid - peak.unsqueeze(-1)).abs() <= reach
        distance = grid - center.unsqueeze(-1)
        return (torch.exp(-(distance**2) / (2 * self.sigma**2)) * patch).float()

    def decode(self, heatmaps: Tensor, refine: bool = False) -> tuple[Tensor, Tensor]:
        """Find the keypoints of heatmaps.

        Args:
            heatmaps: (B, K, h, w).
            refine: Move the peak a quarter cell towards its higher neighbour.

        Returns:
            Points (B, K, 2) in input pixels and scores (B, K), float32.
        """
        cells, scores = heatmap_argmax(heatmaps)
        if refine:
            cells = quarter_offset(cells, heatmaps)
        x, y = (cells[..., i] * stride for i, stride in enumerate(self.stride))
        return torch.stack([x, y], -1), scores
