"""Hide labels: the labelled and the unlabelled part of one keypoint data set."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmengine.dataset import BaseDataset, Compose
from mmengine.logging import print_log
from torch.utils.data import Dataset

from ssltoolbox.datasets.coco_file import read_coco
from ssltoolbox.datasets.label_list import load_label_list
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
            annotations. None: the whole data set belongs to ``part``.
        part: ``'labelled'``, ``'unlabelled'`` or ``'all'``.
        pseudo_labels: Folder of the store that gives unlabelled instances their
            labels.
        drop_share: Share of the stored labels that are dropped for low scores, over
            the whole store, in [0, 1). The published value is 0.4.
        forbidden: Annotation files of validation and test data; a list that names one
            of their images is refused. A file that is not here is only warned about.
        pipeline: Transforms of a sample.

    Raises:
        ValueError: The list does not fit the data set, or leaks test images; the
            store is of another data set; a part is empty.
    """

    def __init__(
        self,
        dataset: dict,
        labels: str | None,
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
        if labels is None:
            self.labelled = np.full(len(records), part != 'unlabelled')
        else:
            self.labelled = self._find_labelled(records, labels, forbidden)
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

    def _find_labelled(self, records: list, labels: str, forbidden) -> np.ndarray:
        chosen = load_label_list(labels)
        field = {'image_id': 'img_id', 'annotation_id': 'id'}[chosen.key]
        mine = np.array([record[field] for record in records], dtype=np.int64)
        known = self._all_ids(chosen.key, mine)
        absent = [str(path) for path in forbidden if not Path(path).is_file()]
        if absent:
            print_log(
                f'{", ".join(absent)} (forbidden) does not exist, so it cannot be '
                'checked whether evaluation images leak into the training',
                'current',
                logging.WARNING,
            )
        evaluation = [i for path in forbidden for i in _ids_of(path, chosen.key)]
        chosen.check(known, evaluation, what=self._name())
        return np.isin(mine, np.array(chosen.ids, dtype=np.int64))

    def _all_ids(self, key: str, usable: np.ndarray) -> set[int]:
        """Ids in the annotation file, of images without a usable instance too."""
        file = getattr(self.dataset, 'ann_file', '')
        return set(usable.tolist()) | (set(_ids_of(file, key)) if file else set())

    def _name(self) -> str:
        return Path(
            getattr(self.dataset, 'ann_file', '') or type(self.dataset).__name__
        ).name


def _ids_of(path: str, key: str) -> list[int]:
    if not Path(path).is_file():
        return []
    content = read_coco(path)
    return [
        entry['id']
        for entry in content['images' if key == 'image_id' else 'annotations']
    ]
