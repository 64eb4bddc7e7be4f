"""Average precision of keypoints, as plain functions on COCO dictionaries."""

import contextlib
import io
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from xtcocotools.coco import COCO
from xtcocotools.cocoeval import COCOeval

import ssltoolbox.registry  # noqa: F401  prepares the import of mmpose

# isort: split
from mmpose.evaluation.functional import oks_nms

STAT_NAMES = 'AP AP50 AP75 AP_M AP_L AR AR50 AR75 AR_M AR_L'.split()
"""In the order of ``COCOeval.stats``; M and L are medium and large objects."""


def instance_scores(
    keypoint_scores: np.ndarray, box_scores: np.ndarray, min_score: float = 0.2
) -> np.ndarray:
    """Score each instance by its confident joints.

    Args:
        keypoint_scores: Joint confidences, (N, K).
        box_scores: Scores of the boxes, (N,).
        min_score: Joints count when their confidence is above this value.

    Returns:
        Box score times the mean confidence of the counting joints, (N,);
        0 where no joint counts.
    """
    counts = keypoint_scores > min_score
    total = np.where(counts, keypoint_scores, 0).sum(axis=1, dtype=np.float64)
    return box_scores * total / np.maximum(counts.sum(axis=1), 1)


def select_detections(
    detections: Sequence[dict],
    sigmas: np.ndarray,
    min_score: float = 0.2,
    max_oks: float = 0.9,
) -> list[dict]:
    """Drop repeated detections, rescore, and suppress near-copies per image.

    Args:
        detections: Dicts with ``id`` (of the box), ``image_id``, ``category_id``,
            ``keypoints`` (K, 3) as x, y in image px and confidence, ``area`` in
            px^2 (of the box that was cropped) and optionally ``box_score``.
        sigmas: Spread of each joint as a share of the object's size, (K,).
        min_score: See :func:`instance_scores`.
        max_oks: A detection is dropped when a better one of the same image, of
            whatever category, is more similar than this.

    Returns:
        The detections kept, with ``score``, by image in order of appearance.
    """
    by_image = defaultdict(dict)
    for detection in detections:
        # Samples that pad the last distributed batch come twice.
        by_image[detection['image_id']].setdefault(detection['id'], detection)
    kept = []
    for boxes in by_image.values():
        instances = [dict(boxes[key]) for key in sorted(boxes)]
        confidences = np.stack([item['keypoints'][:, 2] for item in instances])
        box_scores = np.array([item.get('box_score', 1.0) for item in instances])
        scores = instance_scores(confidences, box_scores, min_score)
        for item, score in zip(instances, scores, strict=True):
            item['score'] = float(score)
        kept += [instances[i] for i in oks_nms(instances, max_oks, np.asarray(sigmas))]
    return kept


def _coco(ground_truth: dict, merge_categories: bool) -> COCO:
    """Index the ground truth on copies, since COCOeval writes into it."""
    annotations = []
    for number, annotation in enumerate(ground_truth['annotations'], start=1):
        # Own ids: those of joined data sets may repeat.
        copy = {**annotation, 'id': number, 'iscrowd': annotation.get('iscrowd', 0)}
        copy['category_id'] = 1 if merge_categories else copy.get('category_id', 1)
        annotations.append(copy)
    categories = sorted({annotation['category_id'] for annotation in annotations})
    coco = COCO()
    coco.dataset = {
        'images': ground_truth['images'],
        'annotations': annotations,
        # A category without ground truth has no average precision.
        'categories': [{'id': category} for category in categories],
    }
    coco.createIndex()
    return coco


def _run(
    ground_truth: dict,
    detections: Sequence[dict],
    sigmas: np.ndarray,
    use_area: bool,
    merge_categories: bool = False,
) -> COCOeval:
    """Run COCOeval without its printed tables."""
    results = [
        {
            'image_id': item['image_id'],
            'category_id': 1 if merge_categories else item['category_id'],
            'keypoints': np.asarray(item['keypoints'], np.float64).ravel().tolist(),
            'score': item['score'],
            # COCOeval sorts by the area of this, and else by that of the joints.
            **({'bbox': item['bbox']} if 'bbox' in item else {}),
        }
        for item in detections
    ]
    with contextlib.redirect_stdout(io.StringIO()):
        coco = _coco(ground_truth, merge_categories)
        evaluation = COCOeval(
            coco, coco.loadRes(results), 'keypoints', np.asarray(sigmas), use_area
        )
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation


def evaluate_keypoints(
    ground_truth: dict,
    detections: Sequence[dict],
    sigmas: np.ndarray,
    use_area: bool = True,
) -> tuple[dict[str, float], dict[int, float]]:
    """Average precision over species, and over all instances as one species.

    A detection competes within the category it carries, which for ground-truth
    boxes is the category of the box. ``AP`` and its kin are means over the
    categories that have ground truth, as published for AP-10K;
    ``AP_instance`` lets all instances compete together, so that a species counts
    by its number of animals. A value without any ground truth is -1.

    Args:
        ground_truth: COCO dictionary with ``images`` and ``annotations``. The
            images listed are the ones evaluated.
        detections: Scored detections, see :func:`select_detections`. Those that match
            no annotation are medium or large by their ``bbox`` (x, y, width, height
            in image px), which all or none have; else by the extent of their joints.
        sigmas: Spread of each joint as a share of the object's size, (K,).
        use_area: Take the object's size from ``area``; else 0.53 of its box.

    Returns:
        The values of :data:`STAT_NAMES` and ``AP_instance`` in 0..1, and the AP
        of each category that has ground truth by category id.

    Raises:
        ValueError: If ``use_area`` is set and an annotation has no ``area``.
    """
    for annotation in ground_truth['annotations'] if use_area else ():
        if 'area' not in annotation:
            raise ValueError(
                f'An annotation of image {annotation["image_id"]} has no area: add it '
                'to the file, or set use_area=False to take 0.53 of the box.'
            )
    evaluation = _run(ground_truth, detections, sigmas, use_area)
    stats = dict(zip(STAT_NAMES, map(float, evaluation.stats), strict=True))
    merged = _run(ground_truth, detections, sigmas, use_area, merge_categories=True)
    stats['AP_instance'] = float(merged.stats[0])
    per_category = {}
    for index, category in enumerate(evaluation.params.catIds):
        values = evaluation.eval['precision'][:, :, index, 0, -1]
        if (values > -1).any():
            per_category[int(category)] = float(values[values > -1].mean())
    return stats, per_category
