"""Which images a data set has, whatever its kind: files, ids and groups."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mmengine.dataset import BaseDataset
from torch.utils.data import Dataset

GROUPS = ('patient', 'patient_id', 'group', 'video', 'video_id', 'recording')
"""Fields of a record that name what its image must not be separated from."""


class LeakError(ValueError):
    """Images to be trained on are among those that measure the training."""


@dataclass
class ImageSet:
    """Images of one part, such as the test images, each once.

    Args:
        ids: ``{real path of the file: id}``, an id of which is ``(data root, image id,
            name of the file)``; None where no annotation file gives it.
        groups: ``{real path: (field, name, data root)}``, of the images whose group is
            known.
        skipped: Kinds of data sets that do not say which images they have.
    """

    ids: dict[str, tuple[str, Any, str] | None] = field(default_factory=dict)
    groups: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)

    @property
    def files(self) -> list[str]:
        """Real paths of the images, in their order."""
        return list(self.ids)

    def __len__(self) -> int:
        return len(self.ids)

    def add(
        self, record: Mapping[str, Any], root: str = '', has_ids: bool = False
    ) -> None:
        """Add the image of a record; one that is there already is left as it is.

        Args:
            record: Of a data set.
            root: Its data root, within which ids and groups mean something.
            has_ids: Whether its ids are those of an annotation file.
        """
        path = record.get('img_path')
        if not isinstance(path, str):
            self.skipped.add('records without one img_path')
            return
        file = os.path.realpath(path)
        id_ = record.get('img_id', record.get('id'))
        known = has_ids and id_ is not None
        name = os.path.basename(file)
        self.ids.setdefault(file, (root, id_, name) if known else None)
        if group := group_of(record):
            self.groups.setdefault(file, (*group, root))

    @property
    def by_patient(self) -> bool:
        """Whether patients are named by the config, and no annotation file does it."""
        return any(
            group[0] == 'patient' and self.ids[file] is None
            for file, group in self.groups.items()
        )

    def has(self, record: Mapping[str, Any]) -> bool:
        """Whether the image of a record is among them."""
        return os.path.realpath(record['img_path']) in self.ids

    def update(self, other: 'ImageSet') -> None:
        """Add all images of another set."""
        self.ids = {**other.ids, **self.ids}
        self.groups = {**other.groups, **self.groups}
        self.skipped |= other.skipped

    @classmethod
    def of(cls, records: Iterable[Mapping[str, Any]]) -> 'ImageSet':
        """Collect the images of records."""
        found = cls()
        for record in records:
            found.add(record)
        return found


def group_fields(image: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of an entry of ``images`` in an annotation file that name its group."""
    return {key: image[key] for key in GROUPS if image.get(key) not in (None, '')}


def group_of(record: Mapping[str, Any]) -> tuple[str, str] | None:
    """Field and name of the group of an image; None where its record names none.

    ``sequence`` counts where it is a name: numbers mean nothing outside their data set.
    """
    for key, name in group_fields(record).items():
        return key, str(name)
    sequence = record.get('sequence')
    return ('sequence', sequence) if isinstance(sequence, str) and sequence else None


def images_of(dataset: Dataset) -> tuple[ImageSet, ImageSet]:
    """Collect the labelled and the unlabelled images of a data set.

    Args:
        dataset: One of mmengine's kind, of this toolbox, or made of such.
    """
    labelled, unlabelled = ImageSet(), ImageSet()
    for data, members, flags in _leaves(dataset, labelled.skipped):
        root = os.path.realpath(data.data_root or '')
        for number in members:
            # mmengine's own reader: others may open the image to complete a record
            record = BaseDataset.get_data_info(data, int(number))
            known = record.get('annotated', True) if flags is None else flags[number]
            part = labelled if known else unlabelled
            part.add(record, root, bool(data.ann_file))
    return labelled, unlabelled


def _leaves(
    dataset: Dataset, skipped: set[str]
) -> Iterator[tuple[BaseDataset, Iterable[int], Sequence[bool] | None]]:
    """Data sets at any depth, the records that are used, and which are labelled."""
    if parts := getattr(dataset, 'sources', None) or getattr(dataset, 'datasets', None):
        for part in parts:
            yield from _leaves(part, skipped)
    elif isinstance(dataset, BaseDataset):
        yield dataset, range(len(dataset)), None
    elif hasattr(dataset, 'labelled') and hasattr(dataset, 'members'):
        yield dataset.dataset, dataset.members, dataset.labelled
    elif hasattr(dataset, 'dataset'):
        yield from _leaves(dataset.dataset, skipped)
    else:
        skipped.add(type(dataset).__name__)
