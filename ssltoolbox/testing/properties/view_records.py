"""Records whose image and masks show where every pixel came from."""

from typing import Any

import numpy as np

WIDTH, HEIGHT = 110, 84
"""Of the image in pixels; twice as much fits into a colour."""
MAP_SLOPE = (1.0, 2.0)
"""Rise of a map from one column, and from one row, to the next."""


def pose_record() -> dict[str, Any]:
    """A box and the five keypoints of an instance; a pair, a middle one, a pair."""
    points = [[40, 30], [60, 32], [50, 44], [44, 52], [58, 55]]
    return _image() | dict(
        bbox=np.array([[28, 18, 76, 66]], np.float32),
        bbox_center=np.array([[52, 42]], np.float32),
        bbox_scale=np.array([[60, 60]], np.float32),
        keypoints=np.array([points], np.float32),
        keypoints_visible=np.array([[1, 0.5, 1, 0, 1]], np.float32),
        flip_indices=[1, 0, 2, 4, 3],
        skeleton_links=[(0, 2), (1, 2)],
        labelled=False,
    )


def mask_record() -> dict[str, Any]:
    """A mask, and a hidden one: the column and the row of every pixel."""
    xs, ys = _columns_and_rows()
    return _image() | dict(gt_seg_map=xs, truth_seg_map=ys, labelled=True)


def map_record() -> dict[str, Any]:
    """Keypoints and stored maps, channels of which all rise by MAP_SLOPE per cell."""
    rows, columns = np.mgrid[:21, :28].astype(np.float32)
    ramp = MAP_SLOPE[0] * columns + MAP_SLOPE[1] * rows
    return pose_record() | dict(pseudo_map=np.repeat(ramp[None], 7, 0))


RECORDS = (pose_record, map_record, mask_record)


def _image() -> dict[str, Any]:
    xs, ys = _columns_and_rows()
    return dict(
        id=1,
        img_id=1,
        img_path='drawn.png',
        img=np.stack([2 * xs, 2 * ys, xs + ys], -1),
        ori_shape=(HEIGHT, WIDTH),
        img_shape=(HEIGHT, WIDTH),
    )


def _columns_and_rows() -> list[np.ndarray]:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.uint8)
    return [columns, rows]
