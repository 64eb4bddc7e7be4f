"""Choose which records of a data set are labelled, without a leak of test images."""

import logging
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from mmengine.dataset import BaseDataset, Compose
from mmengine.logging import print_log
from torch.utils.data import Dataset

from ssltoolbox.datasets.label_list import load_label_list
from ssltoolbox.datasets.leaks.image_set import ImageSet, LeakError, images_of
from ssltoolbox.datasets.pose.base import FileIds
from ssltoolbox.datasets.pose.coco_pose import CocoPoseDataset
from ssltoolbox.datasets.splits import label_order, take_percent
from ssltoolbox.registry import DATASETS

Labels = str | int | float | None


class PartDataset(Dataset):
    """The labelled or the unlabelled part of a data set; a subclass hides labels.

    Args:
        dataset: Config of the data set. Its records have an integer ``id``, and
            ``annotated`` where some of them are not.
        labels: Which records are labelled. A label list (file, or name of a shipped
            one). A whole number: that many annotated records from the start, in the
            order of the file. A share with a decimal point, above 0 and at most 1.0:
            of the annotated records, of every ``sequence`` or ``category_id`` in
            proportion; a smaller share is part of a larger one. None: the
            whole data set belongs to ``part``.
        part: ``'labelled'``, ``'unlabelled'`` or ``'all'``.
        forbidden: Validation and test data: annotation files in the format of the
            data set, or configs of data sets; labels of one of their images are
            refused. A file that is not here is only warned about.
        pipeline: Transforms of a sample.
        seed: Of the draw of a share, at least 0.

    Attributes:
        labelled: (all records,) bool.
        members: Numbers of the records in this part.
        ids: Their ids, int64.

    Raises:
        ValueError: The list does not fit the data set, a number or share is out of
            range, labels leak test images, or the part is empty.
    """

    UNIT: ClassVar[str] = 'instances'

    def __init__(
        self,
        dataset: dict,
        labels: Labels,
        part: str = 'labelled',
        forbidden: Sequence[str | dict] = (),
        pipeline: Sequence = (),
        seed: int = 0,
    ) -> None:
        if part not in ('labelled', 'unlabelled', 'all'):
            raise ValueError(
                f"part must be 'labelled', 'unlabelled' or 'all', got {part!r}"
            )
        self.dataset = DATASETS.build({**dataset, 'pipeline': []})
        self.pipeline, self.forbidden = Compose(list(pipeline)), forbidden
        # mmengine's own reader: mmpose's copies the meta information into each record
        indices = range(len(self.dataset))
        records = [BaseDataset.get_data_info(self.dataset, i) for i in indices]
        ids = np.array([record['id'] for record in records], dtype=np.int64)
        self.annotated = np.array([r.get('annotated', True) for r in records], bool)
        self.labelled = self._find_labelled(records, labels, part, forbidden, seed)
        wanted = {'labelled': self.labelled, 'unlabelled': ~self.labelled}
        self.members = np.flatnonzero(wanted.get(part, np.ones_like(self.labelled)))
        self._all_ids = ids
        if not len(self.members):
            raise ValueError(
                f'the {part} part of {self._name()} is empty: '
                f'{int(self.labelled.sum())} of {len(records)} {self.UNIT} are '
                f'labelled by {labels!r}, {int((~self.annotated).sum())} have no '
                'annotation'
            )
        print_log(
            f'{self._name()}: {len(self)} {self.UNIT} in the {part} part', 'current'
        )

    @property
    def ids(self) -> np.ndarray:
        """Id of every sample, int64."""
        return self._all_ids[self.members]

    @property
    def metainfo(self) -> dict:
        """Meta information of the data set."""
        return self.dataset.metainfo

    def __len__(self) -> int:
        return len(self.members)

    def __getitem__(self, index: int) -> dict:
        return self.pipeline(self.get_data_info(index))

    def get_data_info(self, index: int) -> dict[str, Any]:
        """Return one record, as the pipeline gets it."""
        member = int(self.members[index])
        record = self.dataset.get_data_info(member)
        record['labelled'] = bool(self.labelled[member])
        return record if record['labelled'] else self._hide(record, member)

    def refuse_leaked(self, members: np.ndarray) -> None:
        """Refuse labels, such as corrected ones, of validation and test images.

        Args:
            members: Numbers of the records that have them.

        Raises:
            ValueError: One of them is an image of the data that are forbidden.
        """
        files = [f for f in self.forbidden if not isinstance(f, dict)]
        records = [BaseDataset.get_data_info(self.dataset, int(i)) for i in members]
        self._refuse_leaks(records, self._evaluation_ids(files), self.forbidden)

    def _hide(self, record: dict[str, Any], member: int) -> dict[str, Any]:
        """Take the labels out of an unlabelled record."""
        raise NotImplementedError

    def _find_labelled(
        self,
        records: list[dict],
        labels: Labels,
        part: str,
        forbidden: Sequence,
        seed: int,
    ) -> np.ndarray:
        if labels is None and part == 'unlabelled':
            return np.zeros(len(records), bool)
        evaluation = self._evaluation_ids(
            [f for f in forbidden if not isinstance(f, dict)]
        )
        if labels is None:
            labelled = self.annotated.copy()
        elif isinstance(labels, int):
            labelled = self._first(labels)
        elif isinstance(labels, float):
            labelled = self._share(records, labels, seed)
        else:
            labelled = self._listed(records, labels, evaluation)
        self._refuse_leaks(
            [records[i] for i in np.flatnonzero(labelled)], evaluation, forbidden
        )
        return labelled

    def _refuse_leaks(
        self, chosen: list[dict], evaluation: FileIds, forbidden: Sequence
    ) -> None:
        images, shown = ImageSet.of(chosen), ImageSet()
        for config in forbidden:
            if isinstance(config, dict):
                shown.update(images_of(DATASETS.build({**config, 'pipeline': []}))[0])
        known = set(evaluation['image_id'])
        leaked = {
            record.get('img_id', record['id'])
            for record in chosen
            if record.get('img_id', record['id']) in known or shown.has(record)
        }
        if leaked:
            raise LeakError(
                f'{len(leaked)} of {len(images)} labelled images of {self._name()} '
                f'belong to the validation or test data (first: {min(leaked)}). '
                'Training on them would spoil the evaluation; use disjoint files. '
                "leak_check.allow='REASON' in the config lets a run begin nevertheless"
            )

    def _first(self, count: int) -> np.ndarray:
        most = int(self.annotated.sum())
        if not 1 <= count <= most:
            raise ValueError(
                f'labels={count}: {self._name()} has {most} {self.UNIT}'
                f'{self._that_are_annotated()}, so from 1 to {most} of them can be '
                'labelled. A share has a decimal point: 1.0 is all of them.'
            )
        return self.annotated & (np.cumsum(self.annotated) <= count)

    def _share(self, records: list[dict], share: float, seed: int) -> np.ndarray:
        if not 0 < share <= 1:
            raise ValueError(
                f'labels={share}: a share of the {self.UNIT} is above 0 and at most '
                '1.0; a number of them has no decimal point.'
            )
        chosen = [records[i] for i in np.flatnonzero(self.annotated)]
        images = [dict(id=record['id']) for record in chosen]
        classes = [dict(image_id=r['id'], category_id=_class(r)) for r in chosen]
        order = label_order(dict(images=images, annotations=classes), seed)
        drawn = take_percent(order, 100 * share) if order else []
        return np.isin([record['id'] for record in records], drawn)

    def _listed(self, records: list, labels: str, evaluation: FileIds) -> np.ndarray:
        chosen = load_label_list(labels)
        field = {'image_id': 'img_id', 'annotation_id': 'id'}[chosen.key]
        mine = np.array([record[field] for record in records], dtype=np.int64)
        # the file has images without a usable instance too
        file = getattr(self.dataset, 'ann_file', '')
        known = {
            *mine[self.annotated].tolist(),
            *self._ids_in([file] if file else [])[chosen.key],
        }
        what = f'{self._name()}{self._that_are_annotated()}'
        chosen.check(known, evaluation[chosen.key], what=what)
        return np.isin(mine, np.array(chosen.ids, dtype=np.int64))

    def _that_are_annotated(self) -> str:
        return '' if self.annotated.all() else ' with an annotation'

    def _evaluation_ids(self, forbidden: Sequence[str]) -> FileIds:
        """Ids in the validation and test data, as far as their files are here."""
        absent = [str(path) for path in forbidden if not Path(path).is_file()]
        if absent:
            print_log(
                f'{", ".join(absent)} (forbidden) does not exist, so it cannot be '
                'checked whether evaluation images leak into the training',
                'current',
                logging.WARNING,
            )
        return self._ids_in(forbidden)

    def _ids_in(self, paths: Sequence[str]) -> FileIds:
        reader = getattr(self.dataset, 'ids_in_file', CocoPoseDataset.ids_in_file)
        ids: FileIds = {'image_id': [], 'annotation_id': []}
        for path in paths:
            if Path(path).is_file():
                for key, found in reader(path).items():
                    ids[key] += found
        return ids

    def _name(self) -> str:
        return Path(
            getattr(self.dataset, 'ann_file', '') or type(self.dataset).__name__
        ).name


def _class(record: dict) -> int:
    """Number the class in proportion to which a share is drawn."""
    if 'sequence' in record:
        return zlib.crc32(record['sequence'].encode())
    return record.get('category_id', 0)
