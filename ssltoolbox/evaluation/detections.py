"""What a top-down network found, read from its data samples."""

import numpy as np

from ssltoolbox.evaluation.arrays import to_numpy
from ssltoolbox.evaluation.own_joints import own_joints


def read_detections(
    sample: dict, layout: str | None = None, with_boxes: bool = False
) -> list[dict]:
    """Read the instances that were predicted for one sample.

    Args:
        sample: Data sample with ``pred_instances``, as a dictionary.
        layout: Data set whose joints are wanted, see
            :func:`~ssltoolbox.evaluation.own_joints.own_joints`; ``None``: all.
        with_boxes: Add ``bbox``, as ``x, y, width, height`` in image px.

    Returns:
        Dicts for :func:`~ssltoolbox.evaluation.coco_keypoints.select_detections`.

    Raises:
        ValueError: The sample has no predictions.
    """
    if 'pred_instances' not in sample:
        raise ValueError(
            'KeypointAPMetric: a sample has no pred_instances; the model must return '
            "data samples with predictions (forward with mode='predict')."
        )
    predicted, given = sample['pred_instances'], sample.get('gt_instances', {})
    keypoints = to_numpy(predicted['keypoints'])
    confidences = to_numpy(predicted['keypoint_scores'])
    joints = np.concatenate([keypoints, confidences[..., None]], axis=-1)
    if layout:
        joints = own_joints(joints, layout)
    if 'bbox_scales' in given:
        areas = np.prod(to_numpy(given['bbox_scales']), axis=1)
    else:
        areas = np.prod(np.ptp(joints[..., :2], axis=1), axis=1)
    source = predicted if 'bbox_scores' in predicted else given
    box_scores = to_numpy(source.get('bbox_scores', np.ones(len(joints))))
    boxes = _boxes(sample) if with_boxes else None
    return [
        {
            'id': (sample['id'], index),
            'image_id': int(sample['img_id']),
            'category_id': int(sample.get('category_id', 1)),
            'keypoints': joints[index],
            'area': float(areas[index]),
            'box_score': float(box_scores[index]),
            **({} if boxes is None else {'bbox': boxes[index].tolist()}),
        }
        for index in range(len(joints))
    ]


def _boxes(sample: dict) -> np.ndarray:
    """Boxes as x, y, width, height: as annotated, since records clip them."""
    if 'raw_ann_info' in sample:
        return np.array([sample['raw_ann_info']['bbox']], np.float64)
    corners = to_numpy(sample['gt_instances']['bboxes'])
    return np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
