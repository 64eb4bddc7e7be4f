"""Reading and preparing the recorded sequence."""

import os
from dataclasses import replace
from pathlib import Path
from random import Random

import cv2
import numpy as np
import pytest

from ssltoolbox.datasets.depth.brightness import (
    brightness_range,
    project,
    true_points,
    value_channel,
    visible,
)
from ssltoolbox.datasets.depth.frame_window import FrameWindow
from ssltoolbox.datasets.depth.pairs import draw_partner
from ssltoolbox.datasets.depth.prepare import (
    PreparedSequence,
    SfmSettings,
    prepare,
    smooth_visibility,
    unit_of_depth,
)
from ssltoolbox.datasets.depth.sfm_files import (
    read_frames,
    read_intrinsics,
    read_numbers,
    read_points,
    read_poses,
    read_tracks,
)
from ssltoolbox.datasets.depth.sfm_sequence import SfmSequence
from ssltoolbox.datasets.depth.sparse_maps import sparse_maps

from ..registry import drives
from ..vectors import DEFAULT, Entry


def recorded_folder() -> Path:
    root = Path(os.environ.get('SSLTOOLBOX_DATA') or DEFAULT.parent / 'data')
    folders = sorted(root.glob('endoscopy_sfm/bag_1/_start*'))
    if not folders:
        pytest.skip(f'{root} has no endoscopy_sfm: set SSLTOOLBOX_DATA')
    return folders[0]


@drives('endodepth', 'sfm_readers_real')
def readers(entry: Entry) -> None:
    folder = recorded_folder()
    frames = read_frames(folder / 'visible_view_indexes')
    full = read_intrinsics(folder / 'camera_intrinsics_per_view')
    points = read_points(folder / 'structure.ply')
    poses = read_poses(folder / 'motion.yaml')
    seen = read_tracks(folder / 'view_indexes_per_point', frames)
    extrinsics = np.linalg.inv(poses)
    selected = read_numbers(folder / 'selected_indexes', int)
    left, top, step = (
        entry.params[key] for key in ('start_w', 'start_h', 'downsampling')
    )
    window = FrameWindow(left, top, 1, 1, step)
    cropped = window.intrinsics(full)
    found = {
        'points': np.pad(points, ((0, 0), (0, 1)), constant_values=1),
        'visibility': seen,
        'visible': frames,
        'selected': selected,
        'stride': selected[1] - selected[0],
        'intrinsic_full': np.pad(full, ((0, 0), (0, 1))),
        'intrinsic_cropped': np.pad(cropped, ((0, 0), (0, 1))),
        'extrinsics': extrinsics,
        'projections': cropped @ extrinsics[:, :3],
        'global_scale': unit_of_depth(points, extrinsics, poses, 'extent'),
    }
    for key, ours in found.items():
        entry.check(key, ours, word='global_scale' if key == 'global_scale' else '1e-9')


@drives('endodepth', 'visibility_overlap_real')
def visibility(entry: Entry) -> None:
    for window in entry.params['L']:
        ours = smooth_visibility(entry['visibility'] > 0, window)
        # the original keeps in how many views, and asks later for more than half a view
        name = f'smoothed_{window}'
        entry.check(name, ours, expected=entry[name] > 0.5)


@drives('endodepth', 'stage_balancing_scale')
def travel(entry: Entry) -> None:
    poses = np.tile(np.eye(4), (len(entry['positions']), 1, 1))
    poses[:, :3, 3] = entry['positions']
    entry.check('scale', unit_of_depth(np.zeros((1, 3)), poses, poses, 'travel'))


@drives('endodepth', 'mask_crop')
def windows(entry: Entry) -> None:
    full = SfmSequence.read(recorded_folder()).mask
    cases = [
        ('real_4_64', full, 4, 64, (320, 256)),
        ('real_16_16', full, 16, 16, (96, 64)),
        ('syn', entry['mask_synthetic'], 1, 32, (192, 192)),
    ]
    for name, mask, downsampling, multiple, suggested in cases:
        for suffix, size in (('', None), ('_suggested', suggested)):
            window = FrameWindow.around(mask, downsampling, multiple, size)
            bottom, right = window.top + window.height, window.left + window.width
            entry.check(
                f'crop_{name}{suffix}', [window.top, bottom, window.left, right]
            )
            if f'mask_{name}{suffix}' in entry.arrays:
                entry.check(f'mask_{name}{suffix}', window.cut_mask(mask))


@drives('endodepth', 'sanity_threshold')
def ranges(entry: Entry) -> None:
    samples = [entry[f'a{i}'] for i in range(len(entry.matching(r'a\d')))]
    shares = entry.params['percentages']
    entry.check(
        'thresholds',
        [[brightness_range(a, share) for share in shares] for a in samples],
    )


def camera(projections: np.ndarray, extrinsics: np.ndarray) -> np.ndarray:
    """The matrix K of which projections are K [R t]."""
    return projections[0] @ np.linalg.inv(extrinsics[0])[:, :3]


@drives('endodepth', 'clean_points')
def clean(entry: Entry) -> None:
    k = camera(entry['projections'], entry['extrinsics'])
    for name, (share,) in entry.matching(r'clean_(\d+)').items():
        kept = true_points(
            entry['imgs'],
            entry['points'][:, :3],
            entry['visibility'] > 0,
            entry['mask'],
            entry['extrinsics'],
            k,
            int(share) / 100,
        )
        entry.check(name, kept)
    sequence = SfmSequence.read(recorded_folder())
    prepared = prepare(sequence, SfmSettings())
    left = (sequence.points[:, None] == prepared.points).all(2).any(1)
    entry.check('real_clean', left)


def recorded(entry: Entry, near: np.ndarray, kept: np.ndarray) -> PreparedSequence:
    """The sequence; of all but two views the pose is not recorded.

    Depths are in the unit of the points.
    """
    seen = entry['visibility'] > 0
    extrinsics = np.tile(np.eye(4), (seen.shape[1], 1, 1))
    extrinsics[entry['positions'].astype(int)] = entry['extrinsics']
    return PreparedSequence(
        frames=np.arange(seen.shape[1]),
        window=FrameWindow(0, 0, 1, 1, 1),
        mask=entry['mask'],
        intrinsics=camera(entry['projections'], entry['extrinsics']),
        extrinsics=extrinsics,
        points=entry['points'][kept, :3],
        seen=seen[kept],
        near=near[kept],
        scale=1.0,
    )


def compare(
    entry: Entry, names: dict[str, str], sequence, suffix='', **options
) -> None:
    """Compare the maps of both views with arrays, named by the field of ours."""
    views = entry['positions'].astype(int)
    pairs = (views, views[::-1])
    found = [sparse_maps(sequence, *pair, last_wins=True, **options) for pair in pairs]
    maps = {
        key: np.stack([getattr(each, name) for each in found]).transpose(0, 2, 3, 1)
        for key, name in names.items()
    }
    for key, ours in maps.items():
        entry.check(f'{key}{suffix}', ours)


@drives('endodepth', 'sparse_maps_real')
def maps(entry: Entry) -> None:
    sequence = recorded(entry, entry['visibility'] > 0, entry['clean'] > 0.5)
    names = dict(
        depth='depth', depth_mask='depth_weight', flow='flow', flow_mask='flow_weight'
    )
    compare(entry, names, sequence)


@drives('endodepth', 'image_loading')
def images(entry: Entry) -> None:
    p = entry.params
    window = FrameWindow(
        p['start_w'],
        p['start_h'],
        p['end_w'] - p['start_w'],
        p['end_h'] - p['start_h'],
        p['downsampling'],
    )
    bgr = window.cut(entry['bgr'])
    rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
    entry.check('rgb', rgb)
    entry.check('hsv_full', cv2.cvtColor(bgr, cv2.COLOR_BGR2HSV_FULL))
    entry.check('rgb_normalised', (rgb / np.float32(255) - 0.5) / 0.5, '1e-6')


@drives('endodepth', 'stage_contaminated_points')
def contaminated(entry: Entry) -> None:
    """The three-stage program judges by distance, and forgets to begin anew."""
    inputs = entry.sibling('clean_points.npz')
    k = camera(inputs['projections'], inputs['extrinsics'])
    points, mask = inputs['points'][:, :3], inputs['mask']
    for name, (share,) in entry.matching(r'contaminated_(\d+)').items():
        appeared, wrong, products = np.zeros(60), np.zeros(60), []
        for image, extrinsic in zip(inputs['imgs'], inputs['extrinsics'], strict=True):
            pixels, depth = project(points, extrinsic, k)
            inside = visible(pixels, depth, mask, 221)
            here = points @ extrinsic[:3, :3].T + extrinsic[:3, 3]
            at = np.round(pixels[inside]).astype(int)
            value = value_channel(image)[at[:, 1], at[:, 0]]
            product = (here[inside] ** 2).sum(1) * value
            products.extend(product)
            low, high = brightness_range(np.array(products), int(share) / 100)
            appeared[inside] += 1
            wrong[inside] += (product <= low) | (product >= high)
        entry.check(name, np.flatnonzero(wrong >= appeared // 2))


@drives('endodepth', 'stage_soft_sparse_maps')
def soft_maps(entry: Entry) -> None:
    """Weights by the length of the track, with and without points seen elsewhere."""
    kept = np.ones(len(entry['points']), bool)
    kept[entry['contaminated'].astype(int)] = False
    seen = entry['visibility'] > 0
    mask = np.where(entry['mask'] > 220, 255, 0).astype(np.uint8)
    every = replace(recorded(entry, np.ones_like(seen), kept), mask=mask)
    options = dict(
        track_constant=entry.params['count_weight'],
        max_flow=entry.params['flow_l1_limit'],
    )
    depth = dict(depth='depth', soft_mask='depth_weight')
    flow = dict(flow='flow', soft_flow_mask='flow_weight')
    found = flow | dict(soft_flow_mask='found_weight')
    compare(entry, depth | flow, every, '_all', **options)
    compare(entry, depth, replace(every, near=every.seen), '_visible', **options)
    compare(entry, found, every, '_visible', **options)


@drives('endodepth', 'pair_sampling')
def partners(entry: Entry) -> None:
    found = []
    for row in entry['rows'].tolist():
        count, low, high, index, seed = row
        position = index % count
        other = draw_partner(position, count, (low, high), Random(seed).randint)
        found.append([*row, position, other - position, 1])
    entry.check('rows_out', found)
