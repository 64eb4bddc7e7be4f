"""What all stages share that label a data set with a trained network."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from logging import Logger
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.device import get_device
from mmengine.dist import barrier, get_rank, get_world_size, is_main_process
from mmengine.logging import MMLogger
from torch import nn
from torch.utils.data import DataLoader, Subset

from ssltoolbox.datasets.multi_source import sample_ids, sources_of
from ssltoolbox.engine.memory import keep_freed_memory
from ssltoolbox.jobs.member import Member
from ssltoolbox.jobs.progress import Eta
from ssltoolbox.jobs.record_log import RecordLog
from ssltoolbox.registry import DATASETS


class LabellingJob(ABC):
    """Label every sample of a data set, batched and without gradient.

    Memory does not grow with the data. Every batch is appended to a file, so an
    interrupted job goes on where it stopped. Several processes share the samples.

    Args:
        members: The networks that label.
        dataset: Config of the data set.
        batch_size: Samples per batch.
        num_workers: Processes that load images.
    """

    what = 'instances'
    """Name of the samples, for the log."""

    collate: Callable[[list], dict] = staticmethod(pseudo_collate)
    """Makes a batch of samples."""

    def __init__(
        self,
        members: Sequence[Member],
        dataset: dict,
        batch_size: int = 32,
        num_workers: int = 2,
    ) -> None:
        self.members: Sequence[Member] = list(members)
        self.dataset_cfg = dataset
        self.batch_size, self.num_workers = batch_size, num_workers

    @abstractmethod
    def provenance(self) -> dict[str, Any]:
        """What the store says of the networks: another one makes records worthless."""

    @abstractmethod
    def settings(self, dataset) -> dict[str, Any]:
        """What else decides the result: another setting makes records worthless."""

    @abstractmethod
    def fields(self, dataset) -> Sequence[tuple]:
        """Fields of a record, see :class:`~ssltoolbox.jobs.record_log.RecordLog`."""

    @abstractmethod
    def predict_all(
        self, networks: list[nn.Module], loader: Iterable[dict]
    ) -> Iterator[tuple]:
        """Give ids (B,) of each batch, and what :meth:`record` makes fields of."""

    def try_out(self, networks: list[nn.Module], data: dict, layout: dict) -> None:
        """Label one batch and keep nothing, to find what a run would stop at.

        Args:
            networks: Those of the members, with whatever weights.
            data: The batch.
            layout: Meta information of the data set.
        """
        for _ in self.predict_all(networks, [data]):
            pass

    @abstractmethod
    def finish(
        self, store: Path, records: np.ndarray, meta: dict, log: Logger, dataset
    ) -> None:
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
            FileNotFoundError: A network has no checkpoint.
            ValueError: The data set is empty, or two of its samples have the same id.
        """
        for member in self.members:
            member.check()
        keep_freed_memory()
        folder = Path(cfg.work_dir)
        folder.mkdir(parents=True, exist_ok=True)
        logger = MMLogger.get_instance('pseudo_label', logger_name='ssltoolbox')
        dataset, store = self.open_dataset(), folder / 'store'
        ids, meta = sample_ids(dataset), self._meta(dataset)
        networks = self.load_networks(dataset)
        log = RecordLog(folder, self.fields(dataset), meta)
        if is_main_process() and not log.begin():
            self.begin(store)
        barrier()
        done = np.isin(ids, log.read()['id'])
        if done.any() and not done.all():
            logger.info(
                f'{done.sum()} {self.what} are labelled already, {(~done).sum()} remain'
            )
        # always the same share, so that a job goes on with the batches it would have
        mine = np.arange(len(ids))[get_rank() :: get_world_size()]
        self._label(networks, dataset, mine[~done[mine]].tolist(), log, logger)
        barrier()
        if is_main_process():
            self.finish(store, log.read(), meta, logger, dataset)
            log.delete()
        barrier()
        logger.info(f'pseudo labels of {len(dataset)} {self.what} are in {store}')
        return {'store': str(store)}

    def open_dataset(self):
        """Build the data set to label.

        Raises:
            ValueError: It is empty, or two of its samples have the same id.
        """
        dataset = DATASETS.build(self.dataset_cfg)
        _check_ids(dataset)
        self.settings(dataset)
        return dataset

    def load_networks(self, dataset) -> list[nn.Module]:
        """Build the networks, and load their weights, on the device that is used."""
        return [member.load().to(get_device()) for member in self.members]

    def _meta(self, dataset) -> dict[str, Any]:
        return dict(
            **self.provenance(),
            dataset=_names(dataset),
            num_instances=len(dataset),
            **self.settings(dataset),
        )

    def _label(
        self, networks, dataset, indices, log: RecordLog, logger: Logger
    ) -> None:
        if not indices:
            return
        loader = DataLoader(
            Subset(dataset, indices),
            batch_size=self.batch_size,
            num_workers=self.num_workers,
            collate_fn=self.collate,
        )
        eta = Eta(len(indices), logger, 'pseudo labels')
        with log.open(get_rank()) as write:
            for ids, *found in self.predict_all(networks, loader):
                write(*self.record(log.folder / 'store', ids, *found))
                eta.update(len(ids))


def _check_ids(dataset) -> None:
    ids = sample_ids(dataset)
    if not len(ids):
        raise ValueError(
            f'there is nothing to label: the data set of {", ".join(_names(dataset))} '
            'is empty. Check data_root and labels'
        )
    if len(np.unique(ids)) < len(ids):
        raise ValueError(
            f'the data sets to label share {len(ids) - len(np.unique(ids))} ids, and '
            'pseudo labels are kept by id: give the sources distinct ids'
        )


def _names(dataset) -> list[str]:
    """File or folder of each source, for the record."""
    return [_name(source) for source in sources_of(dataset)]


def _name(source) -> str:
    # whole images are a part of a data set without an annotation file of its own
    data = getattr(source, 'dataset', source)
    file = getattr(source, 'ann_file', '') or getattr(source, 'img_dir', '')
    return Path(file or getattr(data, 'data_root', '') or type(data).__name__).name
