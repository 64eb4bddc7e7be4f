"""The stage that labels a data set with a trained network."""

from collections.abc import Callable, Iterator
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
from ssltoolbox.registry import DATASETS, MODELS, TASK_UTILS
from ssltoolbox.semi.store import LabelStore
from ssltoolbox.tasks.pose import PoseTask
from ssltoolbox.utils.digest import file_sha256


@TASK_UTILS.register_module()
class PosePseudoLabelJob:
    """Label every instance of a data set, by test-time augmentation.

    Batched, without gradient, in constant memory. Results are appended to a file after
    every batch, so an interrupted job goes on where it stopped.

    Args:
        network: Config of the network.
        checkpoint: Its weights.
        dataset: Config of the data set; its pipeline ends with one plain view.
        tta: Config of the test-time augmentation.
        batch_size: Instances per batch.
        num_workers: Processes that load images.
        refine: Decode peaks to a quarter cell, see ``PoseTask``.
        which: Network of a semi-supervised checkpoint: ``'auto'`` (the teacher, if
            there is one), ``'teacher'`` or ``'student'``.
    """

    def __init__(
        self,
        network: dict,
        checkpoint: str,
        dataset: dict,
        tta: dict | None = None,
        batch_size: int = 32,
        num_workers: int = 2,
        refine: bool = False,
        which: Which = 'auto',
    ) -> None:
        self.network_cfg, self.checkpoint, self.which = network, checkpoint, which
        self.dataset_cfg = dataset
        self.tta_cfg = tta or dict(type='ssltoolbox.PoseTTA')
        self.batch_size, self.num_workers = batch_size, num_workers
        self.refine = refine

    def run(self, cfg: Config) -> dict[str, Any]:
        """Label the data set and write ``<work_dir>/store``.

        Returns:
            ``{'store': folder}``.

        Raises:
            FileNotFoundError: There is no checkpoint.
            ValueError: Two instances of the data sets have the same id.
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
        dataset = DATASETS.build(self.dataset_cfg)
        meta = self._provenance(dataset)
        network = self._load_network()
        num_keypoints = dataset.metainfo['num_keypoints']
        log = RecordLog(folder, num_keypoints, meta)
        if is_main_process():
            log.begin()
        barrier()
        done = set(log.read()['id'].tolist())
        todo = [i for i, id_ in enumerate(_distinct_ids(dataset)) if id_ not in done]
        if done and todo:
            logger.info(
                f'{len(done)} instances are labelled already, {len(todo)} remain'
            )
        self._label(network, dataset, todo[get_rank() :: get_world_size()], log, logger)
        barrier()
        if is_main_process():
            records = log.read()
            LabelStore.write(
                folder / 'store',
                records['id'],
                records['keypoints'],
                records['scores'],
                meta,
            )
            log.delete()
        barrier()
        logger.info(
            f'pseudo labels of {len(dataset)} instances are in {folder / "store"}'
        )
        return {'store': str(folder / 'store')}

    def _provenance(self, dataset) -> dict[str, Any]:
        return dict(
            checkpoint=str(self.checkpoint),
            checkpoint_sha256=file_sha256(self.checkpoint),
            dataset=_names(dataset),
            num_instances=len(dataset),
            which=self.which,
            tta=self.tta_cfg,
            refine=self.refine,
        )

    def _load_network(self) -> torch.nn.Module:
        network = MODELS.build(self.network_cfg)
        load_network_weights(network, self.checkpoint, self.which)
        return network.to(get_device()).eval()

    def _label(self, network, dataset, indices, log, logger) -> None:
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
            for ids, keypoints, scores in self.predict(network, loader):
                write(ids, keypoints, scores)
                eta.update(len(ids))

    @torch.no_grad()
    def predict(self, network, loader) -> Iterator[tuple]:
        """Give ids, keypoints (B, K, 2) in image px and scores (B, K) of each batch."""
        task = PoseTask(network, refine=self.refine)
        tta = TASK_UTILS.build(self.tta_cfg)
        for data in loader:
            samples = data['data_samples']
            device = next(network.parameters()).device
            crops = torch.stack(data['inputs']).to(device, non_blocking=True)
            ids = [sample.metainfo['id'] for sample in samples]
            flip = list(samples[0].metainfo['flip_indices'])
            forward = _grey_level_forward(network, samples)
            heatmaps = tta(forward, crops, tta.draws_for(ids), flip)
            batch = task.batch(crops, samples)
            label = task.decode(heatmaps, batch)
            inverse = batch.view.inverse()
            points = (
                label.value.double() @ inverse[:, :2, :2].mT + inverse[:, None, :2, 2]
            )
            yield ids, points.float().cpu().numpy(), label.score.cpu().numpy()


def _grey_level_forward(network, samples) -> Callable[[torch.Tensor], torch.Tensor]:
    # the preprocessor copies all that samples hold, and no pass reads it
    samples = [type(sample)() for sample in samples]

    def forward(images: torch.Tensor) -> torch.Tensor:
        data = network.data_preprocessor({'inputs': images, 'data_samples': samples})
        return network(data['inputs'], data['data_samples'], mode='tensor')

    return forward


def _distinct_ids(dataset) -> np.ndarray:
    ids = sample_ids(dataset)
    if len(np.unique(ids)) < len(ids):
        raise ValueError(
            f'the data sets to label share {len(ids) - len(np.unique(ids))} annotation '
            'ids, and pseudo labels are kept by id: give the sources distinct ids'
        )
    return ids


def _names(dataset) -> list[str]:
    """File or folder of each source, for the record."""
    sources = getattr(dataset, 'sources', [dataset])
    found = (getattr(s, 'ann_file', '') or getattr(s, 'img_dir', '') for s in sources)
    return [Path(name).name for name in found]
