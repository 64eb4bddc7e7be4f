"""What all stages share that label a data set with a trained network."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from logging import Logger
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.device import get_device
from mmengine.dist import barrier, get_rank, get_world_size, is_main_process
from mmengine.logging import MMLogger
from torch.utils.data import DataLoader, Subset

from ssltoolbox.apis.model import Which, load_network_weights
from ssltoolbox.datasets.multi_source import sample_ids
from ssltoolbox.engine.memory import keep_freed_memory
from ssltoolbox.jobs.progress import Eta
from ssltoolbox.jobs.record_log import RecordLog
from ssltoolbox.registry import DATASETS, MODELS
from ssltoolbox.utils.digest import file_sha256


class LabellingJob(ABC):
    """Label every sample of a data set, batched and without gradient.

    Memory does not grow with the data. Every batch is appended to a file, so an
    interrupted job goes on where it stopped. Several processes share the samples.

    Args:
        network: Config of the network.
        checkpoint: Its weights.
        dataset: Config of the data set; its pipeline ends with one plain view.
        batch_size: Samples per batch.
        num_workers: Processes that load images.
        which: Network of a semi-supervised checkpoint: ``'auto'`` (the teacher, if
            there is one), ``'teacher'`` or ``'student'``.
    """

    what = 'instances'
    """Name of the samples, for the log."""

    def __init__(
        self,
        network: dict,
        checkpoint: str,
        dataset: dict,
        batch_size: int = 32,
        num_workers: int = 2,
        which: Which = 'auto',
    ) -> None:
        self.network_cfg, self.checkpoint, self.which = network, checkpoint, which
        self.dataset_cfg = dataset
        self.batch_size, self.num_workers = batch_size, num_workers

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """What else decides the result: another setting makes records worthless."""

    @abstractmethod
    def fields(self, dataset) -> Sequence[tuple]:
        """Fields of a record, see :class:`~ssltoolbox.jobs.record_log.RecordLog`."""

    @abstractmethod
    def predict(self, network, loader) -> Iterator[tuple]:
        """Give ids (B,) of each batch, and what :meth:`record` makes fields of."""

    def try_out(self, network: torch.nn.Module, data: dict, layout: dict) -> None:
        """Label one batch and keep nothing, to find what a run would stop at.

        Args:
            network: The network, with whatever weights.
            data: The batch.
            layout: Meta information of the data set.
        """
        for _ in self.predict(network, [data]):
            pass

    @abstractmethod
    def finish(self, store: Path, records: np.ndarray, meta: dict, log: Logger) -> None:
        """Write the store from the records of all samples."""

    def begin(self, store: Path) -> None:  # noqa: B027  most need none
        """Make room for a new store; called unless an interrupted job goes on."""

    def record(self, store: Path, ids: Sequence[int], *found: Any) -> tuple:
        """Turn what was found out about a batch into ids and fields of its records."""
        return ids, *found

    def run(self, cfg: Config) -> dict[str, Any]:
        """Label the data set and write ``<work_dir>/store``.

        Returns:
            ``{'store': folder}``.

        Raises:
            FileNotFoundError: There is no checkpoint.
            ValueError: Two samples of the data sets have the same id.
        """
        if not self.checkpoint or not Path(self.checkpoint).is_file():
            raise FileNotFoundError(
                f'the pseudo-label stage needs trained weights, {self.checkpoint!r} is '
                'no file: run the supervised stage first, or name one with '
                '--cfg-options pseudo_label_job.checkpoint=FILE'
            )
        keep_freed_memory()
        folder = Path(cfg.work_dir)
        folder.mkdir(parents=True, exist_ok=True)
        logger = MMLogger.get_instance('pseudo_label', logger_name='ssltoolbox')
        dataset, store = DATASETS.build(self.dataset_cfg), folder / 'store'
        meta = self._provenance(dataset)
        network = self._load_network()
        log = RecordLog(folder, self.fields(dataset), meta)
        if is_main_process() and not log.begin():
            self.begin(store)
        barrier()
        done = set(log.read()['id'].tolist())
        todo = [i for i, id_ in enumerate(_distinct_ids(dataset)) if id_ not in done]
        if done and todo:
            logger.info(
                f'{len(done)} {self.what} are labelled already, {len(todo)} remain'
            )
        self._label(network, dataset, todo[get_rank() :: get_world_size()], log, logger)
        barrier()
        if is_main_process():
            self.finish(store, log.read(), meta, logger)
            log.delete()
        barrier()
        logger.info(f'pseudo labels of {len(dataset)} {self.what} are in {store}')
        return {'store': str(store)}

    def _provenance(self, dataset) -> dict[str, Any]:
        return dict(
            checkpoint=str(self.checkpoint),
            checkpoint_sha256=file_sha256(self.checkpoint),
            dataset=_names(dataset),
            num_instances=len(dataset),
            which=self.which,
            **self.settings(),
        )

    def _load_network(self) -> torch.nn.Module:
        network = MODELS.build(self.network_cfg)
        load_network_weights(network, self.checkpoint, self.which)
        return network.to(get_device()).eval()

    def _label(self, network, dataset, indices, log: RecordLog, logger: Logger) -> None:
        if not indices:
            return
        loader = DataLoader(
            Subset(dataset, indices),
            batch_size=self.batch_size,
            num_workers=self.num_workers,
            collate_fn=pseudo_collate,
        )
        eta = Eta(len(indices), logger, 'pseudo labels')
        with log.open(get_rank()) as write:
            for ids, *found in self.predict(network, loader):
                write(*self.record(log.folder / 'store', ids, *found))
                eta.update(len(ids))


def _distinct_ids(dataset) -> np.ndarray:
    ids = sample_ids(dataset)
    if len(np.unique(ids)) < len(ids):
        raise ValueError(
            f'the data sets to label share {len(ids) - len(np.unique(ids))} ids, and '
            'pseudo labels are kept by id: give the sources distinct ids'
        )
    return ids


def _names(dataset) -> list[str]:
    """File or folder of each source, for the record."""
    return [_name(source) for source in getattr(dataset, 'sources', [dataset])]


def _name(source) -> str:
    # whole images are a part of a data set without an annotation file of its own
    data = getattr(source, 'dataset', source)
    file = getattr(source, 'ann_file', '') or getattr(source, 'img_dir', '')
    return Path(file or getattr(data, 'data_root', '') or type(data).__name__).name
