"""What the readers of keypoint files have in common."""

from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from mmengine.dataset import BaseDataset

from ssltoolbox.datasets.coco_file import release_memory
from ssltoolbox.datasets.pose.metainfo import resolve_metainfo
from ssltoolbox.datasets.pose.union import UNION_JOINTS, union_indices

from mmpose.datasets.datasets.base import BaseCocoStyleDataset  # isort: skip

LAYOUT = ('dataset_name', 'upper_body_ids', 'lower_body_ids', 'flip_pairs',
          'dataset_keypoint_weights', 'flip_indices', 'skeleton_links')  # fmt: skip
"""What transforms and networks read of the keypoint layout, as in mmpose."""

UNION = 'person_union'
"""Name of the layout of the union, see ``person_union.py`` in this folder."""

FileIds = dict[str, list[int]]


class LayoutDataset(BaseCocoStyleDataset):
    """A keypoint data set of mmpose that finds its layout, and is light on memory."""

    HINT: ClassVar[str] = 'Check data_root and ann_file of the dataset.'
    LAYOUT_NAME: ClassVar[str] = ''
    """Layout of every file of this format, and the default of ``metainfo``."""

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


class TopdownPoseDataset(LayoutDataset):
    """One instance per record, from a file that says what is wrong with it.

    A subclass reads its format in ``load_data_list``, and says in ``ids_in_file``
    which images and annotations a file of it holds.

    Args:
        ann_file: Annotation file, relative to ``data_root``.
        file_layout: Layout of the joints in the file, ``'coco'``, ``'mpii'`` or
            ``'aic'``, where ``metainfo`` is that of their union (``from_file=
            'configs/_base_/datasets/person_union.py'``): joints are moved to their
            places in the union, those that the file lacks are at 0 with visibility 0.
            None: the file has the joints of ``metainfo``.
        kwargs: Fields of mmpose's ``BaseCocoStyleDataset``, such as ``data_root``,
            ``data_prefix``, ``metainfo``, ``pipeline`` and ``test_mode``.

    Raises:
        ValueError: The joints of the file have no place in ``metainfo``.
    """

    def __init__(
        self, ann_file: str = '', file_layout: str | None = None, **kwargs: Any
    ) -> None:
        if kwargs.get('data_mode', 'topdown') != 'topdown':
            raise ValueError(
                f'{type(self).__name__} reads one instance per record. For whole '
                "images use mmpose's own dataset."
            )
        self.file_layout = file_layout or self.LAYOUT_NAME
        super().__init__(ann_file=ann_file, **kwargs)

    @cached_property
    def _places(self) -> list[int] | None:
        """Place of each joint of the file in a record, None where they are equal."""
        asked = self._metainfo['dataset_name']
        if not self.file_layout or asked == self.file_layout:
            return None
        if asked != UNION:
            raise ValueError(
                f'{type(self).__name__} reads the joints of {self.file_layout!r} and '
                f'cannot give those of {asked!r}: choose the metainfo of the file, or '
                "the union, dict(from_file='configs/_base_/datasets/person_union.py')."
            )
        return union_indices(self.file_layout)

    @property
    def joints_in_file(self) -> int:
        """How many joints an instance of the file must have."""
        return len(self._places or range(self._metainfo['num_keypoints']))

    @classmethod
    def ids_in_file(cls, path: str | Path) -> FileIds:
        """List the ``image_id`` and the ``annotation_id`` of everything in a file.

        Ids that only count the entries of their file, and so mean nothing outside of
        it, are left out.
        """
        raise NotImplementedError

    def _instance(
        self,
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
            keypoints: (K, 2) in image pixels, in the order of the file.
            visible: (K,), 1 where there is a label, else 0.
            area: Of the instance, in square pixels.
            category_id: Its category.
        """
        labels = np.concatenate([keypoints, visible[:, None]], axis=1)
        labels = labels.astype(np.float32)
        if self._places is not None:
            labels = to_union(labels, self._places, axis=0)
        return dict(
            id=id_,
            img_id=img_id,
            img_path=img_path,
            bbox=np.array([box], np.float32),
            bbox_score=np.ones(1, np.float32),
            num_keypoints=int(np.count_nonzero(labels[:, 2])),
            keypoints=labels[None, :, :2].copy(),
            keypoints_visible=labels[None, :, 2].copy(),
            area=area,
            iscrowd=0,
            category_id=category_id,
        )


def to_union(values: np.ndarray, places: list[int], axis: int) -> np.ndarray:
    """Move the entries of joints along an axis to the places of the union; else 0.

    Args:
        values: Anything by joint.
        places: As of :func:`~ssltoolbox.datasets.pose.union.union_indices`.
        axis: The axis of the joints.
    """
    shape = list(values.shape)
    shape[axis] = len(UNION_JOINTS)
    spread = np.zeros(shape, values.dtype)
    spread[(slice(None),) * axis + (places,)] = values
    return spread
