"""What must hold for a data set."""

import copy
import os
import pickle
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dataset import BaseDataset
from PIL import Image
from torch.utils.data import Dataset

from ssltoolbox.datasets.multi_source import sample_ids, seeded
from ssltoolbox.registry import DATASETS

from .family import Family
from .trees import difference

SETS = Family('data sets')
LOOKED_AT = 3
"""Samples that are loaded: from the start, the middle and the end."""


def check_dataset(
    dataset: Dataset | Mapping[str, Any],
    evaluation: Sequence[Dataset | Mapping[str, Any]] = (),
) -> None:
    """Say what is wrong with a data set.

    Args:
        dataset: The data set, or its config, with the pipeline of a training.
        evaluation: Validation and test data, of which it may show no image.

    Raises:
        BrokenProperty: It names the broken properties.
    """
    built = _built(dataset)
    case = DatasetCase(built, [_built(each) for each in evaluation])
    SETS.check(type(built).__name__, case)


def _built(dataset: Dataset | Mapping[str, Any]) -> Dataset:
    plain = isinstance(dataset, Mapping)
    return DATASETS.build(dict(dataset)) if plain else dataset


@dataclass
class DatasetCase:
    """A data set, and those that it must share no image with."""

    dataset: Any
    evaluation: list[Any]

    @property
    def some(self) -> list[int]:
        """Numbers of the samples that are loaded."""
        last = len(self.dataset) - 1
        return sorted({round(last * i / (LOOKED_AT - 1)) for i in range(LOOKED_AT)})

    def load(self, index: int, seed: int = 0) -> Any:
        """A sample under a seed."""
        with seeded(seed):
            return self.dataset[index]


def records(dataset: Any) -> list[dict[str, Any]]:
    """The records of a data set, as its pipeline gets them."""
    if hasattr(dataset, 'sources'):
        return [record for source in dataset.sources for record in records(source)]
    reader = getattr(type(dataset), 'get_data_info', BaseDataset.get_data_info)
    with seeded(0):
        return [reader(dataset, i) for i in range(len(dataset))]


@SETS.property(
    'it has samples and says what they are',
    'read the files in load_data_list, and give METAINFO or the argument metainfo',
    first=True,
)
def _samples(case: DatasetCase) -> str | None:
    if not len(case.dataset):
        return 'no sample'
    kind = getattr(case.dataset, 'metainfo', None)
    return None if isinstance(kind, Mapping) else f'metainfo is {kind!r}'


@SETS.property(
    'every sample has an id of its own',
    'give each record an integer id, that of its file or ssltoolbox.utils.digest.'
    'name_id of its name',
)
def _ids(case: DatasetCase) -> str | None:
    found = np.asarray(sample_ids(case.dataset))
    if len(found) != len(case.dataset) or found.dtype.kind not in 'iu':
        return f'{len(found)} ids of {found.dtype} for {len(case.dataset)} samples'
    (most, count), *_ = Counter(found.tolist()).most_common(1)
    return f'{count} samples have the id {most}' if count > 1 else None


@SETS.property(
    'images exist and can be read',
    'join data_root and the name in the file, and leave out what is not there',
)
def _images(case: DatasetCase) -> str | None:
    paths = [record.get('img_path') for record in records(case.dataset)]
    for number, path in enumerate(paths):
        if path is None:
            return f'record {number} has no img_path'
        if not Path(path).is_file():
            return f'{path} of record {number} is no file'
    for index in case.some:
        with Image.open(paths[index]) as image:
            image.verify()
    return None


@SETS.property(
    'a sample under a seed is always the same',
    'draw from random, numpy.random or torch; keep nothing from one sample to the '
    'next; copy a record before it is changed',
)
def _repeatable(case: DatasetCase) -> str | None:
    first = {index: copy.deepcopy(case.load(index)) for index in case.some}
    for index in reversed(case.some):
        place = difference(first[index], case.load(index))
        if place:
            return f'{place} of sample {index} is another one'
    return None


@SETS.property(
    'an unlabelled record carries no label',
    'take out keypoints_visible, seg_map_path and raw_ann_info, and keep truth apart; '
    'say pseudo_labelled=True where a network made the label',
)
def _hidden(case: DatasetCase) -> str | None:
    for number, record in enumerate(records(case.dataset)):
        if record.get('labelled', True) or record.get('pseudo_labelled'):
            continue
        if np.any(record.get('keypoints_visible', 0)):
            return f'record {number} has visible keypoints'
        for key in ('seg_map_path', 'gt_seg_map', 'raw_ann_info'):
            if record.get(key) is not None:
                return f'record {number} has {key}'
    return None


@SETS.property(
    'no image of the evaluation is in it',
    'choose disjoint files or parts, and name the evaluation as forbidden',
)
def _apart(case: DatasetCase) -> str | None:
    shown = {file for each in case.evaluation for file in _files(each)}
    shared = sorted(shown & _files(case.dataset))
    return f'{len(shared)} images are, {shared[0]} is one' if shared else None


@SETS.property(
    'it can be sent to the workers of a data loader',
    'keep no open file, function or generator as an attribute',
)
def _pickled(case: DatasetCase) -> str | None:
    other = DatasetCase(pickle.loads(pickle.dumps(case.dataset)), [])
    place = difference(case.load(0), other.load(0))
    return place and f'{place} of a copy differs'


def _files(dataset: Any) -> set[str]:
    return {os.path.realpath(record['img_path']) for record in records(dataset)}
