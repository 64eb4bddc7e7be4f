"""What the readers make of a file, and how the sources are mixed."""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from mmengine.config import Config

from ssltoolbox.datasets.pose.aic import AicPoseDataset
from ssltoolbox.datasets.pose.coco_pose import CocoPoseDataset
from ssltoolbox.datasets.pose.few_shot import FewShotPoseDataset
from ssltoolbox.datasets.pose.mpii import MpiiPoseDataset
from ssltoolbox.datasets.pose.union import UNION_JOINTS, union_indices
from ssltoolbox.datasets.pose.unlabelled import UnlabelledImages
from ssltoolbox.datasets.sampler import MultiSourceSampler
from ssltoolbox.registry import TRANSFORMS

from ..registry import drives
from ..scarcenet.parts import PIXEL_STD, ROOT
from ..vectors import Entry

LAYOUTS = {'coco': 'coco', 'mpii': 'mpii', 'ai_challenger': 'aic'}
UNION = dict(from_file='configs/_base_/datasets/person_union.py')
PADDING = 1.25
TALL = 3 / 4
"""Width over height of the crops of COCO in all published settings."""


@drives('posedual', 'union_mapping')
def union_mapping(entry: Entry) -> None:
    for key, layout in LAYOUTS.items():
        ours = np.full(len(UNION_JOINTS), -1)
        places = union_indices(layout)
        ours[places] = range(len(places))
        entry.check(key, ours)


@drives('posedual', 'box2cs')
def box2cs(entry: Entry) -> None:
    x, y, w, h = entry['boxes'].T
    records = [
        {'bbox': np.array([box])} for box in np.stack([x, y, x + w, y + h], axis=1)
    ]
    for key, aspect in (('scale_3x4', TALL), ('scale_1x1', 1.0)):
        center, scale = _crops(records, aspect)
        entry.check(key, scale)
        entry.check('center', center)


@drives('posedual', 'coco_parse')
def coco_parse(entry: Entry) -> None:
    with tempfile.TemporaryDirectory() as folder:
        records = _records(CocoPoseDataset(**_coco_file(entry, folder)))
    entry.check('rec_image_id', [record['img_id'] for record in records])
    _check(entry, records, TALL)


@drives('posedual', 'mpii_parse')
def mpii_parse(entry: Entry) -> None:
    columns = ('center_in', 'scale_in', 'joints_in', 'vis_in')
    content = [
        dict(
            image=f'{place}.jpg',
            center=center,
            scale=scale,
            joints=joints,
            joints_vis=vis,
        )
        for place, (center, scale, joints, vis) in enumerate(
            zip(*(entry[key].tolist() for key in columns), strict=True)
        )
    ]
    records = _read(
        content, lambda path: MpiiPoseDataset(ann_file=path, metainfo=UNION)
    )
    # the original widens the box itself, and its crops are square
    _check(entry, records, 1.0)


@drives('posedual', 'aic_parse')
def aic_parse(entry: Entry) -> None:
    people = zip(entry['boxes'].tolist(), entry['keypoints'].tolist(), strict=True)
    content = [
        dict(
            image_id=f'{place:040d}',
            human_annotations=dict(human1=box),
            keypoint_annotations=dict(human1=keypoints),
        )
        for place, (box, keypoints) in enumerate(people)
    ]
    records = _read(content, lambda path: AicPoseDataset(ann_file=path, metainfo=UNION))
    _check(entry, records, 1.0)


@drives('posedual', 'wild_parse')
def wild_parse(entry: Entry) -> None:
    columns = ('image_id', 'category_id', 'bbox', 'score')
    content = [
        dict(zip(columns, row, strict=True))
        for row in zip(*(entry[key].tolist() for key in columns), strict=True)
    ]

    def build(path: str) -> UnlabelledImages:
        folder = Path(path).parent
        names = [
            dict(id=i, file_name=f'{i}.jpg') for i in set(entry['image_id'].tolist())
        ]
        (folder / 'names.json').write_text(json.dumps(dict(images=names)))
        return UnlabelledImages(
            str(folder),
            UNION,
            boxes=path,
            image_names=str(folder / 'names.json'),
            min_score=entry.params['image_thre'],
            categories=(1,),
        )

    records = _read(content, build)
    entry.check('rec_image_id', [record['img_id'] for record in records])
    entry.check('rec_score', [record['bbox_score'][0] for record in records])
    center, scale = _crops(records, TALL)
    entry.check('center', center)
    entry.check('scale', scale)


@drives('posedual', 'mixed_sampling')
def mixed_sampling(entry: Entry) -> None:
    """Labelled persons are shuffled by us, and drawn with repeats by the original.

    So of its tables only the number of draws, and from how many, can be the same.
    """
    sizes = [entry[f'sizes_{name}'].tolist() for name in ('coco', 'wild', 'mpii_aic')]
    lengths = []
    for labelled, unlabelled in sizes:
        drawn = _draw(labelled, unlabelled, epoch=0)
        lengths.append(len(drawn[0]))
        assert len(drawn[0]) == len(drawn[1])
        assert np.unique(drawn[0]).size == labelled
        assert np.unique(drawn[1]).size == unlabelled
    entry.check('len', lengths)
    for epoch in (0, 1):
        key = f'data_ind_epoch{epoch}'
        ours, theirs = _draw(*sizes[0], epoch)[0], entry[key]
        assert theirs.max() < sizes[0][0] and ours.max() < sizes[0][0]
        entry.check(key, len(ours), expected=len(theirs))
    for key, config in (('coco', 'coco_posedual'), ('mpii_aic', 'mpii_aic')):
        file = ROOT / f'configs/_base_/datasets/{config}.py'
        weight = np.zeros((len(UNION_JOINTS), 1))
        weight[Config.fromfile(file).supervised_joints] = 1
        entry.check(f'unsup_weight_{key}', weight)
    _check_first_labelled(entry)


def _check_first_labelled(entry: Entry) -> None:
    """The first labelled persons, as far as another entry tells of their file."""
    parsed, theirs = entry.sibling('coco_parse.npz'), entry['first_labelled_images']
    assert len(theirs) == entry.params['train_len']
    known = min(len(parsed['rec_image_id']), len(theirs))
    for count in (1, known - 1):
        with tempfile.TemporaryDirectory() as folder:
            config = dict(
                type='ssltoolbox.CocoPoseDataset', **_coco_file(parsed, folder)
            )
            few = FewShotPoseDataset(config, labels=count)
        ours = [few.get_data_info(i)['img_id'] for i in range(len(few))]
        entry.check('first_labelled_images', ours, expected=theirs[:count])


class _Sizes:
    """Stands for a data set of two sources."""

    source_names = ('labelled', 'unlabelled')

    def __init__(self, *sizes: int) -> None:
        self.source_sizes = sizes

    def __len__(self) -> int:
        return sum(self.source_sizes)


def _draw(labelled: int, unlabelled: int, epoch: int) -> list[np.ndarray]:
    """What an epoch of pairs takes from either source."""
    sampler = MultiSourceSampler(
        _Sizes(labelled, unlabelled), batch_size=2, ratio=(1, 1), seed=0
    )
    sampler.set_epoch(epoch)
    drawn = np.array([draw.index for draw in sampler])
    return [drawn[drawn < labelled], drawn[drawn >= labelled] - labelled]


def _coco_file(entry: Entry, folder: str) -> dict:
    """Write the annotations of an entry, and give the fields of their reader."""
    width, height = entry.params['image_wh']
    columns = ('ann_image_id', 'ann_bbox', 'ann_area', 'ann_keypoints')
    rows = zip(*(entry[key].tolist() for key in columns), strict=True)
    content = dict(
        images=[
            dict(id=i, file_name=f'{i}.jpg', width=width, height=height)
            for i in entry['image_ids'].tolist()
        ],
        annotations=[
            dict(
                id=place,
                image_id=image,
                bbox=box,
                area=area,
                keypoints=keypoints,
                category_id=1,
                iscrowd=0,
            )
            for place, (image, box, area, keypoints) in enumerate(rows)
        ],
        categories=[dict(id=1, name='person')],
    )
    path = os.path.join(folder, 'people.json')
    Path(path).write_text(json.dumps(content))
    return dict(ann_file=path, metainfo=UNION, file_layout='coco')


def _read(content: list, build: Callable) -> list[dict]:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'file.json')
        Path(path).write_text(json.dumps(content))
        return _records(build(path))


def _records(dataset) -> list[dict]:
    return [dataset.get_data_info(i) for i in range(len(dataset))]


def _crops(records: list[dict], aspect: float) -> tuple[np.ndarray, np.ndarray]:
    """Centre and sides of the crops, in the units of the original."""
    box = TRANSFORMS.build(dict(type='mmpose.GetBBoxCenterScale', padding=PADDING))
    found = [box(dict(bbox=record['bbox'])) for record in records]
    center = np.concatenate([each['bbox_center'] for each in found])
    w, h = np.concatenate([each['bbox_scale'] for each in found]).T
    sides = np.stack([np.maximum(w, h * aspect), np.maximum(h, w / aspect)], axis=1)
    return center, sides / PIXEL_STD


def _check(entry: Entry, records: list[dict], aspect: float) -> None:
    """Records hold float32, so that its rounding is no difference."""
    center, scale = _crops(records, aspect)
    entry.check('center', center, ulps=1)
    entry.check('scale', scale, ulps=1)
    points = np.stack([record['keypoints'][0] for record in records])
    visible = np.stack([record['keypoints_visible'][0] for record in records])
    flat = np.zeros((*visible.shape, 1))
    entry.check('joints', np.concatenate([points, flat], axis=-1), ulps=1)
    # the third column is a depth that nobody knows
    both = np.concatenate([visible[..., None]] * 2 + [flat], axis=-1)
    entry.check('joints_vis', both)
