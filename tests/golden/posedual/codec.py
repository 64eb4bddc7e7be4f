"""Heatmaps of keypoints, and keypoints of heatmaps."""

import numpy as np
import torch

from ssltoolbox.codecs.batched_heatmap import heatmap_argmax, quarter_offset
from ssltoolbox.geometry.view import crop_matrix, transform_points
from ssltoolbox.registry import MODELS  # noqa: F401  prepares the import of mmpose

from ..registry import drives
from ..scarcenet.parts import PIXEL_STD, batched, ends_at_border
from ..vectors import Entry

from mmpose.codecs import MSRAHeatmap  # isort: skip
from mmpose.codecs.utils import gaussian_blur  # isort: skip


@drives('posedual', 'generate_target_*')
def generate_target(entry: Entry) -> None:
    """A Gaussian that ends one cell before the map has weight 0 here, by design."""
    p = entry.params
    codec = batched(p['image_size_wh'], p['heatmap_size_wh'], p['sigma'])
    points = torch.from_numpy(entry['joints'])[None, :, :2]
    maps, weight = codec.encode(
        points, torch.from_numpy(entry['joints_vis'])[None, :, 0]
    )
    entry.check('target', maps[0])
    border = ends_at_border(codec, points)[0].numpy()
    entry.check('target_weight', weight[0, :, None], where=~border)
    assert not weight[0, border].any() and not entry['target'][border].any()


@drives('posedual', 'heatmap_decode')
def heatmap_decode(entry: Entry) -> None:
    """Where a map has no positive value, DARK of mmpose answers -1 instead of 0."""
    maps = torch.from_numpy(entry['heatmaps'])
    cells, scores = heatmap_argmax(maps)
    positive = (scores > 0).numpy()
    entry.check('argmax_np', cells)
    entry.check('argmax_torch', cells, where=positive)
    entry.check('maxvals', scores[..., None])

    size = maps.shape[:1:-1]
    rows = zip(entry['center'], entry['scale'], entry['rotation'], strict=True)
    matrices = [
        crop_matrix(tuple(center), tuple(scale * PIXEL_STD), rotation, size)
        for center, scale, rotation in rows
    ]
    back = torch.linalg.inv(torch.from_numpy(np.stack(matrices)))
    entry.check('preds_plain', transform_points(back, cells))
    entry.check('preds_shift', transform_points(back, quarter_offset(cells, maps)))

    kernel = entry.params['blur_kernel']
    dark = MSRAHeatmap(size, size, 0, unbiased=True, blur_kernel_size=kernel)
    found = np.stack([dark.decode(each)[0][0] for each in entry['heatmaps']])
    blurred = [gaussian_blur(each.copy(), kernel) for each in entry['heatmaps']]
    entry.check('blurred', np.stack(blurred))
    entry.check('taylor_coords', found, where=positive)
    found = transform_points(back, torch.from_numpy(found))
    entry.check('preds_dark', found, where=positive)
