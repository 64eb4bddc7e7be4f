"""MPII Human Pose: people with 16 joints, from the usual JSON files."""

import os
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ssltoolbox.datasets.box_file import numbered_image
from ssltoolbox.datasets.coco_file import without_gc
from ssltoolbox.datasets.pose.base import FileIds, TopdownPoseDataset
from ssltoolbox.registry import DATASETS
from ssltoolbox.utils.digest import name_id
from ssltoolbox.utils.json_file import read_json

NUM_JOINTS = 16
SIDE = 200.0
"""Side in px of the box of a person of scale 1."""


@DATASETS.register_module()
class MpiiPoseDataset(TopdownPoseDataset):
    """MPII in the format of simple baselines, one record per person.

    Pixels of the file are counted from 1, those of the records from 0. A record's
    ``id`` is its place in the file, from 0: the row of ``gt_validation.mat``.

    Args:
        subset: ``'train'`` or ``'validation'``: ``annot/<subset>.json``; validation
            is also found as ``annot/valid.json``.
        ann_file: A file instead of ``subset``, relative to ``data_root``.
        data_prefix: Folder of the images below ``data_root``.
        kwargs: Fields of :class:`~ssltoolbox.datasets.pose.base.TopdownPoseDataset`,
            such as ``data_root``, and ``metainfo`` of the union.

    Source: Andriluka et al., CVPR 2014; as used by PoseDual (Xie et al., ICCV 2021,
    arXiv 2011.12498): boxes are moved down by 15 px at scale 1, so that crops of
    1.25 times their size hold the feet.

    Raises:
        FileNotFoundError: The data root or the file is absent.
        ValueError: The file is of another kind, or an entry is wrong.
    """

    LAYOUT_NAME = 'mpii'
    HINT = (
        'Get the images from http://human-pose.mpi-inf.mpg.de and the JSON files of '
        'simple baselines, so that <data_root>/annot/train.json, '
        '<data_root>/annot/validation.json (or its usual name valid.json) and '
        '<data_root>/images/015601864.jpg exist.'
    )

    def __init__(
        self,
        subset: Literal['train', 'validation'] | None = None,
        ann_file: str = '',
        data_prefix: dict[str, str] = dict(img='images'),  # noqa: B006
        **kwargs: Any,
    ) -> None:
        if bool(ann_file) == bool(subset) or subset not in (
            *(None, ''),
            *('train', 'validation'),
        ):
            raise ValueError(
                "MpiiPoseDataset needs subset='train' or 'validation', or an ann_file, "
                f'got subset={subset!r} and ann_file={ann_file!r}'
            )
        if not ann_file:
            ann_file = f'annot/{subset}.json'
            root, usual = Path(kwargs.get('data_root') or ''), 'annot/valid.json'
            if subset == 'validation' and not (root / ann_file).exists():
                ann_file = usual if (root / usual).exists() else ann_file
        super().__init__(ann_file=ann_file, data_prefix=data_prefix, **kwargs)

    @classmethod
    def ids_in_file(cls, path: str | Path) -> FileIds:
        """List the ids of the images, which are the numbers in their names."""
        return dict(image_id=[image_id(entry['image']) for entry in read_mpii(path)])

    def load_data_list(self) -> list[dict[str, Any]]:
        """Make a record of every person, in the order of the file."""
        self._require_root()
        with without_gc():
            entries = read_mpii(self.ann_file, self.HINT)
        return [self._record(*item) for item in enumerate(entries)]

    def _record(self, place: int, entry: dict) -> dict[str, Any]:
        (x, y), side = entry['center'], SIDE * entry['scale']
        if x == -1:
            # nobody knows where: the crop is as small as it was published
            side /= 1.25
        else:
            y += 15 * entry['scale']
        center = np.array([x, y]) - 1
        half = np.full(2, side / 2)
        return self._instance(
            place,
            image_id(entry['image']),
            os.path.join(self.data_prefix['img'], entry['image']),
            (*(center - half), *(center + half)),
            np.array(entry['joints'], np.float64) - 1,
            np.array(entry['joints_vis']) > 0,
            area=0.53 * side**2,
        )


def image_id(name: str) -> int:
    """Number in the name of an image; another name is hashed."""
    number = numbered_image(name)
    return name_id(name) if number is None else number


def read_mpii(path: str | Path, hint: str = MpiiPoseDataset.HINT) -> list[dict]:
    """Read and check a file of MPII as simple baselines have it.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is of another kind, or an entry is wrong.
    """
    entries = read_json(path, 'MPII annotation file', hint)
    if not isinstance(entries, list) or not entries:
        raise ValueError(
            f'{path} is not an MPII annotation file: expected a list of persons with '
            f'image, center, scale, joints and joints_vis, got {type(entries).__name__}'
            f' of {len(entries)}. A COCO-style file is read by '
            'ssltoolbox.CocoPoseDataset.'
        )
    for place, entry in enumerate(entries):
        problem = _problem(entry)
        if problem:
            raise ValueError(f'{path}: person {place} {problem}. {hint}')
    return entries


def _problem(entry: Any) -> str:
    names = ('image', 'center', 'scale', 'joints', 'joints_vis')
    missing = [n for n in names if not isinstance(entry, dict) or n not in entry]
    if missing:
        return f'lacks {", ".join(missing)}'
    joints, visible = entry['joints'], entry['joints_vis']
    if len(joints) != NUM_JOINTS or len(visible) != NUM_JOINTS:
        return (
            f'has {len(joints)} joints and {len(visible)} visibilities, expected '
            f'{NUM_JOINTS} of both'
        )
    try:
        numbers = [*entry['center'], entry['scale'], *visible, *sum(joints, [])]
        finite = np.isfinite(np.array(numbers, np.float64)).all()
    except (TypeError, ValueError):
        finite = False
    if not finite or len(numbers) != 3 + 3 * NUM_JOINTS:
        return 'has a center, scale or joint that is no finite number'
    return ''
