"""Several networks that look at several views of the same images."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor, nn

from ssltoolbox.datasets.transforms.view_set import PLAIN
from ssltoolbox.geometry.undo import undo_view
from ssltoolbox.jobs.fusion_output import Cells
from ssltoolbox.jobs.whole_image import checked_id
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.semi.fusion import Fused, Vote, fuse


class Voters:
    """Networks of the same classes, and what the vote of each counts.

    Args:
        networks: In eval mode, on one device.
        task: Config of the task adapter, ``ssltoolbox.SegTask``.
        weights: One for each network, above 0.

    Attributes:
        num_classes: Of every network.

    Raises:
        TypeError: The task gives no probabilities of pixels.
        ValueError: The networks tell different numbers of classes apart.
    """

    def __init__(
        self, networks: Sequence[nn.Module], task: dict, weights: Sequence[float]
    ) -> None:
        self.networks, self.weights = networks, weights
        self.tasks = [TASK_UTILS.build({**task, 'network': n}) for n in networks]
        if not hasattr(self.tasks[0], 'probabilities'):
            raise TypeError(
                f'{type(self.tasks[0]).__name__} gives no probabilities of pixels, '
                'which a FusionJob averages: use ssltoolbox.SegTask'
            )
        counts = [task.num_classes for task in self.tasks]
        self.num_classes = counts[0]
        if len(set(counts)) > 1:
            raise ValueError(
                f'the members of a FusionJob tell {counts} classes apart, in their '
                'order: they must be trained on the same classes'
            )

    def fuse(self, data: Mapping[str, Any]) -> tuple[list[int], Fused, Cells]:
        """Let all networks vote on all views of a batch.

        Args:
            data: ``{'inputs': {view: images}, 'data_samples': {view: samples}}``.

        Returns:
            Ids of the images, their fused probabilities in the plain view, and how
            the finest of the maps of which these are made lie in it.

        Raises:
            ValueError: A network gives numbers that are not finite, or the plain view
                is not the whole image.
        """
        finite: list[Tensor] = []
        cells: list[Cells] = []
        fused = fuse(self._votes(data, finite, cells))
        if not fused.share.isfinite().all():
            wrong = [bool(each) for each in finite].index(False)
            raise ValueError(
                f'member {wrong % len(self.networks) + 1} gives numbers that are not '
                'finite, its training has diverged: choose an earlier checkpoint, or '
                'leave it out'
            )
        height, width = fused.share.shape[-2:]
        samples = data['data_samples'][PLAIN]
        return [checked_id(s, (width, height)) for s in samples], fused, max(cells)

    def _votes(
        self, data: Mapping, finite: list[Tensor], cells: list[Cells]
    ) -> Iterator[Vote]:
        plain = _matrices(data['data_samples'][PLAIN])
        for name, images in data['inputs'].items():
            samples = data['data_samples'][name]
            view = _matrices(samples)
            # the preprocessor copies all that samples hold, and no pass reads it
            bare = [type(sample)() for sample in samples]
            for network, task, weight in zip(
                self.networks, self.tasks, self.weights, strict=True
            ):
                given = network.data_preprocessor(
                    {'inputs': images, 'data_samples': bare}
                )
                batch = task.batch(given['inputs'], samples)
                raw = task.forward(network, batch)
                finite.append(raw.isfinite().all())
                height, width = raw.shape[-2:]
                cells.append(Cells(height, width, task.align_corners))
                share, known = undo_view(
                    task.probabilities(raw, batch), view, plain, batch.view.size
                )
                yield Vote(share, weight, known)


def _matrices(samples: Sequence) -> np.ndarray:
    return np.stack([sample.metainfo['view'] for sample in samples])
