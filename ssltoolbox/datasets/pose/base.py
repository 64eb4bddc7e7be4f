"""What the readers of keypoint files have in common."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from mmengine.dataset import BaseDataset

from ssltoolbox.datasets.coco_file import release_memory
from ssltoolbox.datasets.pose.metainfo import resolve_metainfo

from mmpose.datasets.datasets.base import BaseCocoStyleDataset  # isort: skip

LAYOUT = ('dataset_name', 'upper_body_ids', 'lower_body_ids', 'flip_pairs',
          'dataset_keypoint_weights', 'flip_indices', 'skeleton_links')  # fmt: skip
"""What transforms and networks read of the keypoint layout, as in mmpose."""

FileIds = dict[str, list[int]]


class TopdownPoseDataset(BaseCocoStyleDataset):
    """One instance per record, from a file that says what is wrong with it.

    A subclass reads its format in ``load_data_list``, and says in ``ids_in_file``
    which images and annotations a file of it holds.

    Args:
        ann_file: Annotation file, relative to ``data_root``.
        kwargs: Fields of mmpose's ``BaseCocoStyleDataset``, such as ``data_root``,
            ``data_prefix``, ``metainfo``, ``pipeline`` and ``test_mode``.
    """

    HINT: ClassVar[str] = 'Check data_root and ann_file of the dataset.'
    LAYOUT_NAME: ClassVar[str] = ''
    """Layout of mmpose to take where ``metainfo`` is not given."""

    def __init__(self, ann_file: str = '', **kwargs: Any) -> None:
        if kwargs.get('data_mode', 'topdown') != 'topdown':
            raise ValueError(
                f'{type(self).__name__} reads one instance per record. For whole '
                "images use mmpose's own dataset."
            )
        super().__init__(ann_file=ann_file, **kwargs)

    @classmethod
    def _load_metainfo(cls, metainfo: dict | None = None) -> dict:
        metainfo = metainfo or cls.METAINFO
        if not metainfo and cls.LAYOUT_NAME:
            metainfo = dict(from_file=f'configs/_base_/datasets/{cls.LAYOUT_NAME}.py')
        if not metainfo:
            raise ValueError(
                f'{cls.__name__} needs the keypoint layout: pass metainfo=dict('
                "from_file='<file>.py')"
            )
        return super()._load_metainfo(resolve_metainfo(metainfo))

    @classmethod
    def ids_in_file(cls, path: str | Path) -> FileIds:
        """List the ``image_id`` and the ``annotation_id`` of everything in a file.

        Ids that only count the entries of their file, and so mean nothing outside of
        it, are left out.
        """
        raise NotImplementedError

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

    def _require_root(self) -> None:
        if self.data_root and not Path(self.data_root).is_dir():
            raise FileNotFoundError(
                f'data root {Path(self.data_root).absolute()} does not exist. '
                f'{self.HINT}'
            )


def instance_record(
    id_: int,
    img_id: int,
    img_path: str,
    box: tuple[float, ...],
    keypoints: np.ndarray,
    visible: np.ndarray,
    area: float,
    category_id: int = 1,
) -> dict[str, Any]:
    """Make the record of an annotated instance, with the fields of mmpose's.

    Args:
        id_: Id of the annotation.
        img_id: Id of the image.
        img_path: Its file.
        box: x1, y1, x2, y2 in image pixels.
        keypoints: (K, 2) in image pixels.
        visible: (K,), 1 where there is a label, else 0.
        area: Of the instance, in square pixels.
        category_id: Its category.
    """
    visible = np.array(visible, np.float32)[None]
    return dict(
        id=id_,
        img_id=img_id,
        img_path=img_path,
        bbox=np.array([box], np.float32),
        bbox_score=np.ones(1, np.float32),
        num_keypoints=int(np.count_nonzero(visible)),
        keypoints=np.array(keypoints, np.float32)[None],
        keypoints_visible=visible,
        area=area,
        iscrowd=0,
        category_id=category_id,
    )
