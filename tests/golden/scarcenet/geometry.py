"""Crops, mirror images, and heatmaps between pixels and cells."""

import re

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from ssltoolbox.codecs.batched_heatmap import heatmap_argmax, quarter_offset
from ssltoolbox.geometry.view import crop_matrix, transform_points
from ssltoolbox.registry import TRANSFORMS
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.base import Batch
from ssltoolbox.tasks.pose_tta import PoseTTA

from ..registry import drives
from ..vectors import NUMBER, Entry
from .parts import (
    PIXEL_STD,
    batched,
    crop_view,
    ends_at_border,
    metainfo,
    mirror,
    msra,
    pair,
    pose_task,
    published_codec,
    square,
    view,
)

from mmpose.models.utils.tta import flip_heatmaps  # isort: skip


@drives('scarcenet', 'affine')
def affine(entry: Entry) -> None:
    columns = entry.params['columns of in_cfg'].split(',')
    points = torch.from_numpy(entry['in_points'])
    matrices = []
    for row in entry['in_cfg']:
        case = dict(zip(columns, row, strict=True))
        size = pair(int(case['out_size']))
        matrix = crop_matrix(
            (case['cx'], case['cy']),
            (case['sx'] * PIXEL_STD, case['sy'] * PIXEL_STD),
            case['rot_deg'],
            size,
        )
        matrix = _from_rounded_points(matrix, size)
        matrices.append(np.linalg.inv(matrix) if case['inv'] else matrix)
    moved = transform_points(torch.from_numpy(np.stack(matrices)), points)
    entry.check('out_mats', np.stack(matrices)[:, :2])
    entry.check('out_points', moved)


def _from_rounded_points(matrix: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Our matrix, if it were found from three points in float32.

    The original finds its matrices so. Far from a small box the rounding of the points
    exceeds the tolerance, and our matrix, which is exact, would be blamed for it.
    """
    w, h = size
    crop = np.array([[w / 2, h / 2], [w / 2, h / 2 - w / 2]], np.float32)
    back = np.linalg.inv(matrix)
    image = (crop @ back[:2, :2].T + back[:2, 2]).astype(np.float32)

    def with_third(points: np.ndarray) -> np.ndarray:
        x, y = points[0] - points[1]
        return np.stack([*points, points[1] + np.array([-y, x], np.float32)])

    return square(cv2.getAffineTransform(with_third(image), with_third(crop)))


@drives('scarcenet', 'box_to_center_scale')
def box_to_center_scale(entry: Entry) -> None:
    """The last one is the jitter, which the original draws once for a whole run."""
    share = re.search(rf'U\(-({NUMBER}),', entry.params['jitter'])[1]
    shift = dict(prob=entry.params['jitter_prob'], shift=float(share))
    for suffix, steps in {
        '': [],
        '_train': [dict(type='ssltoolbox.RandomBoxShift', **shift)],
    }.items():
        size = published_codec().input_size
        steps = [
            dict(type='mmpose.GetBBoxCenterScale', padding=entry.params['padding']),
            *steps,
            dict(type='ssltoolbox.CropView', input_size=size),
        ]
        transforms = [TRANSFORMS.build(step) for step in steps]
        np.random.seed(entry.seed())
        crops = []
        for x, y, w, h in entry['in_boxes']:
            results = dict(
                img=np.zeros((4, 4, 3), np.uint8),
                bbox=np.array([[x, y, x + w, y + h]]),
                keypoints=np.zeros((1, 1, 2)),
            )
            for transform in transforms:
                results = transform(results)
                # the original rounds the centre before it moves it
                results['bbox_center'] = results['bbox_center'].astype(np.float32)
            crops.append((results['input_center'], results['input_scale'] / PIXEL_STD))
        centers, scales = (np.stack(column) for column in zip(*crops, strict=True))
        entry.check(f'out_center{suffix}', centers)
        entry.check(f'out_scale{suffix}', scales)


@drives('scarcenet', 'flip')
def flip(entry: Entry) -> None:
    """Ours never zeroes a joint, so joints zeroed by the original are left out."""
    maps = torch.from_numpy(entry['in_heatmaps'])
    partners = metainfo()['flip_indices']
    back = flip_heatmaps(maps, flip_indices=partners, shift_heatmap=False)
    entry.check('out_heatmaps', back)

    widths = entry['in_width'].ravel()
    points, seen = _mirrored(entry['in_joints'], entry['in_vis'][..., 0], widths)
    entry.check('out_batch_v2', points)
    entry.check('out_batch_v2_vis', np.stack([seen, seen], -1))
    entry.check('out_batch', points, where=seen > 0)
    entry.check('out_batch_vis', np.stack([seen, seen], -1))

    width = [entry.params['width_single']]
    joints, vis = entry['in_joints_single'], entry['in_vis_single']
    points, seen = _mirrored(joints[None, :, :2], vis[None, :, 0], width)
    expected = entry['out_single'][None, :, :2]
    entry.check('out_single', points, where=seen > 0, expected=expected)
    entry.check('out_single_vis', seen, expected=entry['out_single_vis'][None, :, 0])


def _mirrored(points, visible, widths) -> tuple[np.ndarray, np.ndarray]:
    """Joints (B, K, 2) and visibilities (B, K) after mirroring each image."""
    size = published_codec().input_size
    plain = view([np.eye(3)] * len(points), size)
    other = view([mirror(int(width)) for width in widths], size)
    partners = torch.tensor(metainfo()['flip_indices'])
    seen = torch.from_numpy(visible)
    label = PseudoLabel(torch.from_numpy(points), seen, seen, plain)
    task = pose_task(msra(**_sizes()))
    batch = Batch(seen, [], other, seen.new_zeros(len(seen)), partners)
    moved = task.project(label, batch)
    return moved.value.numpy(), moved.weight.numpy()


def _sizes() -> dict:
    codec = published_codec()
    return dict(input_size=codec.input_size, heatmap_size=codec.heatmap_size)


@drives('scarcenet', 'heatmap_encode')
def heatmap_encode(entry: Entry) -> None:
    """A Gaussian that ends one cell before the map has weight 0 here, by design."""
    p = entry.params
    codec = batched(p['image_size'], p['heatmap_size'], p['sigma'])
    points = torch.from_numpy(entry['in_joints'])[None, :, :2]
    weight = torch.from_numpy(entry['in_joints_vis'])[None, :, 0]
    maps, weights = codec.encode(points, weight)
    entry.check('out_target', maps[0])
    border = ends_at_border(codec, points)[0].numpy()
    entry.check('out_target_weight', weights[0, :, None], where=~border)
    assert not weights[0, border].any() and not entry['out_target'][border].any()


@drives('scarcenet', 'heatmap_decode')
def heatmap_decode(entry: Entry) -> None:
    maps = torch.from_numpy(entry['in_heatmaps'])
    cells, scores = heatmap_argmax(maps)
    entry.check('out_argmax', cells)
    entry.check('out_maxvals', scores[..., None])
    grid = crop_view(entry['in_center'], entry['in_scale'], maps.shape[:1:-1])
    back = grid.inverse()
    entry.check('out_const_preds', transform_points(back, cells))
    assert entry.params['POST_PROCESS']
    refined = quarter_offset(cells, maps)
    entry.check('out_final_preds', transform_points(back, refined))


@drives('scarcenet', 'pseudo_label_tta')
def pseudo_label_tta(entry: Entry) -> None:
    p = entry.params
    (pool,) = entry.find(r'(\d+)x\d+ average pool')
    first, second = map(int, entry.find(r'flip pair \((\d+), ?(\d+)\)'))
    mean, std = (torch.tensor(p[key]).view(-1, 1, 1) for key in ('mean', 'std'))
    crops = torch.from_numpy(entry['in_image']).permute(2, 0, 1)[None]
    partners = list(range(len(mean)))
    partners[first], partners[second] = second, first
    # the original writes the side of the crop in place of the scale factor
    unit = crops.shape[-1] / PIXEL_STD

    def forward(images):
        return F.avg_pool2d((images / 255 - mean) / std, int(pool))

    for key, (count,) in entry.matching(r'out_score_map_n(\d+)').items():
        tta = PoseTTA(int(count), p['scale_sigma'], p['rot_sigma'], shift_heatmap=False)
        assert p['rot_clip'] == 2 * tta.rotation
        draws = tta.draw(np.random.RandomState(entry.seed()))
        entry.check(f'out_scale_rot_draws_n{count}', draws * (unit, 1))
        maps = tta(forward, crops, draws[None], partners)
        entry.check(key, maps)
        cells, scores = heatmap_argmax(maps)
        grid = crop_view(entry['in_center'], entry['in_scale'], maps.shape[:1:-1])
        points = transform_points(grid.inverse(), cells)
        found = torch.cat([points, scores[..., None]], -1)
        entry.check(f'out_keypoints_n{count}', found[0], 'keypoints')
