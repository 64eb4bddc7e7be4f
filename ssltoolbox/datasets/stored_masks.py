"""Train on masks that networks made, as if a person had drawn them."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dataset import Compose
from mmengine.logging import print_log
from torch.utils.data import Dataset

from ssltoolbox.datasets.corrected import repeat_corrected
from ssltoolbox.datasets.multi_source import sample_ids
from ssltoolbox.datasets.part import PartDataset
from ssltoolbox.registry import DATASETS
from ssltoolbox.semi.mask_store import MaskStore


@DATASETS.register_module()
class StoredMaskDataset(Dataset):
    """The images of a pool whose pseudo labels a store accepted, with their masks.

    A record is that of the pool: the image itself, of the same file, and not
    ``labelled``; but ``pseudo_labelled``, for which ``ssltoolbox.LoadMask`` reads
    ``seg_map_path``, here the stored mask. It holds class ids, so ``codes`` of the
    pool's own masks are left out. A mask that a person corrected is ``labelled``.

    Args:
        dataset: Config of the pool, such as ``ssltoolbox.FewShotImageDataset``.
        store: Folder of a :class:`~ssltoolbox.semi.mask_store.MaskStore`.
        pipeline: Transforms of a sample.
        corrected_repeat: How often an image with a corrected mask comes in a pass, at
            least 1: the weight of corrected masks among the others.

    Attributes:
        ids: Of the images, int64.

    Raises:
        FileNotFoundError: There is no store.
        ValueError: It is of other images or classes, all of its labels were rejected,
            or a corrected one is of a validation or test image.
    """

    def __init__(
        self,
        dataset: dict,
        store: str | None,
        pipeline: Sequence = (),
        corrected_repeat: int = 1,
    ) -> None:
        if not store:
            raise FileNotFoundError(
                'StoredMaskDataset has no store: run the stage that makes it first '
                '(tools/train.py CONFIG --stage annotate)'
            )
        self.dataset = DATASETS.build({**dataset, 'pipeline': []})
        self.pipeline = Compose(list(pipeline))
        found = MaskStore.read(store)
        _check_classes(found, self.metainfo.get('classes'))
        ids = sample_ids(self.dataset)
        self.members = np.flatnonzero(np.isin(ids, list(found.accepted)))
        self.ids, self.masks = ids[self.members], found.accepted
        self._check(ids, found)
        self.corrected = found.corrected
        self._repeat_corrected(corrected_repeat)

    @property
    def metainfo(self) -> dict:
        """Meta information of the pool."""
        return self.dataset.metainfo

    def __len__(self) -> int:
        return len(self.members)

    def __getitem__(self, index: int) -> dict:
        return self.pipeline(self.get_data_info(index))

    def get_data_info(self, index: int) -> dict[str, Any]:
        """Return one record; transforms that mix two images find others by it."""
        record = self.dataset.get_data_info(int(self.members[index]))
        record.pop('codes', None)
        return record | dict(
            labelled=record['id'] in self.corrected,
            pseudo_labelled=True,
            seg_map_path=str(self.masks[record['id']]),
            dataset=self,
        )

    def _check(self, ids: np.ndarray, store: MaskStore) -> None:
        known = int(np.isin(ids, list(store.known)).sum())
        counts = (
            f'{len(self)} of {len(ids)} images have an accepted mask in '
            f'{store.folder}; {known - len(self)} masks were rejected, '
            f'{len(ids) - known} images have none'
        )
        if not known:
            raise ValueError(
                f'{store.folder} is of other images: {counts}. Run the stage that '
                'annotates these.'
            )
        if not len(self):
            raise ValueError(
                f'no image is left to train on: {counts}. Lower threshold or raise '
                'max_disagreement of the FusionJob, and run its stage again.'
            )
        level = logging.INFO if known == len(ids) else logging.WARNING
        print_log(f'pseudo labels: {counts}', 'current', level)

    def _repeat_corrected(self, repeat: int) -> None:
        corrected = np.isin(self.ids, list(self.corrected))
        pool = self.dataset
        if corrected.any() and isinstance(pool, PartDataset):
            pool.refuse_leaked(pool.members[self.members[corrected]])
        self.members = repeat_corrected(
            self.members, corrected, repeat, 'pseudo labels', 'images'
        )
        self.ids = sample_ids(pool)[self.members]


def _check_classes(store: MaskStore, classes: Sequence[str] | None) -> None:
    made = store.meta.get('classes')
    if made and classes and list(made) != list(classes):
        raise ValueError(
            f'the masks in {Path(store.folder)} are of the classes {", ".join(made)}, '
            f'the data set has {", ".join(classes)}: run the stage that annotates with '
            'this config again'
        )
