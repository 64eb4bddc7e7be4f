"""Draw maps of joints and of the connections between them, on any device.

Source: Kayhan et al., arXiv 1912.04618. All coordinates are pixels of the input;
results have the precision of the points.
"""

import torch
from torch import Tensor


def joint_maps(
    points: Tensor, visible: Tensor, xs: Tensor, ys: Tensor, sigma: float
) -> Tensor:
    """Draw ``exp(-d^2 / sigma^2)`` around each joint, instances added up.

    There is no factor 2 as in a normal distribution, and no end of the tails.

    Args:
        points: (B, N, K, 2) joints of N instances.
        visible: (B, N, K) factor of each.
        xs: (w,) place of each column.
        ys: (h,) place of each row.
        sigma: Pixels at which a map falls to 1/e.

    Returns:
        (B, K, h, w).
    """
    columns, rows = (
        torch.exp(-(((grid.to(points) - points[..., i, None]) / sigma) ** 2))
        for i, grid in enumerate((xs, ys))
    )
    rows = rows * visible.to(rows)[..., None]
    return torch.einsum('bnkh,bnkw->bkhw', rows, columns)


def connection_maps(
    starts: Tensor,
    ends: Tensor,
    visible: Tensor,
    xs: Tensor,
    ys: Tensor,
    sigma: float,
    legacy_disk: bool = False,
) -> Tensor:
    """Draw ``exp(-d^2 / sigma^2)`` along each segment, instances added up.

    d is the distance to the line through both ends. It ends at a circle around the
    middle of the segment, half a sigma beyond the ends. A segment without length
    is drawn as a joint.

    Args:
        starts: (B, N, L, 2) first joints of the L connections of N instances.
        ends: (B, N, L, 2) second joints.
        visible: (B, N, L) factor of each.
        xs: (w,) place of each column.
        ys: (h,) place of each row.
        sigma: Pixels at which a map falls to 1/e.
        legacy_disk: Exchange x and y of the circle's centre and cut its radius to
            whole pixels, as the original program does by mistake. Most of its maps
            are nearly empty for that.

    Returns:
        (B, L, h, w).
    """
    along, middle = ends - starts, (starts + ends) / 2
    length = along.norm(dim=-1, keepdim=True)
    point = length == 0
    # a point is a segment along x, whose distance along x counts too
    direction = torch.cat([along[..., :1] + point.to(along), along[..., 1:]], -1)
    direction = direction / (length + point)
    if legacy_disk:
        centre, radius = middle.flip(-1), length // 2 + sigma // 2
    else:
        centre, radius = middle, (length + sigma) / 2
    xs, ys = xs.to(starts), ys.to(starts)
    maps = starts.new_zeros((len(starts), starts.shape[2], len(ys), len(xs)))
    for n in range(starts.shape[1]):  # one by one: all together take much memory
        dx, dy = _offsets(middle[:, n], xs, ys)
        unit = direction[:, n, :, :, None, None]
        drawn = (dx * unit[:, :, 1] - dy * unit[:, :, 0]).square_()
        drawn += (dx * point[:, n, :, :, None]).square()
        drawn.mul_(-1 / sigma**2).exp_()
        cx, cy = _offsets(centre[:, n], xs, ys)
        drawn *= cx.square() + cy.square() <= radius[:, n, :, :, None].square()
        maps += drawn.mul_(visible[:, n, :, None, None])
    return maps


def _offsets(points: Tensor, xs: Tensor, ys: Tensor) -> tuple[Tensor, Tensor]:
    """Columns (B, L, 1, w) and rows (B, L, h, 1) as seen from points (B, L, 2)."""
    x, y = points.unbind(-1)
    return (xs - x[..., None])[:, :, None], (ys - y[..., None])[..., None]
