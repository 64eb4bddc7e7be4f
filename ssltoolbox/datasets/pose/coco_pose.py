"""One record per animal or person from a checked COCO-style keypoint file."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dataset import BaseDataset

from ssltoolbox.datasets.coco_file import (
    read_coco,
    release_memory,
    select_categories,
    usable_instances,
    without_gc,
)
from ssltoolbox.datasets.pose.metainfo import resolve_metainfo
from ssltoolbox.registry import DATASETS

from mmpose.datasets.datasets.base import BaseCocoStyleDataset  # isort: skip

LAYOUT = ('dataset_name', 'upper_body_ids', 'lower_body_ids', 'flip_pairs',
          'dataset_keypoint_weights', 'flip_indices', 'skeleton_links')  # fmt: skip
"""What transforms and networks read of the keypoint layout, as in mmpose."""


@DATASETS.register_module()
class CocoPoseDataset(BaseCocoStyleDataset):
    """Top-down keypoint data set that says what is wrong with its file.

    Records are those of mmpose, box for box as in ScarceNet (Li & Lee, CVPR 2023,
    arXiv 2303.15023), see :func:`~ssltoolbox.datasets.coco_file.usable_box`.

    Args:
        ann_file: Annotation file, relative to ``data_root``.
        species: Keep the images that show one of these categories; all annotated
            instances of those images stay. Empty keeps every image.
        families: The same by super-category; adds to ``species``.
        kwargs: Fields of mmpose's ``BaseCocoStyleDataset``, such as ``data_root``,
            ``data_prefix``, ``metainfo``, ``pipeline`` and ``test_mode``.

    Raises:
        FileNotFoundError: The data root or the annotation file is absent.
        ValueError: The file is damaged, or nothing usable is in it.
    """

    HINT = 'Check data_root and ann_file of the dataset.'

    def __init__(
        self,
        ann_file: str = '',
        species: Sequence[str] = (),
        families: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        if kwargs.get('data_mode', 'topdown') != 'topdown' or kwargs.get('bbox_file'):
            raise ValueError(
                f'{type(self).__name__} reads one instance per record with its '
                'annotated box. For detected boxes use ssltoolbox.UnlabelledImages, '
                "for whole images mmpose's own dataset."
            )
        self.species, self.families = species, families
        super().__init__(ann_file=ann_file, **kwargs)

    @classmethod
    def _load_metainfo(cls, metainfo: dict | None = None) -> dict:
        metainfo = metainfo or cls.METAINFO
        if not metainfo:
            raise ValueError(
                f'{cls.__name__} needs the keypoint layout: pass metainfo=dict('
                "from_file='<file>.py')"
            )
        return super()._load_metainfo(resolve_metainfo(metainfo))

    def full_init(self) -> None:
        """Load the records, then hand back the memory that parsing needed."""
        if not self._fully_initialized:
            super().full_init()
            release_memory()

    def get_data_info(self, idx: int) -> dict[str, Any]:
        """Return a record and the keypoint layout, which all records share."""
        # mmpose copies the layout each time, which takes longer than to crop an image
        record = BaseDataset.get_data_info(self, idx)
        return record | {key: self._metainfo[key] for key in LAYOUT}

    def load_data_list(self) -> list[dict[str, Any]]:
        """Read the records of the usable instances, in the order of the file."""
        if self.data_root and not Path(self.data_root).is_dir():
            raise FileNotFoundError(
                f'data root {Path(self.data_root).absolute()} does not exist. '
                f'{self.HINT}'
            )
        coco = read_coco(self.ann_file, self.metainfo['num_keypoints'], hint=self.HINT)
        self._metainfo['CLASSES'] = coco['categories']
        count = len(coco['annotations'])
        self._keep_selected(coco)
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
        keypoints = np.array(annotation['keypoints'], np.float32).reshape(1, -1, 3)
        visible = np.minimum(1, keypoints[..., 2])
        record = dict(
            id=annotation['id'],
            img_id=image['id'],
            img_path=os.path.join(self.data_prefix['img'], image['file_name']),
            bbox=np.array([box], np.float32),
            bbox_score=np.ones(1, np.float32),
            num_keypoints=int(np.count_nonzero(visible)),
            keypoints=keypoints[..., :2].copy(),
            keypoints_visible=visible,
            area=float(annotation.get('area', 0) or _box_area(box)),
            iscrowd=0,
            category_id=annotation.get('category_id', 1),
        )
        if self.test_mode:
            # Metrics without a file of their own take the ground truth from here.
            record['raw_ann_info'] = annotation
        return record


def _box_area(box: tuple) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
