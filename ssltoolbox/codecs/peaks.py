"""Find the peaks of heatmaps on the device; only a few numbers leave it.

Source: Kayhan et al., arXiv 1912.04618.
"""

import cv2
import torch
import torch.nn.functional as F
from torch import Tensor

MEAN_FACTOR = 4
HIGHEST_THRESHOLD = 0.3


def blur(maps: Tensor, size: int) -> Tensor:
    """Smooth maps as ``cv2.GaussianBlur`` does with a kernel of ``size`` cells.

    Args:
        maps: (B, K, h, w) float32.
        size: Odd number of cells; 1 leaves the maps as they are.
    """
    if size == 1:
        return maps
    k, h, w = maps.shape[1:]
    kernel = torch.from_numpy(cv2.getGaussianKernel(size, 0)).to(maps)
    reach = size // 2
    # OpenCV's border; it cannot be longer than the map
    mode = 'reflect' if reach < min(h, w) else 'replicate'
    padded = F.pad(maps, [reach] * 4, mode=mode)
    # all maps of an image side by side, which a CPU does four times as fast
    smooth = padded.contiguous(memory_format=torch.channels_last)
    for shape in ((size, 1), (1, size)):
        weight = kernel.view(1, 1, *shape).expand(k, -1, -1, -1)
        smooth = F.conv2d(smooth, weight, groups=k)
    return smooth.contiguous()


def is_peak(maps: Tensor, window: int, base: Tensor) -> Tensor:
    """Tell which cells are the maximum of their surroundings, and high enough.

    A peak reaches ``min(max(4 mean, base), 0.3)`` of its map.

    Args:
        maps: (B, K, h, w) float32.
        window: Side of the surroundings in cells; if even, one more lies before
            a cell than behind it.
        base: (K,) lowest height.

    Returns:
        (B, K, h, w) bool.
    """
    mean = maps.mean((-2, -1))
    threshold = torch.maximum(MEAN_FACTOR * mean, base.to(maps))
    threshold = threshold.clamp(max=HIGHEST_THRESHOLD)[..., None, None]
    before, behind = window // 2, (window - 1) // 2
    padded = F.pad(maps, (before, behind, before, behind), value=-torch.inf)
    # a square is the maximum over columns of the maxima over rows
    highest = running_maximum(running_maximum(padded, window, -2), window, -1)
    return (maps == highest) & (maps >= threshold)


def running_maximum(values: Tensor, window: int, dim: int) -> Tensor:
    """Maximum of every ``window`` neighbours along a dimension.

    The maximum over twice as many is that of two maxima: a few operations on whole
    tensors, on a CPU a tenth of the time of ``max_pool2d``.

    Returns:
        As ``values``, with ``window - 1`` entries fewer along the dimension.
    """
    length, reach = values.shape[dim] - window + 1, 1
    while reach < window:
        step = min(reach, window - reach)
        shorter = values.shape[dim] - step
        values = torch.maximum(
            values.narrow(dim, 0, shorter), values.narrow(dim, step, shorter)
        )
        reach += step
    return values.narrow(dim, 0, length)


def find_peaks(
    maps: Tensor, window: int, base: Tensor, limit: int
) -> tuple[Tensor, Tensor]:
    """Find the highest peaks of every map.

    Args:
        maps: (B, K, h, w) float32.
        window: As in :func:`is_peak`. A peak within a quarter of it of a higher one,
            such as the next cell of a flat top, is none.
        base: (K,) as in :func:`is_peak`.
        limit: Peaks P of a map at most.

    Returns:
        Cells (B, K, P, 2) as (x, y) float32, and their heights (B, K, P), highest
        first, 0 where there is no peak.
    """
    w = maps.shape[-1]
    heights = torch.where(is_peak(maps, window, base), maps, 0).flatten(2)
    scores, index = heights.topk(min(limit, heights.shape[-1]), dim=-1)
    cells = torch.stack([index % w, index // w], -1).float()
    gap = (cells.unsqueeze(-2) - cells.unsqueeze(-3)).abs().amax(-1)
    near = (gap <= window // 4) & (scores > 0).unsqueeze(-2)
    second = near.tril(-1).any(-1)
    return cells, torch.where(second, 0, scores)


def refine_peaks(maps: Tensor, cells: Tensor) -> Tensor:
    """Move peaks to the top of the parabola through the logarithms around them.

    This is exact for a single Gaussian. Cells at the border stay.

    Args:
        maps: (B, K, h, w).
        cells: (B, K, P, 2) whole cells.

    Returns:
        (B, K, P, 2), each coordinate moved by half a cell at most.
    """
    h, w = maps.shape[-2:]
    logs = maps.clamp(min=1e-6).log().flatten(2)
    x, y = cells.long().unbind(-1)

    def at(dx: int, dy: int) -> Tensor:
        index = (y + dy).clamp(0, h - 1) * w + (x + dx).clamp(0, w - 1)
        return logs.gather(2, index)

    middle, steps = at(0, 0), []
    for i, (dx, dy) in enumerate(((1, 0), (0, 1))):
        low, high = at(-dx, -dy), at(dx, dy)
        bend = (2 * middle - low - high).clamp(min=1e-6)
        inside = (cells[..., i] > 0) & (cells[..., i] < (w, h)[i] - 1)
        steps.append(((high - low) / (2 * bend)).clamp(-0.5, 0.5) * inside)
    return cells + torch.stack(steps, -1)
