"""One record per animal or person from a checked COCO-style keypoint file."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ssltoolbox.datasets.box_file import select_boxes
from ssltoolbox.datasets.coco_file import (
    read_coco,
    select_categories,
    usable_instances,
    without_gc,
)
from ssltoolbox.datasets.leaks.image_set import group_fields
from ssltoolbox.datasets.pose.base import FileIds, TopdownPoseDataset
from ssltoolbox.registry import DATASETS


@DATASETS.register_module()
class CocoPoseDataset(TopdownPoseDataset):
    """Top-down keypoint data set that says what is wrong with its file.

    Records are those of mmpose, box for box as in ScarceNet (Li & Lee, CVPR 2023,
    arXiv 2303.15023), see :func:`~ssltoolbox.datasets.coco_file.usable_box`.

    Args:
        ann_file: Annotation file, relative to ``data_root``.
        species: Keep the images that show one of these categories; all annotated
            instances of those images stay. Empty keeps every image.
        families: The same by super-category; adds to ``species``.
        bbox_file: As in mmpose: detections (COCO's list of results) that take the
            place of the annotated boxes in evaluation. Those of the categories of
            the annotation file are used.
        kwargs: Fields of :class:`~ssltoolbox.datasets.pose.base.TopdownPoseDataset`
            and mmpose's ``BaseCocoStyleDataset``, such as ``data_root``,
            ``data_prefix``, ``metainfo``, ``pipeline`` and ``test_mode``.

    Raises:
        FileNotFoundError: The data root or the annotation file is absent.
        ValueError: The file is damaged, or nothing usable is in it.
    """

    def __init__(
        self,
        ann_file: str = '',
        species: Sequence[str] = (),
        families: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        self.species, self.families = species, families
        super().__init__(ann_file=ann_file, **kwargs)

    @classmethod
    def ids_in_file(cls, path: str | Path) -> FileIds:
        """List the ids of the images and of the annotations."""
        content = read_coco(path)
        return dict(
            image_id=[image['id'] for image in content['images']],
            annotation_id=[entry['id'] for entry in content['annotations']],
        )

    def load_data_list(self) -> list[dict[str, Any]]:
        """Read the records of the usable instances, in the order of the file."""
        self._require_root()
        coco = read_coco(self.ann_file, self.joints_in_file, hint=self.HINT)
        self._metainfo['CLASSES'] = coco['categories']
        count = len(coco['annotations'])
        self._keep_selected(coco)
        if self.bbox_file:
            return self._detected(coco)
        with without_gc():
            # an entry is let go when its record is made: half of the peak memory
            records = [self._record(*found) for found in usable_instances(coco)]
        if not records:
            raise ValueError(
                f'{self.ann_file}: none of the {count} annotations can be used. An '
                'instance needs a box inside its image, a labelled keypoint, and a '
                'species or family that was asked for.'
            )
        return records

    def _keep_selected(self, coco: dict[str, Any]) -> None:
        images = coco['images']
        if self.species or self.families:
            wanted = select_categories(coco, self.species, self.families)
            shown = {
                annotation['image_id']
                for annotation in coco['annotations']
                if annotation['category_id'] in wanted
            }
            images = [image for image in images if image['id'] in shown]
        if self.sample_interval > 1:
            images = [i for i in images if i['id'] % self.sample_interval == 0]
        coco['images'] = images

    def _record(self, image: dict, annotation: dict, box: tuple) -> dict[str, Any]:
        keypoints = np.array(annotation['keypoints'], np.float32).reshape(-1, 3)
        record = self._instance(
            annotation['id'],
            image['id'],
            self._path(image),
            box,
            keypoints[:, :2],
            np.minimum(1, keypoints[:, 2]),
            area=float(annotation.get('area', 0) or _box_area(box)),
            category_id=annotation.get('category_id', 1),
        )
        record |= group_fields(image)
        if self.test_mode:
            # Metrics without a file of their own take the ground truth from here.
            record['raw_ann_info'] = annotation
        return record

    def _detected(self, coco: dict[str, Any]) -> list[dict[str, Any]]:
        """One record per detection, without keypoints."""
        by_id = {image['id']: image for image in coco['images']}
        categories = [category['id'] for category in coco['categories']]
        found = select_boxes(self.bbox_file, categories=categories)
        unknown = [box.img_id for box in found if box.img_id not in by_id]
        if unknown:
            raise ValueError(
                f'{self.bbox_file}: {len(unknown)} of {len(found)} boxes are on images '
                f'that {self.ann_file} does not have (first: image_id {unknown[0]}). '
                'Give the detections of the same images.'
            )
        nothing = np.zeros((self.joints_in_file, 3))
        records = []
        for box in found:
            record = self._instance(
                box.id,
                box.img_id,
                self._path(by_id[box.img_id]),
                box.corners,
                nothing[:, :2],
                nothing[:, 2],
                area=box.bbox[2] * box.bbox[3],
                category_id=box.category_id or categories[0],
            )
            record |= group_fields(by_id[box.img_id])
            records.append(record | dict(bbox_score=np.array([box.score], np.float32)))
        return records

    def _path(self, image: dict) -> str:
        return os.path.join(self.data_prefix['img'], image['file_name'])


def _box_area(box: tuple) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
