"""Average precision of COCO and AI Challenger, PCKh of MPII, accuracy in training."""

import json
import tempfile
from pathlib import Path

import numpy as np
import torch
from scipy.io import savemat

from ssltoolbox.codecs.batched_heatmap import heatmap_argmax
from ssltoolbox.datasets.pose.union import pose_layout, union_indices
from ssltoolbox.evaluation.coco_keypoints import STAT_NAMES
from ssltoolbox.evaluation.pck import heatmap_pck
from ssltoolbox.registry import METRICS

from ..registry import drives
from ..vectors import Entry

from mmpose.evaluation.functional.nms import oks_iou, oks_nms  # isort: skip

PUBLISHED_THRESHOLDS = (0.11, 0.2, 0.3, 0.4)
"""The first was meant to be 0.1."""


@drives('posedual', 'pck_train_accuracy')
def pck_train_accuracy(entry: Entry) -> None:
    output, target = (torch.from_numpy(entry[key]) for key in ('output', 'target'))
    by_joint, mean = heatmap_pck(output, target, entry.params['thr'])
    # Ours are float32.
    for key, ours in ('acc', torch.cat([mean[None], by_joint])), ('avg', mean):
        entry.check(key, ours, expected=entry[key].astype(np.float32), ulps=1)
    entry.check('cnt', (by_joint >= 0).sum())
    entry.check('pred', heatmap_argmax(output)[0])


@drives('posedual', 'oks_nms')
def nms(entry: Entry) -> None:
    sigmas = pose_layout('coco')['sigmas'].astype(np.float64)
    poses, areas = entry['keypoints'], entry['areas']
    flat = poses.reshape(len(poses), -1)
    similar = oks_iou(flat[0], flat, areas[0], areas, sigmas)
    # mmpose's similarity is float32.
    entry.check('oks_first_vs_all', similar, 'oks', ulps=2)
    instances = [
        dict(keypoints=pose, score=score, area=area)
        for pose, score, area in zip(poses, entry['scores'], areas, strict=True)
    ]
    for key, (threshold,) in entry.matching(r'keep_(.+)').items():
        entry.check(key, oks_nms(instances, float(threshold), sigmas), 'exact')


@drives('posedual', 'coco_eval')
def coco_eval(entry: Entry) -> None:
    min_score, max_oks = (
        float(text) for text in entry.find(r'OKS-NMS ([\d.]+), vis thr ([\d.]+)')[::-1]
    )
    samples = [
        _coco_sample(*row)
        for row in zip(
            range(len(entry['preds'])),
            entry['image_id'].tolist(),
            entry['preds'],
            entry['boxes'],
            strict=True,
        )
    ]
    options = dict(
        whole_file=True, layout='coco', detection_area='box', min_score=min_score,
        max_oks=max_oks,
    )  # fmt: skip
    values = _evaluate('KeypointAPMetric', samples, _coco_truth(entry), **options)
    entry.check('stats', [values[name] for name in STAT_NAMES])


def _coco_sample(number: int, image: int, joints: np.ndarray, box: np.ndarray) -> dict:
    _, _, _, _, area, score, x, y, width, height = box
    return dict(
        id=number,
        img_id=image,
        pred_instances=_predicted(joints[None]),
        gt_instances=dict(
            # Only the product of both sides matters.
            bbox_scales=np.sqrt([[area, area]]),
            bbox_scores=np.array([score]),
            bboxes=np.array([[x, y, x + width, y + height]]),
        ),
    )


def _coco_truth(entry: Entry) -> dict:
    names = ('image_id', 'bbox', 'area', 'keypoints', 'num_keypoints')
    columns = [entry[f'gt_{name}'].tolist() for name in names]
    return dict(
        images=[dict(id=i, file_name='') for i in entry['all_image_ids'].tolist()],
        annotations=[
            dict(zip(names, row, strict=True), id=number, category_id=1, iscrowd=0)
            for number, row in enumerate(zip(*columns, strict=True))
        ],
        categories=[dict(id=1, name='person')],
    )


@drives('posedual', 'mpii_pckh')
def mpii_pckh(entry: Entry) -> None:
    missing = entry['jnt_missing']
    samples = [
        dict(
            id=row,
            pred_instances=_predicted(joints[None]),
            gt_instances=dict(
                keypoints=entry['pos_gt'][None, ..., row] - 1,
                keypoints_visible=1 - missing[None, :, row],
            ),
        )
        for row, joints in enumerate(entry['preds'])
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, 'truth.mat')
        columns = dict(pos_gt_src=entry['pos_gt'], jnt_missing=missing)
        savemat(path, columns | dict(headboxes_src=entry['headboxes']))
        values = _evaluate(
            'MpiiPCKhMetric',
            samples,
            gt_file=str(path),
            thresholds=PUBLISHED_THRESHOLDS,
        )
    entry.check('values', 100 * np.array(list(values.values())))


@drives('posedual', 'aic_eval')
def aic_eval(entry: Entry) -> None:
    truth: dict[int, dict] = {}
    samples = []
    for row, image in enumerate(entry['image_index'].tolist()):
        joints = entry['gt_keypoints'][row].reshape(14, 3)
        item = dict(image_id=str(image), human_annotations={}, keypoint_annotations={})
        item = truth.setdefault(image, item)
        item['human_annotations'][f'human{row}'] = entry['gt_box'][row].tolist()
        item['keypoint_annotations'][f'human{row}'] = joints.ravel().tolist()
        # The head box is given apart, yet spans just these two joints.
        np.testing.assert_array_equal(joints[12:, :2], entry['headboxes'][row])
        samples.append(
            dict(
                id=row,
                img_path=f'{image}.jpg',
                pred_instances=_predicted(entry['preds'][row, None]),
                gt_instances=dict(
                    keypoints=joints[None, :, :2],
                    keypoints_visible=entry['jnt_labeled'][row, None],
                ),
            )
        )
    values = _evaluate(
        'AicMetric', samples, list(truth.values()), thresholds=PUBLISHED_THRESHOLDS
    )
    precision = values.pop('AP')
    entry.check('values', [*(100 * np.array(list(values.values()))), precision])


def _predicted(joints: np.ndarray) -> dict:
    assert joints.shape[1] > max(union_indices('coco')), 'in the order of the union'
    return dict(keypoints=joints[..., :2], keypoint_scores=joints[..., 2])


def _evaluate(metric: str, samples: list[dict], truth=None, **options) -> dict:
    """Values of a metric by name without prefix, in order."""
    with tempfile.TemporaryDirectory() as folder:
        if truth is not None:
            path = Path(folder, 'truth.json')
            path.write_text(json.dumps(truth))
            options['ann_file'] = str(path)
        built = METRICS.build(dict(type=f'ssltoolbox.{metric}', **options))
        built.dataset_meta = {}
        built.process({}, samples)
        values = built.evaluate(len(samples))
    return {name.split('/')[1]: value for name, value in values.items()}
