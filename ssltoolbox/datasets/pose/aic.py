"""AI Challenger keypoints: people with 14 joints, from the original JSON files."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from ssltoolbox.datasets.coco_file import without_gc
from ssltoolbox.datasets.pose.base import FileIds, TopdownPoseDataset
from ssltoolbox.registry import DATASETS
from ssltoolbox.utils.digest import name_id
from ssltoolbox.utils.json_file import read_json

NUM_JOINTS = 14
UNLABELLED = 3
"""Visibility flag of a joint without a label; 1 is visible, 2 occluded."""


class Person(NamedTuple):
    """A person of AI Challenger.

    Args:
        image: Name of the image without ``.jpg``.
        box: x1, y1, x2, y2 in pixels.
        keypoints: (14, 3): x, y and flag 1, 2 or 3.
    """

    image: str
    box: tuple[float, float, float, float]
    keypoints: np.ndarray


@DATASETS.register_module()
class AicPoseDataset(TopdownPoseDataset):
    """AI Challenger as published, one record per person.

    A record's ``id`` is its place in the file, from 0. Visible and occluded joints
    are both labelled. mmpose's conversion to the style of COCO is read by
    ``ssltoolbox.CocoPoseDataset``.

    Args:
        subset: ``'train'`` or ``'validation'``: stands for
            ``<subset>/keypoint_<subset>_annotation.json``.
        ann_file: A file instead of ``subset``, relative to ``data_root``.
        data_prefix: Folder of the images below ``data_root``; with a ``subset``,
            ``<subset>/images`` by default.
        kwargs: Fields of :class:`~ssltoolbox.datasets.pose.base.TopdownPoseDataset`,
            such as ``data_root``, and ``metainfo`` of the union.

    Source: Wu et al., 2017, arXiv 1711.06475; as used by PoseDual (Xie et al., ICCV
    2021, arXiv 2011.12498).

    Raises:
        FileNotFoundError: The data root or the file is absent.
        ValueError: The file is of another kind, or an entry is wrong.
    """

    LAYOUT_NAME = 'aic'
    HINT = (
        'Get the keypoint data of AI Challenger and rename its files so that '
        '<data_root>/train/keypoint_train_annotation.json (published as '
        'keypoint_train_annotations_20170902.json) and <data_root>/train/images/*.jpg '
        'exist, the same for validation.'
    )

    def __init__(
        self,
        subset: Literal['train', 'validation'] | None = None,
        ann_file: str = '',
        data_prefix: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        known = subset in ('train', 'validation')
        if known == bool(ann_file) or (subset and not known):
            raise ValueError(
                "AicPoseDataset needs subset='train' or 'validation', or an ann_file, "
                f'got subset={subset!r} and ann_file={ann_file!r}'
            )
        super().__init__(
            ann_file=ann_file or f'{subset}/keypoint_{subset}_annotation.json',
            data_prefix=data_prefix or dict(img=f'{subset}/images' if subset else ''),
            **kwargs,
        )

    @classmethod
    def ids_in_file(cls, path: str | Path) -> FileIds:
        """List the ids of the images, which are made from their names."""
        return dict(image_id=[name_id(person.image) for person in read_aic(path)])

    def load_data_list(self) -> list[dict[str, Any]]:
        """Make a record of every person, in the order of the file."""
        self._require_root()
        with without_gc():
            people = enumerate(read_aic(self.ann_file, self.HINT))
            # of a box without area there is no crop
            return [self._record(*item) for item in people if _has_area(item[1])]

    def _record(self, place: int, person: Person) -> dict[str, Any]:
        x1, y1, x2, y2 = person.box
        return self._instance(
            place,
            name_id(person.image),
            os.path.join(self.data_prefix['img'], f'{person.image}.jpg'),
            person.box,
            person.keypoints[:, :2],
            person.keypoints[:, 2] < UNLABELLED,
            area=float((x2 - x1) * (y2 - y1)),
        )


def _has_area(person: Person) -> bool:
    x1, y1, x2, y2 = person.box
    return x2 > x1 and y2 > y1


def read_aic(path: str | Path, hint: str = AicPoseDataset.HINT) -> list[Person]:
    """Read and check an original annotation file of AI Challenger.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is of another kind, or an entry is wrong.
    """
    content = read_json(path, 'AI Challenger annotation file', hint)
    if not isinstance(content, list) or not content:
        raise ValueError(
            f'{path} is not an annotation file of AI Challenger: expected a list of '
            'images with image_id, human_annotations and keypoint_annotations, got '
            f'{type(content).__name__} of {len(content)}. A COCO-style file is read '
            'by ssltoolbox.CocoPoseDataset.'
        )
    people = [
        p for place, image in enumerate(content) for p in _people(image, place, path)
    ]
    if not people:
        raise ValueError(
            f'{path}: none of {len(content)} images shows a person. {hint}'
        )
    return people


def _people(image: Any, place: int, path: str | Path) -> Iterator[Person]:
    names = ('image_id', 'human_annotations', 'keypoint_annotations')
    missing = [n for n in names if not isinstance(image, dict) or n not in image]
    if missing:
        raise ValueError(f'{path}: image {place} lacks {", ".join(missing)}.')
    name, boxes, joints = (image[key] for key in names)
    where = f'{path}: image {name}'
    if boxes.keys() != joints.keys():
        odd = sorted(boxes.keys() ^ joints.keys())
        raise ValueError(f'{where} has a box or joints, but not both, for {odd}.')
    for human, box in boxes.items():
        if len(joints[human]) != 3 * NUM_JOINTS:
            raise ValueError(
                f'{where}: {human} has {len(joints[human]) / 3:g} joints, expected '
                f'{NUM_JOINTS} with x, y and flag each.'
            )
        yield _person(name, box, joints[human], f'{where}: {human}')


def _person(name: str, box: list, joints: list, where: str) -> Person:
    try:
        corners = np.array(box, np.float64)
        keypoints = np.array(joints, np.float64).reshape(NUM_JOINTS, 3)
        fine = np.isfinite(corners).all() and np.isfinite(keypoints).all()
        fine = (
            fine and corners.shape == (4,) and np.isin(keypoints[:, 2], (1, 2, 3)).all()
        )
    except (TypeError, ValueError):
        fine = False
    if not fine:
        raise ValueError(
            f'{where} has the box {box} and the joints {joints}; expected x1, y1, x2, '
            'y2, and x, y and a flag 1, 2 or 3 for each joint.'
        )
    x1, y1, x2, y2 = corners.tolist()
    return Person(name, (x1, y1, x2, y2), keypoints)
