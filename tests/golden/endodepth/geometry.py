"""Depth maps seen from another view."""

import torch

from ssltoolbox.geometry.camera import Motion, flow_from_depth
from ssltoolbox.geometry.depth_warp import warp_depth
from ssltoolbox.losses.depth_scale import scale_to_sparse

from ..registry import drives
from ..vectors import Entry

GRIDS = {'ac0': 'legacy', 'ac1': 'legacy_corners'}


def tensors(entry: Entry, *names: str) -> list[torch.Tensor]:
    return [torch.from_numpy(entry[name]) for name in names]


def motions(entry: Entry) -> tuple[Motion, Motion]:
    """From camera 1 to 2, and from 2 to 1; the original's 12 is the latter."""
    r12, t12, r21, t21 = tensors(entry, 'R12', 't12', 'R21', 't21')
    return Motion(r21, t21), Motion(r12, t12)


@drives('endodepth', 'depth_scaling')
def depth_scaling(entry: Entry) -> None:
    pred, sparse, mask = tensors(entry, 'pred', 'sparse_depth', 'sparse_mask')
    pred.requires_grad_()
    scaled = scale_to_sparse(pred, sparse, mask)
    entry.check('scaled', scaled.depth.detach())
    # the program mixes the samples: each deviation by each scale
    mixed = scaled.deviation.mean() * (1 / scaled.scale).mean()
    entry.check('norm_std', mixed.detach())
    (scaled.depth.square().mean() + mixed).backward()
    entry.check('grad_pred', pred.grad)


@drives('endodepth', 'flow_from_depth')
def flow(entry: Entry) -> None:
    depth1, depth2, boundary, k = tensors(entry, 'depth1', 'depth2', 'boundary', 'K')
    for key, depth, motion in zip(
        ('flow1', 'flow2'), (depth1, depth2), motions(entry), strict=True
    ):
        ours, seen = flow_from_depth(depth, motion, k, boundary)
        assert (seen == (boundary > 0)).all()
        # outside of the boundary the program leaves what it then multiplies by 0
        entry.check(key, ours, where=seen.expand_as(ours).numpy())


@drives('endodepth', 'depth_warping')
def warping(entry: Entry) -> None:
    depth1, depth2, boundary, k = tensors(entry, 'depth1', 'depth2', 'boundary', 'K')
    forth, back = motions(entry)
    for suffix, grid in GRIDS.items():
        for names, one, two, motion in (
            (('warped_2to1', 'overlap_1'), depth1, depth2, forth),
            (('warped_1to2', 'overlap_2'), depth2, depth1, back),
        ):
            found = warp_depth(one, two, motion, k, boundary, sampling=grid)
            for name, ours in zip(names, found, strict=True):
                entry.check(f'{name}_{suffix}', ours)


@drives('endodepth', 'warp_identity')
def identity(entry: Entry) -> None:
    depth, k, tx = tensors(entry, 'depth', 'K', 'tx')
    still = torch.eye(3).expand(1, 3, 3)
    everywhere = torch.ones_like(depth)
    for name, there in (('zero', torch.zeros_like(tx)), ('tx', tx)):
        # the original's translation is from camera 2 to camera 1
        motion = Motion(still, -there)
        for suffix, grid in GRIDS.items():
            warped, overlap = warp_depth(
                depth, depth, motion, k, everywhere, sampling=grid
            )
            entry.check(f'warp_{name}_{suffix}', warped)
            entry.check(f'overlap_{name}_{suffix}', overlap)
    entry.check('flow_tx', flow_from_depth(depth, Motion(still, -tx), k)[0])
    exact, _ = warp_depth(depth, depth, Motion(still, 0 * tx), k, everywhere)
    assert torch.equal(exact, depth)
