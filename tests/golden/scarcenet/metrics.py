"""Accuracy in training, similarity of poses, and average precision."""

from collections import defaultdict

import numpy as np
import torch

from ssltoolbox.datasets.coco_file import usable_instances
from ssltoolbox.evaluation.coco_keypoints import (
    STAT_NAMES,
    evaluate_keypoints,
    select_detections,
)
from ssltoolbox.evaluation.pck import heatmap_pck
from ssltoolbox.registry import TRANSFORMS

from ..registry import drives
from ..vectors import Entry
from .parts import PIXEL_STD, metainfo, published_codec

from mmpose.evaluation.functional.nms import oks_iou, oks_nms  # isort: skip


@drives('scarcenet', 'pck_heatmap')
def pck_heatmap(entry: Entry) -> None:
    output, target = (torch.from_numpy(entry[k]) for k in ('in_output', 'in_target'))
    by_joint, mean = heatmap_pck(output, target, entry.params['thr'])
    entry.check('out_acc', torch.cat([mean[None], by_joint]))
    entry.check('out_avg', mean)
    entry.check('out_cnt', (by_joint >= 0).sum())


@drives('scarcenet', 'oks_nms')
def nms(entry: Entry) -> None:
    sigmas = metainfo()['sigmas']
    poses, areas = entry['in_keypoints'], entry['in_areas']
    flat = poses.reshape(len(poses), -1)
    similar = oks_iou(flat[0], flat, areas[0], areas, sigmas)
    entry.check('out_oks_to_0', similar)
    instances = [
        dict(keypoints=pose, score=score, area=area)
        for pose, score, area in zip(poses, entry['in_scores'], areas, strict=True)
    ]
    for key, (whole, part) in entry.matching(r'out_keep_(\d+)p(\d+)').items():
        entry.check(key, oks_nms(instances, float(f'{whole}.{part}'), sigmas))


@drives('scarcenet', 'ap_evaluation')
def ap_evaluation(entry: Entry) -> None:
    truth = _ground_truth(entry)
    copies = [dict(annotation) for annotation in truth['annotations']]
    records = list(usable_instances({**truth, 'annotations': copies}))
    boxes = [_crop_box(box) for *_, box in records]
    centers, scales = (np.stack(column) for column in zip(*boxes, strict=True))
    entry.check('out_sanitised_center', centers)
    entry.check('out_sanitised_scale', scales)

    sigmas, p = metainfo()['sigmas'], entry.params
    detections = _detections(entry, records)
    kept = select_detections(detections, sigmas, p['vis_thr'], p['oks_thr'])
    stats, _ = evaluate_keypoints(truth, kept, sigmas)
    assert len(STAT_NAMES) == len(p['stat_names'])
    entry.check('out_stats', [stats[name] for name in STAT_NAMES])
    entry.check('out_result_image_id', [item['image_id'] for item in kept])
    entry.check('out_result_category', [item['category_id'] for item in kept])
    entry.check('out_result_score', [item['score'] for item in kept])


def _ground_truth(entry: Entry) -> dict:
    width, height = map(int, entry.params['image_size'].split('x'))
    names = ('image_id', 'category_id', 'bbox', 'area', 'keypoints')
    columns = ('image_id', 'category', 'bbox', 'area', 'keypoints')
    rows = zip(*(entry[f'in_gt_{key}'].tolist() for key in columns), strict=True)
    annotations = [
        dict(zip(names, row, strict=True), id=number, iscrowd=0)
        for number, row in enumerate(rows)
    ]
    ids = np.union1d(entry['in_gt_image_id'], entry['in_pred_image_id'])
    images = [dict(id=i, width=width, height=height) for i in ids.tolist()]
    return dict(images=images, annotations=annotations)


def _crop_box(box: tuple) -> tuple[np.ndarray, np.ndarray]:
    """Centre and side of the crop of a box, in the original's units."""
    results = dict(
        img=np.zeros((4, 4, 3), np.uint8),
        bbox=np.array([box], np.float32),
        keypoints=np.zeros((1, 1, 2)),
    )
    size = published_codec().input_size
    for step in (
        dict(type='mmpose.GetBBoxCenterScale'),
        dict(type='ssltoolbox.CropView', input_size=size),
    ):
        results = TRANSFORMS.build(step)(results)
    return results['input_center'], results['input_scale'] / PIXEL_STD


def _detections(entry: Entry, records: list) -> list[dict]:
    """Predictions, each of the category of its ground-truth box."""
    by_image = defaultdict(list)
    for image, annotation, _ in records:
        by_image[image['id']].append(annotation['category_id'])
    rows = zip(
        entry['in_pred_image_id'].tolist(),
        entry['in_pred_bbox_id'].astype(int).tolist(),
        entry['in_pred_keypoints'],
        entry['in_boxes'],
        strict=True,
    )
    return [
        dict(
            id=number,
            image_id=image,
            category_id=by_image[image][number],
            keypoints=keypoints,
            area=box[4],
            box_score=box[5],
        )
        for image, number, keypoints, box in rows
    ]
