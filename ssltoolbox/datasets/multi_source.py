"""One data set made of sources, with random numbers that belong to the sample."""

import random
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate

import numpy as np
import torch
from mmengine.dataset import BaseDataset
from torch.utils.data import Dataset

from ssltoolbox.datasets.sampler import Draw
from ssltoolbox.registry import DATASETS


@contextmanager
def seeded(seed: int):
    """Seed python, numpy and torch inside the context, and restore them after it.

    Transforms of mmpose, mmseg and mmcv draw from these global generators. Those of
    an accelerator, from which the network draws, are left alone.
    """
    before = random.getstate(), np.random.get_state(), torch.get_rng_state()
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.default_generator.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
        torch.set_rng_state(before[2])


@DATASETS.register_module()
class MultiSourceDataset(Dataset):
    """Labelled and unlabelled data side by side.

    ``ssltoolbox.MultiSourceSampler`` decides how they mix. Indexed by a
    :class:`~ssltoolbox.datasets.sampler.Draw`, a sample is loaded under the draw's
    seed, so it is the same with any number of workers and after any interruption.

    Args:
        sources: ``{name: data set config}``, in the order of the sampler's ``ratio``.
        pipeline: Pipeline of all sources, or ``{name: pipeline}``; None where each
            has its own.

    Attributes:
        source_names, source_sizes: Names and lengths of the sources.
    """

    def __init__(
        self, sources: dict[str, dict], pipeline: list | dict[str, list] | None = None
    ) -> None:
        if not sources:
            raise ValueError('MultiSourceDataset needs at least one source')
        if isinstance(pipeline, dict) and pipeline.keys() != sources.keys():
            raise ValueError(
                f'MultiSourceDataset has pipelines for {", ".join(pipeline)}, and the '
                f'sources {", ".join(sources)}: give one for each, or one for all'
            )
        pipelines = source_pipelines(sources, pipeline)
        self.sources = [
            DATASETS.build({**source, **({} if steps is None else {'pipeline': steps})})
            for source, steps in zip(sources.values(), pipelines, strict=True)
        ]
        self.source_names = list(sources)
        self.source_sizes = [len(source) for source in self.sources]
        self._ends = list(accumulate(self.source_sizes))

    @property
    def ids(self) -> np.ndarray:
        """Annotation id of every sample, int64."""
        return np.concatenate([sample_ids(source) for source in self.sources])

    @property
    def metainfo(self) -> dict:
        """Meta information of the first source."""
        return self.sources[0].metainfo

    def __len__(self) -> int:
        return self._ends[-1]

    def __getitem__(self, item: Draw | int) -> dict:
        if not isinstance(item, Draw):
            return self._load(item)
        with seeded(item.seed):
            return self._load(item.index)

    def _load(self, index: int) -> dict:
        source = bisect_right(self._ends, index)
        begin = self._ends[source] - self.source_sizes[source]
        return self.sources[source][index - begin]


def sources_of(dataset: Dataset) -> list[Dataset]:
    """The data sets that a data set is made of; one alone is its own source."""
    return list(getattr(dataset, 'sources', [dataset]))


def source_pipelines(
    sources: Mapping[str, Mapping], pipeline: Sequence | Mapping[str, Sequence] | None
) -> list[Sequence | None]:
    """Pipeline of each source; None where nobody names one.

    Args:
        sources: Configs of the sources.
        pipeline: Field of :class:`MultiSourceDataset`.
    """
    named = (
        pipeline if isinstance(pipeline, Mapping) else dict.fromkeys(sources, pipeline)
    )
    return [
        source.get('pipeline') if named.get(name) is None else named[name]
        for name, source in sources.items()
    ]


def sample_ids(dataset: Dataset) -> np.ndarray:
    """Annotation id of every sample of a data set, int64, without reading images."""
    if hasattr(dataset, 'ids'):
        return dataset.ids
    # mmengine's own reader: others may open the image to complete a record
    records = (BaseDataset.get_data_info(dataset, i) for i in range(len(dataset)))
    return np.fromiter((record['id'] for record in records), dtype=np.int64)
