"""Confidence of predictions, and of the label maps of real frames."""

import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from ssltoolbox.codecs.joint_connection_maps import JointConnectionMaps
from ssltoolbox.semi.filters.total_variation import TotalVariationFilter

from ..registry import drives
from ..vectors import DEFAULT, Entry
from .methods import channels_first

JOINTS = ('LeftClasper', 'RightClasper', 'Head', 'Shaft', 'End')
CONNECTIONS = ((0, 2), (1, 2), (2, 3), (3, 4))


@drives('ssl2dpose', 'total_variation')
def total_variation(entry: Entry) -> None:
    every = TotalVariationFilter()
    entry.check('out_tv', every.confidence(channels_first(entry['in_x_nhwc'])))

    native = entry.sibling('endovis_label_native.npz').params
    height, width = (int(side) for side in entry.find(r'\((\d+)x(\d+)x\d+\)'))
    size = native['w'], native['h']
    codec = JointConnectionMaps(
        size, size, native['sigma'], len(JOINTS), CONNECTIONS, legacy_disk=True
    )
    found = []
    for points in recorded_frames(entry, native, (width, height)):
        label = codec.encode(points)['heatmaps'].transpose(1, 2, 0)
        found.append(cv2.resize(label, (width, height)))
    maps = channels_first(np.stack(found))
    joints = TotalVariationFilter(channels=list(range(len(JOINTS))))
    entry.check('out_gt_tv9', every.confidence(maps))
    entry.check('out_gt_tv_joint_channels', joints.confidence(maps))


def recorded_frames(entry: Entry, native: dict, size: tuple[int, int]) -> list:
    """Points (N, K, 2) of the frames that were recorded, which the entry does not name.

    They are those whose joint channels come nearest to the recorded numbers.
    """
    frames = annotated_frames()
    numbers = np.array([roughly(points, native, size) for points in frames])
    counts = np.array([len(points) for points in frames])
    wanted = entry['out_gt_tv_joint_channels'], entry['in_gt_is_two_instruments']
    nearest = [
        np.abs(np.where(counts == 1 + two, numbers, np.inf) - value).argmin()
        for value, two in zip(*wanted, strict=True)
    ]
    return [frames[i] for i in nearest]


def annotated_frames() -> list[np.ndarray]:
    """Points of complete frames; the original pairs them in the order of the file."""
    root = Path(os.environ.get('SSLTOOLBOX_DATA') or DEFAULT.parent / 'data')
    files = sorted(root.glob('endovis_annotations/*_labels.json'))
    if not files:
        pytest.skip(f'{root} has no endovis_annotations: set SSLTOOLBOX_DATA')
    frames = []
    for record in (r for file in files for r in json.loads(file.read_text())):
        rows = [
            [
                (point['x'], point['y'])
                for point in record['annotations']
                if point['class'] == f'{joint}Point'
            ]
            for joint in JOINTS
        ]
        if rows[0] and len({len(row) for row in rows}) == 1:
            frames.append(np.array(rows, np.float32).transpose(1, 0, 2))
    return frames


def roughly(points: np.ndarray, native: dict, size: tuple[int, int]) -> float:
    """Total variation of shrunk Gaussians, which are products of a row and a column."""
    sides = []
    for axis, old in enumerate((native['w'], native['h'])):
        gap = np.arange(old, dtype=np.float32) - points[..., axis, None]
        bell = np.exp(-((gap / native['sigma']) ** 2))
        flat = bell.reshape(-1, old)
        shrunk = cv2.resize(flat, (size[axis], len(flat)))
        sides.append(shrunk.reshape(*bell.shape[:2], -1).swapaxes(0, 1))
    maps = sides[1].swapaxes(1, 2) @ sides[0]
    # OpenCV spares a pass over maps of almost two thousand frames
    steps = (cv2.absdiff(maps[:, 1:], maps[:, :-1]), maps[..., 1:], maps[..., :-1])
    return float(steps[0].sum() + cv2.absdiff(*steps[1:]).sum())
