"""The stage that predicts dense maps of whole images, and keeps those it trusts."""

import shutil
from collections.abc import Iterator, Sequence
from logging import Logger
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ssltoolbox.jobs.network_job import NetworkJob
from ssltoolbox.jobs.whole_image import checked_id
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.semi.map_file import write_maps
from ssltoolbox.semi.map_store import MapStore

PERCENTILES = (0, 5, 25, 50, 75, 95, 100)


@TASK_UTILS.register_module()
class MapPseudoLabelJob(NetworkJob):
    """Store what a network says of every image, as it is, where a filter accepts it.

    What is stored is ``soft`` of the task: maps of joints, or probabilities of
    classes. The filter sees the raw output. Every confidence is stored, that of
    rejected images too.

    Args:
        filter: Config of a filter that gives one confidence per image, such as
            ``ssltoolbox.TotalVariationFilter``: ``confidence(raw (B, C, h, w)) ->
            (B,)`` and ``accepts(confidence) -> (B,) bool``.
        task: Config of the task adapter.
        kwargs: Fields of :class:`~ssltoolbox.jobs.network_job.NetworkJob`; the
            pipeline of the data set ends with ``ssltoolbox.ImageView`` and packing.
    """

    what = 'images'

    def __init__(self, filter: dict, task: dict | None = None, **kwargs: Any) -> None:  # noqa: A002
        super().__init__(**kwargs)
        self.filter_cfg = filter
        self.task_cfg = task or dict(type='ssltoolbox.BottomupPoseTask')

    def settings(self, dataset) -> dict[str, Any]:  # noqa: D102
        return dict(filter=self.filter_cfg, task=self.task_cfg)

    def fields(self, dataset) -> Sequence[tuple]:  # noqa: D102
        return [('confidence', '<f8'), ('accepted', '?')]

    def begin(self, store: Path) -> None:
        """Delete maps of another job: they are written while this one runs."""
        shutil.rmtree(store, ignore_errors=True)

    @torch.no_grad()
    def predict(self, network, loader) -> Iterator[tuple]:
        """Give ids, confidences (B,), who is accepted, and their maps (A, C, h, w).

        Raises:
            ValueError: A view that is not the whole image, or a network that gives no
                finite numbers.
        """
        task = TASK_UTILS.build({**self.task_cfg, 'network': network})
        trust = TASK_UTILS.build(self.filter_cfg)
        for data in loader:
            data = network.data_preprocessor(data)
            batch = task.batch(data['inputs'], data['data_samples'])
            ids = [checked_id(sample, batch.view.size) for sample in batch.samples]
            raw = task.forward(network, batch).float()
            confidence: Tensor = trust.confidence(raw)
            accepted = trust.accepts(confidence)
            found = confidence.double().cpu().numpy()
            if not np.isfinite(found).all():
                wrong = ids[int(np.argmin(np.isfinite(found)))]
                raise ValueError(
                    f'the confidence of image {wrong} is {found[ids.index(wrong)]}: '
                    f'the network of {self.checkpoint} gives numbers that are not '
                    'finite, its training has diverged. Choose an earlier checkpoint'
                )
            maps = task.soft(raw, batch).value[accepted]
            yield ids, found, accepted.cpu().numpy(), maps.half().cpu().numpy()

    def record(
        self,
        store: Path,
        ids: Sequence[int],
        confidence: np.ndarray,
        accepted: np.ndarray,
        maps: np.ndarray,
    ) -> tuple:
        """Write the accepted maps; they are there before their record says so."""
        for img_id, each in zip(np.array(ids)[accepted], maps, strict=True):
            write_maps(store, int(img_id), each)
        return ids, confidence, accepted

    def finish(
        self, store: Path, records: np.ndarray, meta: dict, log: Logger, dataset
    ) -> None:
        """Complete the store, and say what is in it."""
        ids, confidence, accepted = (
            records[name] for name in ('id', 'confidence', 'accepted')
        )
        MapStore.write(store, ids, confidence, accepted, meta)
        kept, total = int(accepted.sum()), len(records)
        values = np.percentile(confidence, PERCENTILES)
        found = ', '.join(
            f'{share}%: {value:.4g}'
            for share, value in zip(PERCENTILES, values, strict=True)
        )
        name = self.filter_cfg['type']
        log.info(
            f'{name} accepted {kept} of {total} images, rejected {total - kept}; '
            f'percentiles of the confidence: {found}'
        )
        if not kept:
            log.warning(
                f'{name} rejected all {total} images, so no stage can train on these '
                f'pseudo labels: their confidences reach from {values[0]:.4g} to '
                f'{values[-1]:.4g}. Choose its intervals by tools/calibrate_filter.py, '
                'and run the stage again (--stage pseudo_label --restart)'
            )
