"""Hide labels of whole images: the labelled and the unlabelled part of a data set."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmengine.dataset import BaseDataset
from mmengine.logging import print_log

from ssltoolbox.datasets.part import Labels, PartDataset
from ssltoolbox.datasets.seg.class_presence import absent_classes
from ssltoolbox.datasets.transforms.load_hidden_mask import hide_mask
from ssltoolbox.registry import DATASETS
from ssltoolbox.semi.map_store import MapStore

_LABELS = ('raw_ann_info',)


@DATASETS.register_module()
class FewShotImageDataset(PartDataset):
    """A part of a data set of whole images, such as ``ssltoolbox.EndoVisDataset``.

    An unlabelled image never shows its labels to the pipeline. Of keypoints it has
    none, (0, K, 2); where the data set knows them they travel as ``truth`` (N, K, 3):
    x, y in image pixels and visible, for diagnostics only. The path of a mask becomes
    ``truth_seg_map_path``, which
    :class:`~ssltoolbox.datasets.transforms.load_hidden_mask.LoadHiddenMask` reads.
    Classes of pixels that no labelled mask shows are named in a warning.

    Args:
        dataset: Config of the data set. Its records need an integer ``id``; images
            with ``annotated=False`` are always unlabelled.
        labels: Which images are labelled, see :class:`PartDataset`: a label list, a
            number, a share such as 0.1 of the annotated images, or None.
        part: ``'labelled'``, ``'unlabelled'`` or ``'all'``.
        pseudo_labels: Folder of a :class:`~ssltoolbox.semi.map_store.MapStore`. An
            unlabelled image with an accepted label gets its file as
            ``pseudo_maps``; those without one are left out.
        forbidden: Validation and test data, see :class:`PartDataset`.
        pipeline: Transforms of a sample.
        seed: Of the draw of a share.

    Raises:
        ValueError: As :class:`PartDataset`; and the store is of other images, or all
            of its labels were rejected.
    """

    UNIT = 'images'

    def __init__(
        self,
        dataset: dict,
        labels: Labels,
        part: str = 'labelled',
        pseudo_labels: str | None = None,
        forbidden: Sequence[str | dict] = (),
        pipeline: Sequence = (),
        seed: int = 0,
    ) -> None:
        super().__init__(dataset, labels, part, forbidden, pipeline, seed)
        self.pseudo_maps: dict[int, Path] = {}
        if pseudo_labels and part != 'labelled':
            self._keep_accepted(pseudo_labels)
        if self.labelled.any():
            self._warn_of_absent_classes()

    def _warn_of_absent_classes(self) -> None:
        """Say which classes of pixels no labelled image shows."""
        classes = self.metainfo.get('classes') or ()
        numbers = np.flatnonzero(self.labelled)
        records = (BaseDataset.get_data_info(self.dataset, int(n)) for n in numbers)
        absent = [classes[class_] for class_ in absent_classes(records, len(classes))]
        if absent:
            print_log(
                f'{self._name()}: none of the {len(numbers)} labelled masks has a '
                f'pixel of {", ".join(absent)}, which no network can learn from them. '
                'Label other images (tools/make_split.py draws them by the classes '
                'that they show), or check the codes of the classes: masks of 0 and '
                '255 need codes=[[0], [255]]',
                'current',
                logging.WARNING,
            )

    def _keep_accepted(self, folder: str) -> None:
        """Leave out the unlabelled images without an accepted pseudo label."""
        store = MapStore.read(folder)
        hidden = self._all_ids[self.members[~self.labelled[self.members]]]
        known = int(np.isin(hidden, list(store.known)).sum())
        kept = int(np.isin(hidden, list(store.accepted)).sum())
        counts = (
            f'{kept} of {len(hidden)} unlabelled images have an accepted pseudo label; '
            f'{known - kept} labels were rejected, {len(hidden) - known} images have '
            'none'
        )
        if len(hidden) and not known:
            raise ValueError(
                f'{folder} is of other images: {counts}. Run the stage that makes '
                'pseudo labels on these data.'
            )
        if len(hidden) and not kept:
            raise ValueError(
                f'all pseudo labels in {folder} were rejected: {counts}. The accepted '
                'intervals of the filter do not fit this network: '
                'tools/calibrate_filter.py shows the confidence of labelled images and '
                'suggests intervals.'
            )
        told = f'{self._name()}: {counts}. Images without an accepted one are left out'
        print_log(told, 'current')
        self.pseudo_maps = store.accepted
        accepted = np.isin(self._all_ids, list(store.accepted))
        keep = self.labelled | accepted
        self.members = self.members[keep[self.members]]

    def get_data_info(self, index: int) -> dict:
        """Return one record; transforms that mix two images find others by it."""
        return super().get_data_info(index) | {'dataset': self}

    def _hide(self, record: dict, member: int) -> dict:
        for key in _LABELS:
            record.pop(key, None)
        hide_mask(record)
        if 'keypoints' in record:
            points, visible = record['keypoints'], record['keypoints_visible']
            if record.get('annotated', True):
                truth = np.concatenate([points, visible[..., None]], -1)
                record['truth'] = truth.astype(np.float32)
            record['keypoints'], record['keypoints_visible'] = points[:0], visible[:0]
        path = self.pseudo_maps.get(record['id'])
        return record if path is None else record | {'pseudo_maps': str(path)}
