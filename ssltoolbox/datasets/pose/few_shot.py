"""Hide labels: the labelled and the unlabelled part of one keypoint data set."""

from collections.abc import Sequence

import numpy as np

from ssltoolbox.datasets.corrected import repeat_corrected
from ssltoolbox.datasets.part import Labels, PartDataset
from ssltoolbox.registry import DATASETS
from ssltoolbox.semi.store import LabelStore


@DATASETS.register_module()
class FewShotPoseDataset(PartDataset):
    """A part of any top-down mmpose data set, chosen by a list of labelled ids.

    An unlabelled instance never shows its keypoints to the pipeline: it carries its
    stored pseudo label, and says so by ``pseudo_labelled``, or keypoints of weight 0
    without a store. Where the data set knows them, they travel as ``truth`` (K, 3), for
    diagnostics only. A stored label that a person corrected counts as labelled: no
    filter and no network overrules it.

    Args:
        dataset: Config of the data set, such as ``ssltoolbox.APTenKDataset``.
        labels: Which instances are labelled, see :class:`PartDataset`: a label list
            of images or annotations, a number, a share or None.
        part: ``'labelled'``, ``'unlabelled'`` or ``'all'``.
        pseudo_labels: Folder of the store that gives unlabelled instances their
            labels.
        drop_share: Share of the stored labels that are dropped for low scores, over
            the whole store, in [0, 1). The published value is 0.4.
        corrected_repeat: How often an instance with a corrected label comes in a pass,
            at least 1: the weight of corrected labels among the others.
        forbidden: Validation and test data, see :class:`PartDataset`.
        pipeline: Transforms of a sample.
        seed: Of the draw of a share.

    Raises:
        ValueError: As :class:`PartDataset`; and the store is of another data set.
    """

    def __init__(
        self,
        dataset: dict,
        labels: Labels,
        part: str = 'labelled',
        pseudo_labels: str | None = None,
        drop_share: float = 0.4,
        corrected_repeat: int = 1,
        forbidden: Sequence[str | dict] = (),
        pipeline: Sequence = (),
        seed: int = 0,
    ) -> None:
        super().__init__(dataset, labels, part, forbidden, pipeline, seed)
        self.store = LabelStore.read(pseudo_labels) if pseudo_labels else None
        if self.store is not None:
            self.threshold = self.store.score_threshold(drop_share)
            self._rows = self.store.lookup(self._all_ids)
            rows = self._rows[self.members]
            corrected = self.store.corrected[rows] & ~self.labelled[self.members]
            if corrected.any():
                self.refuse_leaked(self.members[corrected])
            self.members = repeat_corrected(
                self.members, corrected, corrected_repeat, self._name(), self.UNIT
            )

    def _hide(self, record: dict, member: int) -> dict:
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
            corrected = bool(self.store.corrected[row])
            least = 0 if corrected else self.threshold
            record['keypoints_visible'] = (scores > least).astype(np.float32)
            record['labelled'] = corrected
            record['pseudo_labelled'] = not corrected
        return record
