"""Hide labels: the labelled and the unlabelled part of one keypoint data set."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmengine.dataset import BaseDataset, Compose
from mmengine.logging import print_log
from torch.utils.data import Dataset

from ssltoolbox.datasets.label_list import load_label_list
from ssltoolbox.datasets.pose.base import FileIds
from ssltoolbox.datasets.pose.coco_pose import CocoPoseDataset
from ssltoolbox.registry import DATASETS
from ssltoolbox.semi.store import LabelStore


@DATASETS.register_module()
class FewShotPoseDataset(Dataset):
    """A part of any top-down mmpose data set, chosen by a list of labelled ids.

    An unlabelled instance never shows its keypoints to the pipeline: it carries its
    stored pseudo label, or keypoints of weight 0 without a store. Where the data set
    knows them, they travel as ``truth`` (K, 3), for diagnostics only.

    Args:
        dataset: Config of the data set, such as ``ssltoolbox.APTenKDataset``.
        labels: Label list (file, or name of a shipped one): the labelled images or
            annotations. A number: that many records from the start, in the order of
            the file. None: the whole data set belongs to ``part``.
        part: ``'labelled'``, ``'unlabelled'`` or ``'all'``.
        pseudo_labels: Folder of the store that gives unlabelled instances their
            labels.
        drop_share: Share of the stored labels that are dropped for low scores, over
            the whole store, in [0, 1). The published value is 0.4.
        forbidden: Annotation files of validation and test data, in the format of the
            data set; labels of one of their images are refused. A file that is not
            here is only warned about.
        pipeline: Transforms of a sample.

    Raises:
        ValueError: The list does not fit the data set, the number is larger than it,
            or they leak test images; the store is of another data set; a part is
            empty.
    """

    def __init__(
        self,
        dataset: dict,
        labels: str | int | None,
        part: str = 'labelled',
        pseudo_labels: str | None = None,
        drop_share: float = 0.4,
        forbidden: Sequence[str] = (),
        pipeline: Sequence = (),
    ) -> None:
        if part not in ('labelled', 'unlabelled', 'all'):
            raise ValueError(
                f"part must be 'labelled', 'unlabelled' or 'all', got {part!r}"
            )
        self.dataset = DATASETS.build({**dataset, 'pipeline': []})
        self.pipeline = Compose(list(pipeline))
        # mmengine's own reader: mmpose's copies the meta information into each record
        indices = range(len(self.dataset))
        records = [BaseDataset.get_data_info(self.dataset, i) for i in indices]
        ids = np.array([record['id'] for record in records], dtype=np.int64)
        self.labelled = self._find_labelled(records, labels, part, forbidden)
        self.store = LabelStore.read(pseudo_labels) if pseudo_labels else None
        if self.store is not None:
            self.threshold = self.store.score_threshold(drop_share)
            self._rows = self.store.lookup(ids)
        wanted = {'labelled': self.labelled, 'unlabelled': ~self.labelled}
        self.members = np.flatnonzero(wanted.get(part, np.ones_like(self.labelled)))
        self.ids = ids[self.members]
        if not len(self.members):
            raise ValueError(
                f'the {part} part of {self._name()} is empty: '
                f'{int(self.labelled.sum())} of {len(records)} instances are labelled '
                f'by {labels!r}'
            )
        print_log(
            f'{self._name()}: {len(self)} instances in the {part} part', 'current'
        )

    @property
    def metainfo(self) -> dict:
        """Meta information of the data set."""
        return self.dataset.metainfo

    def __len__(self) -> int:
        return len(self.members)

    def __getitem__(self, index: int) -> dict:
        return self.pipeline(self.get_data_info(index))

    def get_data_info(self, index: int) -> dict:
        """Return the record of one instance, as the pipeline gets it."""
        member = int(self.members[index])
        record = self.dataset.get_data_info(member)
        record['labelled'] = bool(self.labelled[member])
        if record['labelled']:
            return record
        record.pop('raw_ann_info', None)
        visible = record['keypoints_visible']
        if visible.any():
            truth = np.concatenate([record['keypoints'][0], visible[0][:, None]], -1)
            record['truth'] = truth.astype(np.float32)
        record['keypoints'] = np.zeros_like(record['keypoints'])
        record['keypoints_visible'] = np.zeros_like(visible)
        if self.store is not None:
            row = self._rows[member]
            # copies: transforms may change them, and the store must not change
            record['keypoints'] = self.store.keypoints[row][None].copy()
            scores = self.store.scores[row][None]
            record['keypoints_visible'] = (scores > self.threshold).astype(np.float32)
        return record

    def _find_labelled(
        self, records: list, labels: str | int | None, part: str, forbidden: Sequence
    ) -> np.ndarray:
        if labels is None and part == 'unlabelled':
            return np.zeros(len(records), bool)
        evaluation = self._evaluation_ids(forbidden)
        if labels is None:
            labelled = np.ones(len(records), bool)
        elif isinstance(labels, int):
            labelled = self._first(records, labels)
        else:
            labelled = self._listed(records, labels, evaluation)
        images = {records[i]['img_id'] for i in np.flatnonzero(labelled)}
        leaked = images.intersection(evaluation['image_id'])
        if leaked:
            raise ValueError(
                f'{len(leaked)} of {len(images)} labelled images of {self._name()} '
                f'belong to the validation or test data (first: {min(leaked)}). '
                'Training on them would spoil the evaluation; use disjoint files.'
            )
        return labelled

    def _first(self, records: list, count: int) -> np.ndarray:
        if not 1 <= count <= len(records):
            raise ValueError(
                f'labels={count}: {self._name()} has {len(records)} instances, so '
                f'from 1 to {len(records)} of them can be labelled.'
            )
        return np.arange(len(records)) < count

    def _listed(self, records: list, labels: str, evaluation: FileIds) -> np.ndarray:
        chosen = load_label_list(labels)
        field = {'image_id': 'img_id', 'annotation_id': 'id'}[chosen.key]
        mine = np.array([record[field] for record in records], dtype=np.int64)
        # the file has images without a usable instance too
        file = getattr(self.dataset, 'ann_file', '')
        known = {*mine.tolist(), *self._ids_in([file] if file else [])[chosen.key]}
        chosen.check(known, evaluation[chosen.key], what=self._name())
        return np.isin(mine, np.array(chosen.ids, dtype=np.int64))

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
