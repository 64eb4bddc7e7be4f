"""The stage that labels a data set with a trained network."""

from collections.abc import Callable, Iterator, Sequence
from logging import Logger
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ssltoolbox.jobs.network_job import NetworkJob
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.semi.store import LabelStore
from ssltoolbox.tasks.pose import PoseTask


@TASK_UTILS.register_module()
class PosePseudoLabelJob(NetworkJob):
    """Label every instance of a data set, by test-time augmentation.

    Args:
        tta: Config of the test-time augmentation.
        refine: Decode peaks to a quarter cell, see ``PoseTask``.
        kwargs: Fields of :class:`~ssltoolbox.jobs.network_job.NetworkJob`.
    """

    def __init__(
        self, tta: dict | None = None, refine: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.tta_cfg, self.refine = tta or dict(type='ssltoolbox.PoseTTA'), refine

    def settings(self, dataset) -> dict[str, Any]:  # noqa: D102
        return dict(tta=self.tta_cfg, refine=self.refine)

    def fields(self, dataset) -> Sequence[tuple]:  # noqa: D102
        count = dataset.metainfo['num_keypoints']
        return [('keypoints', '<f4', (count, 2)), ('scores', '<f4', (count,))]

    def try_out(  # noqa: D102
        self, networks: list[torch.nn.Module], data: dict, layout: dict
    ) -> None:
        count = layout['num_keypoints']
        # two passes show that they can be turned back; more show nothing new
        passes = min(self.tta_cfg.get('num_transforms', 2), 2)
        self.tta_cfg = {**self.tta_cfg, 'num_transforms': passes}
        for _, keypoints, _ in self.predict_all(networks, [data]):
            if keypoints.shape[1] != count:
                raise ValueError(
                    f'the network gives {keypoints.shape[1]} keypoints, the layout of '
                    f'the data set has {count}'
                )

    def finish(  # noqa: D102
        self, store: Path, records: np.ndarray, meta: dict, log: Logger, dataset
    ) -> None:
        ids, points, scores = (records[k] for k in ('id', 'keypoints', 'scores'))
        LabelStore.write(store, ids, points, scores, meta)

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
