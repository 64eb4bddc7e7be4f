"""One labelled sample, from the image to the input and the target of the network."""

import ast
import random
import re

import numpy as np
import torch
from mmengine.config import Config

from ssltoolbox.datasets.transforms.crop_view import CropView, RandomView
from ssltoolbox.datasets.transforms.instance_box import RandomHalfBody
from ssltoolbox.geometry.warp import warp
from ssltoolbox.registry import MODELS

from ..registry import drives
from ..scarcenet.parts import PIXEL_STD, ROOT, batched, mirror
from ..vectors import Entry
from .transforms import partners

SPREAD = dict(scale=0.25, rotation=30)
"""Of all published settings; the manifest does not tell it."""


@drives('posedual', 'sample_pipeline')
def sample_pipeline(entry: Entry) -> None:
    p, told = entry.params, entry.record['outputs']
    crop, codec = (
        CropView(p['input_wh']),
        batched(p['input_wh'], p['heatmap_wh'], p['sigma']),
    )
    for case in 'ab':
        (drawn,) = re.findall(r'{.*}', told[f'{case}_input'])
        drawn = ast.literal_eval(drawn)
        results = crop.crop(
            _sample(entry), drawn['scale'], drawn['rot_angle'], drawn['flip']
        )
        entry.check(f'{case}_input', _network_input(_crop(entry, results)), 'input')
        entry.check(f'{case}_scale', results['input_scale'] / PIXEL_STD, 'rest')
        _check_geometry(entry, case, results)
        labels = (results['transformed_keypoints'], results['keypoints_visible'])
        target, weight = codec.encode(*map(torch.from_numpy, labels))
        entry.check(f'{case}_target', target[0], 'rest')
        entry.check(f'{case}_weight', weight[0, :, None], 'rest')

    (seed,) = map(int, re.findall(r'seed (\d+)', told['rand_rotation']))
    random.seed(seed)
    np.random.seed(seed)
    # its gate is drawn even where it is closed
    results = RandomHalfBody(prob=0.0)(_sample(entry))
    results = RandomView(p['input_wh'], **SPREAD)(results)
    ratio = results['input_scale'] / PIXEL_STD / entry['scale']
    entry.check('rand_scale_ratio', ratio[0], 'rest')
    entry.check('rand_rotation', results['bbox_rotation'][0], 'rest')
    _check_geometry(entry, 'rand', results)


def _sample(entry: Entry) -> dict:
    return dict(
        img=entry['image_bgr'],
        bbox_center=entry['center'][None],
        bbox_scale=entry['scale'][None] * PIXEL_STD,
        keypoints=entry['joints'][None, :, :2],
        keypoints_visible=entry['joints_vis'][None, :, 0],
        flip_indices=partners(entry),
        # asked for, not used
        upper_body_ids=[],
        lower_body_ids=[],
    )


def _crop(entry: Entry, results: dict) -> np.ndarray:
    """The crop (H, W, 3) of our view, as OpenCV made it before version 5.

    Source pixels were rounded to 1/32 then, which alone exceeds the tolerance.
    """
    image, matrix = entry['image_bgr'], results['view']
    if results['flip']:
        image, matrix = image[:, ::-1].copy(), matrix @ mirror(image.shape[1])
    whole = torch.from_numpy(image).permute(2, 0, 1)[None].float()
    matrix = torch.from_numpy(matrix)[None]
    maps = warp(whole, matrix, results['input_size'], subpixels=32)
    crop = maps[0].permute(1, 2, 0).round().numpy().astype(np.uint8)
    # 1/64 px on either axis, over an edge from black to white
    assert np.abs(crop - results['img'].astype(float)).max() <= 2 * 255 / 64
    return crop


def _network_input(image: np.ndarray) -> torch.Tensor:
    """Our published normalisation, without the original's mistake put right: BGR."""
    config = Config.fromfile(ROOT / 'configs/_base_/models/resnet18.py').student
    config = dict(config.data_preprocessor, bgr_to_rgb=False)
    config['type'] = f'mmpose.{config["type"]}'
    crop = torch.from_numpy(image).permute(2, 0, 1)
    preprocess = MODELS.build(config)
    return preprocess(dict(inputs=[crop], data_samples=[]))['inputs'][0]


def _check_geometry(entry: Entry, case: str, results: dict) -> None:
    """The original moves hidden joints to 0, ours leaves them: they are left out."""
    seen = results['keypoints_visible'][0] > 0
    x, y = results['input_center']
    if results['flip']:
        # ours keeps the centre of the image as it was read
        x = entry['image_bgr'].shape[1] - 1 - x
    entry.check(f'{case}_center', [x, y], 'rest')
    points = results['transformed_keypoints'][0]
    expected = entry[f'{case}_joints']
    assert not expected[~seen].any()
    entry.check(f'{case}_joints', points, 'rest', seen, expected[:, :2])
