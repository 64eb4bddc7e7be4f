"""Average precision per species, as a metric of the runner."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from ssltoolbox.datasets.coco_file import read_coco
from ssltoolbox.datasets.pose.union import pose_layout
from ssltoolbox.evaluation.coco_keypoints import (
    STAT_NAMES,
    evaluate_keypoints,
    select_detections,
)
from ssltoolbox.evaluation.detections import read_detections
from ssltoolbox.evaluation.own_joints import own_joints
from ssltoolbox.registry import METRICS

_ANNOTATION_KEYS = ('image_id', 'category_id', 'bbox', 'area', 'keypoints', 'iscrowd')


@METRICS.register_module()
class KeypointAPMetric(BaseMetric):
    """COCO keypoint AP of a top-down network, averaged over species.

    Evaluated as published for AP-10K: the category of a detection is the one of its
    ground-truth box, and AP is the mean over the categories with ground truth, so
    that rare species weigh as much as common ones. ``AP_instance`` lets all
    instances compete together.

    Only images that were evaluated count, so that a data set restricted to some
    species or ids is measured on those alone. Without ``ann_file`` only annotations
    that were evaluated count: choose this where a data set drops instances of an
    image. With it, all annotations of those images count, and those that COCO
    ignores (crowds, no labelled joint) may excuse a detection, as published.

    A network that predicts the union of several data sets is measured on one of them
    by ``layout``. For COCO as published for PoseDual set ``layout='coco'``,
    ``detection_area='box'`` and ``ann_file``, with boxes of a detector also
    ``whole_file=True``.

    Args:
        ann_file: COCO annotation file; ``None`` takes the annotations from the
            samples (``raw_ann_info``).
        whole_file: Count images of ``ann_file`` without any detection as missed.
            Needed with boxes from a detector.
        use_area: Take the object's size from ``area``; else 0.53 of its box.
        min_score: Joints above this confidence make up the instance's score.
        max_oks: Detections more similar than this to a better one are dropped.
        per_category: Log a line per category, the worst first.
        layout: Evaluate the joints and sigmas of this data set, such as ``'coco'``,
            whatever more is predicted; ``None`` takes those of the data set tested.
        detection_area: What makes a detection without a match medium or large in
            ``AP_M`` and its kin: the extent of its ``'joints'``, or its ``'box'``.
        **kwargs: Those of :class:`mmengine.evaluator.BaseMetric`.

    Source: AP-10K (Yu et al., NeurIPS 2021 data sets track, arXiv 2108.12617), as
    used by ScarceNet (Li & Lee, CVPR 2023, arXiv 2303.15023); for people PoseDual
    (Xie et al., ICCV 2021, arXiv 2011.12498).

    Raises:
        ValueError: If samples lack what the evaluation needs.
    """

    default_prefix = 'coco'

    def __init__(
        self,
        ann_file: str | None = None,
        whole_file: bool = False,
        use_area: bool = True,
        min_score: float = 0.2,
        max_oks: float = 0.9,
        per_category: bool = False,
        layout: str | None = None,
        detection_area: Literal['joints', 'box'] = 'joints',
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        if whole_file and ann_file is None:
            raise ValueError('KeypointAPMetric: whole_file=True needs an ann_file.')
        if detection_area not in ('joints', 'box'):
            raise ValueError(
                "KeypointAPMetric: detection_area is 'joints' or 'box', got "
                f'{detection_area!r}.'
            )
        self.layout = layout
        self.detection_area = detection_area
        self.ann_file = ann_file
        self.whole_file = whole_file
        self.use_area = use_area
        self.min_score = min_score
        self.max_oks = max_oks
        self.per_category = per_category

    def process(self, data_batch: dict, data_samples: Sequence[dict]) -> None:
        """Keep the detections and, without ``ann_file``, their annotations."""
        for sample in data_samples:
            annotation = None if self.ann_file else self._annotation(sample)
            found = read_detections(sample, self.layout, self.detection_area == 'box')
            self.results.append(
                (int(sample['img_id']), sample['id'], found, annotation)
            )

    def _annotation(self, sample: dict) -> dict:
        """What the sample itself says of its truth."""
        given = sample.get('raw_ann_info')
        if given is None:
            raise ValueError(
                'KeypointAPMetric: a sample has no raw_ann_info; give '
                "ann_file, or 'raw_ann_info' in PackPoseInputs.meta_keys."
            )
        annotation = {key: given[key] for key in _ANNOTATION_KEYS if key in given}
        if self.layout and 'keypoints' in annotation:
            joints = np.reshape(annotation['keypoints'], (1, -1, 3))
            annotation['keypoints'] = own_joints(joints, self.layout).ravel().tolist()
        return annotation

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Evaluate all samples.

        Args:
            results: What :meth:`process` kept, of all processes.

        Returns:
            ``AP, AP50, AP75, AP_M, AP_L, AR, AR50, AR75, AR_M, AR_L, AP_instance``
            in 0..1, or -1 where there is no ground truth.
        """
        if not results:
            return dict.fromkeys([*STAT_NAMES, 'AP_instance'], -1.0)
        detections = [item for *_, found, _ in results for item in found]
        ground_truth = self._ground_truth(results)
        sigmas = self._sigmas(detections)
        kept = select_detections(detections, sigmas, self.min_score, self.max_oks)
        stats, by_category = evaluate_keypoints(
            ground_truth, kept, sigmas, self.use_area
        )
        print_log(
            f'Keypoint AP {stats["AP"]:.4f} (mean of {len(by_category)} categories), '
            f'AP_instance {stats["AP_instance"]:.4f}: {len(kept)} detections in '
            f'{len(ground_truth["images"])} images.',
            logger='current',
        )
        if self.per_category:
            print_log(self._table(by_category, ground_truth), logger='current')
        return stats

    def _sigmas(self, detections: list[dict]) -> np.ndarray:
        layout = pose_layout(self.layout) if self.layout else self.dataset_meta
        sigmas = np.asarray(layout.get('sigmas', []))
        if detections and len(sigmas) != len(detections[0]['keypoints']):
            raise ValueError(
                f'KeypointAPMetric: the data set names {len(sigmas)} sigmas for '
                f'{len(detections[0]["keypoints"])} keypoints; its metainfo must give '
                'one per keypoint.'
            )
        return sigmas

    def _ground_truth(self, results: list) -> dict:
        """Collect the annotations that count; see the class."""
        images = {image for image, *_ in results}
        if self.ann_file is None:
            annotations = {key: annotation for _, key, _, annotation in results}
            return {
                'images': [{'id': image} for image in sorted(images)],
                'annotations': list(annotations.values()),
            }
        content = read_coco(self.ann_file)
        known = {image['id'] for image in content['images']}
        if images - known:
            raise ValueError(
                f'KeypointAPMetric: image id {min(images - known)} was evaluated but '
                f'is not in {self.ann_file}; give the annotation file of this data set.'
            )
        images = known if self.whole_file else images
        return {
            'images': [{'id': image} for image in sorted(images)],
            'annotations': [
                a for a in content['annotations'] if a['image_id'] in images
            ],
            'categories': content['categories'],
        }

    def _table(self, by_category: dict[int, float], ground_truth: dict) -> str:
        """One line per category: name, AP, annotations."""
        categories = ground_truth.get('categories', self.dataset_meta.get('CLASSES'))
        names = {item['id']: item['name'] for item in categories or []}
        found = [
            int(item.get('category_id', 1)) for item in ground_truth['annotations']
        ]
        lines = ['AP by category (annotations):']
        for category in sorted(by_category, key=lambda c: by_category[c]):
            name = names.get(category, f'category {category}')
            count = found.count(category)
            lines.append(f'  {name:<24} {by_category[category]:7.4f}  ({count})')
        return '\n'.join(lines)
