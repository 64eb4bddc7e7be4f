"""Mirror images, moves and cuts, colours, and the way from a file to the network."""

import re

import numpy as np
import torch

from ssltoolbox.datasets.transforms.cut_columns import roll
from ssltoolbox.datasets.transforms.image_view import ImageView
from ssltoolbox.datasets.transforms.pack_pose import PackPoseView
from ssltoolbox.datasets.transforms.surgical_colour import POOL
from ssltoolbox.datasets.transforms.surgical_view import SurgicalView
from ssltoolbox.geometry.view import change_matrix
from ssltoolbox.geometry.warp import warp
from ssltoolbox.registry import MODELS

from ..registry import drives
from ..vectors import Entry


def rolled(image: np.ndarray, cut: int) -> np.ndarray:
    """An image or map (H, W, C) without keypoints, rolled left by ``cut``."""
    nothing = {'keypoints': np.zeros((0, 1, 2)), 'keypoints_visible': np.zeros((0, 1))}
    results = {'img': image, **nothing}
    roll(results, cut)
    return results['img']


@drives('ssl2dpose', 'augment_geometry')
def augment_geometry(entry: Entry) -> None:
    """The label is moved as an image, to see that both move by the same matrix."""
    channels = [int(n) for n in entry.find(r'channels ([\d,]+)')[0].split(',')]
    image, label = (entry[k].astype(np.float32) for k in ('in_img', 'in_label'))
    parts = {'img': image, 'lab': label[..., channels]}
    size = (image.shape[1], image.shape[0])
    changes = {
        'hflip': dict(hflip=True),
        'vflip': dict(vflip=True),
        'translate': dict(translation=entry.params['translate_xy']),
        'rotate': dict(rotation=entry.params['rotate_deg_ccw']),
    }
    for name, change in changes.items():
        matrix = torch.from_numpy(change_matrix(size, **change))[None]
        for key, part in parts.items():
            maps = torch.from_numpy(part).permute(2, 0, 1)[None]
            # the original's OpenCV rounds to 1/32 of a pixel
            moved = warp(maps, matrix, size, subpixels=32)[0].permute(1, 2, 0)
            entry.check(f'out_{name}_{key}', moved)
    cut = _cut_of_one_instrument(label)
    for key, part in parts.items():
        entry.check(f'out_swap_sides_{key}', rolled(part, cut))


def _cut_of_one_instrument(label: np.ndarray) -> int:
    """Where we cut an image whose joints are the peaks of a label (H, W, C)."""
    height, width, channels = label.shape
    peaks = label.reshape(-1, channels).argmax(0)
    points = np.stack([peaks % width, peaks // width], -1)[None]
    seen = {'keypoints': points, 'keypoints_visible': np.ones((1, channels))}
    cut = SurgicalView((width, height)).column(seen, width)
    assert cut is not None
    return cut


@drives('ssl2dpose', 'augment_photometric')
def augment_photometric(entry: Entry) -> None:
    """The image is kept in half precision, which rounds some levels up to the next.

    There the output of brightness tells which level the original saw; where it fits
    both, single results may differ, and those of equalisation by many levels.
    """
    factor = entry.params['first_uniform_07_1']
    kept = entry['in_img'].astype(np.float32)
    image = kept.astype(np.uint8)
    rounded = (kept == image) & (image > 0)
    fits = [
        POOL['brightness'](levels, factor) == entry['out_random_brightness']
        for levels in (image, image - rounded)
    ]
    sure = ~(fits[0] & fits[1] & rounded).any(-1)
    bgr = (image - (fits[1] & ~fits[0]))[..., ::-1].astype(np.uint8)
    bgr = np.ascontiguousarray(bgr)
    names = {
        'random_brightness': 'brightness',
        'random_contrast': 'contrast',
        'random_saturation': 'saturation',
        'histogram_equalization': 'equalize',
        'blur': 'blur',
    }
    for key, name in names.items():
        where = sure if name == 'equalize' else np.ones_like(sure)
        entry.check(f'out_{key}', POOL[name](bgr, factor)[..., ::-1], where=where)
    _check_two_instruments(entry, kept)
    _check_around_erased(entry, kept)


def _check_two_instruments(entry: Entry, image: np.ndarray) -> None:
    """The tip of the second instrument is not recorded: the roll that fits best."""
    expected = entry['out_swap_two_img']
    rolls = [rolled(image, cut) for cut in range(image.shape[1])]
    best = min(rolls, key=lambda made: np.abs(made - expected).max())
    entry.check('out_swap_two_img', best)


def _check_around_erased(entry: Entry, image: np.ndarray) -> None:
    """Noise in a square of 10 px is never used, and not ported: what is around it."""
    expected = entry['out_random_erase']
    changed = np.abs(image - expected).max(-1) > 1
    rows, columns = np.nonzero(changed)
    erased = np.zeros_like(changed)
    square = (
        slice(rows.min(), rows.min() + 10),
        slice(columns.min(), columns.min() + 10),
    )
    erased[square] = True
    assert not (changed & ~erased).any()
    entry.check('out_random_erase', image, where=~erased)


@drives('ssl2dpose', 'batch_preprocess')
def batch_preprocess(entry: Entry) -> None:
    """The original resizes float images, ours those of bytes: given as float here.

    Its target is ours but for a constant, which we leave out. It takes a stored map of
    the network's size, a missing one and none for zeros with weight 1; ours keeps the
    first and gives no weight to the others, so only a map of the image's size is alike.
    """
    height, width, h, w = map(int, entry.find(r'(\d+)x(\d+) -> (\d+)x(\d+)'))
    crop = tuple(
        slice(*map(int, entry.find(rf'{name} (\d+):(\d+)')))
        for name in ('rows', 'cols')
    )
    look, top, left = (
        ImageView((w, h)),
        *(entry.params[f'{k}_offset'] for k in ('row', 'col')),
    )
    views = {}
    for key in ('rgb', 'ch3'):
        name = next(k for k in entry.arrays if k.startswith('in_') and key in k)
        part = entry[name].astype(np.float32)
        whole = np.zeros((height, width, *part.shape[2:]), np.float32)
        whole[top : top + part.shape[0], left : left + part.shape[1]] = part
        view = look({'img': whole})
        assert np.allclose(np.diag(view['view'])[:2] * entry.params['scale'], 1)
        views[key] = view['img']
    entry.check('out_img_crop', _normalised(views['rgb'])[crop])
    target = views['ch3'][crop].astype(np.float64)
    offset = (entry['out_target_ch3_crop'] - target).mean()
    entry.check('out_offset', offset)
    entry.check('out_target_ch3_crop', target + offset)
    packed = PackPoseView()({'img': views['rgb'], 'labelled': True})
    entry.check('out_mask', [packed['data_samples'].labelled])
    sizes = re.findall(r'(\d+)x(\d+)x\d+ ones', entry.record['what'])
    ours = np.zeros(len(entry['out_loader_means']))
    for row, size in enumerate(sizes):
        ones = np.ones((1, *map(int, size)), np.float32)
        ours[row] = look({'img': whole, 'pseudo_map': ones})['pseudo_map'].mean()
    row = sizes.index((str(height), str(width)))
    entry.check('out_loader_means', ours, where=np.arange(len(ours)) == row)


def _normalised(rgb: np.ndarray) -> torch.Tensor:
    """An image (H, W, 3) as the network sees it."""
    config = dict(mean=[127.5] * 3, std=[127.5] * 3, bgr_to_rgb=True)
    normalise = MODELS.build(config | {'type': 'mmpose.PoseDataPreprocessor'})
    bgr = torch.from_numpy(rgb[..., ::-1].copy()).permute(2, 0, 1)
    made = normalise({'inputs': [bgr], 'data_samples': []})
    return made['inputs'][0].permute(1, 2, 0)
