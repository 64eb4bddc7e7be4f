"""Draw training samples from several sources in exact proportions."""

import math
from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
from mmengine.dist import get_dist_info, sync_random_seed
from torch.utils.data import Sampler

from ssltoolbox.registry import DATA_SAMPLERS


class Draw(NamedTuple):
    """One sample to load.

    Attributes:
        index: Position in the data set.
        seed: Seed of every random number that its pipeline draws, so a sample does
            not depend on the worker that loads it, nor on an interruption.
    """

    index: int  # type: ignore[assignment]  # hides a method of tuples, on purpose
    seed: int


@DATA_SAMPLERS.register_module()
class MultiSourceSampler(Sampler):
    """Sampler over a data set made of sources, such as labelled and unlabelled.

    Every batch of ``batch_size`` holds the same number of samples of each source. Each
    source is shuffled by itself and begun anew when it is used up, so a small labelled
    set simply goes round more often.

    Args:
        dataset: A ``ssltoolbox.MultiSourceDataset``, or any data set (one source).
        batch_size: Samples per batch on one rank.
        ratio: Relative share of each source in a batch, for example (1, 3). Every
            source with a positive share gets at least one place. None draws all
            samples in one uniform shuffle, whatever their source.
        epoch_length: Batches per epoch. None: as many as the source that needs most
            takes for one pass; with ``ratio=None``, one pass over all.
            ``'all'``: as many as one pass over all would take, whatever the ratio;
            ``'longest'``: as many as one pass over the largest source alone would
            take. So runs which mix differently, or leave a source out, are equally
            long.
        seed: Seed of the shuffle; None takes one that all ranks share.
        shuffle: Whether to shuffle.
        drop_last: With ``ratio=None``, leave out the samples that do not fill a batch;
            else the last batch is filled from the next shuffle.
        endless: Go on with the next epoch for ever, for iteration-based loops.

    Shapes:
        Yields :class:`Draw`; ``len`` is a whole number of batches per rank.

    Raises:
        ValueError: A source with a share is empty, or the batch has too few places.
    """

    def __init__(
        self,
        dataset,
        batch_size: int,
        ratio: tuple[float, ...] | None = None,
        epoch_length: int | Literal['all', 'longest'] | None = None,
        seed: int | None = None,
        shuffle: bool = True,
        drop_last: bool = True,
        endless: bool = False,
    ) -> None:
        self.rank, self.world_size = get_dist_info()
        self.seed = sync_random_seed() if seed is None else seed
        self.batch_size, self.shuffle = batch_size, shuffle
        sizes = list(getattr(dataset, 'source_sizes', [len(dataset)]))
        names = list(getattr(dataset, 'source_names', ['data']))
        self.epoch_length = self._fixed_length(epoch_length, sizes, ratio)
        if ratio is None:
            sizes, names, ratio = [sum(sizes)], ['all sources'], (1,)
        if len(ratio) != len(sizes):
            raise ValueError(
                f'ratio {tuple(ratio)} is for {len(ratio)} sources, there are {names}'
            )
        self.sizes, self.starts = sizes, np.cumsum([0, *sizes[:-1]]).tolist()
        self.places = _divide(batch_size, ratio, names)
        for name, size, places in zip(names, sizes, self.places, strict=True):
            if places and not size:
                raise ValueError(
                    f'source {name!r} has a share of the batch but no samples: check '
                    'its label list and filters, or set its share in ratio to 0'
                )
        self.epoch, self.skipped, self.endless = 0, 0, endless
        self.drop_last = drop_last

    def _fixed_length(
        self, asked: int | str | None, sizes: list[int], ratio: tuple | None
    ) -> int | None:
        """Batches of an epoch, where they do not follow from the sources."""
        if not isinstance(asked, str):
            return asked
        if asked not in ('all', 'longest'):
            raise ValueError(
                "epoch_length must be a number, 'all', 'longest' or None, got "
                f'{asked!r}'
            )
        places = self.batch_size * self.world_size
        if asked == 'longest':
            return math.ceil(max(sizes) / places)
        return None if ratio is None else max(sum(sizes) // places, 1)

    def __len__(self) -> int:
        return self.num_batches * self.batch_size

    @property
    def num_batches(self) -> int:
        """Batches per epoch and rank."""
        if self.epoch_length:
            return self.epoch_length
        needed = max(
            size / (places * self.world_size)
            for size, places in zip(self.sizes, self.places, strict=True)
            if places
        )
        whole = math.floor if self._one_pass and self.drop_last else math.ceil
        return max(whole(needed), 1)

    @property
    def _one_pass(self) -> bool:
        """Whether each epoch begins a new pass over a single source."""
        return len(self.sizes) == 1 and not self.epoch_length

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order comes next."""
        self.epoch = epoch

    def skip(self, num_samples: int) -> None:
        """Leave out this many samples of the rank, counted from the first epoch.

        mmengine calls it when an iteration-based run resumes.
        """
        epochs, self.skipped = divmod(num_samples, len(self))
        self.epoch += epochs

    def __iter__(self) -> Iterator[Draw]:
        yield from self._one_epoch()
        while self.endless:
            self.epoch += 1
            yield from self._one_epoch()

    def _one_epoch(self) -> Iterator[Draw]:
        first, self.skipped = self.skipped // self.batch_size, 0
        streams = [self._stream(source) for source in range(len(self.sizes))]
        for batch in range(first, self.num_batches):
            place = 0
            for stream, places in zip(streams, self.places, strict=True):
                begin = (batch * self.world_size + self.rank) * places
                for index in stream[begin : begin + places]:
                    yield Draw(int(index), self._draw_seed(batch, place))
                    place += 1

    def _stream(self, source: int) -> np.ndarray:
        """Positions drawn from one source during this epoch, over all ranks.

        Passes over a source run on from epoch to epoch, unless an epoch is one pass.
        """
        size = self.sizes[source]
        length = self.places[source] * self.world_size * self.num_batches
        if not length:
            return np.empty(0, dtype=np.int64)
        passes = math.ceil(length / size)
        begin = self.epoch * (passes * size if self._one_pass else length)
        first = begin // size
        orders = [self._order(source, first + i) for i in range(passes + 1)]
        return (
            np.concatenate(orders)[begin - first * size :][:length]
            + self.starts[source]
        )

    def _order(self, source: int, number: int) -> np.ndarray:
        order = np.arange(self.sizes[source])
        if self.shuffle:
            np.random.default_rng((self.seed, source, number)).shuffle(order)
        return order

    def _draw_seed(self, batch: int, place: int) -> int:
        key = (self.seed, self.epoch, batch, self.rank, place)
        return int(np.random.SeedSequence(key).generate_state(1)[0])


def _divide(batch_size: int, ratio: tuple[float, ...], names: list[str]) -> list[int]:
    """Share out a batch: exact in sum, at least one place where there is a share."""
    if min(ratio) < 0 or sum(ratio) <= 0:
        raise ValueError(
            f'ratio must be non-negative with a positive sum, got {tuple(ratio)}'
        )
    if batch_size < sum(share > 0 for share in ratio):
        raise ValueError(
            f'batch_size {batch_size} has no place for each of the sources {names}'
        )
    exact = [batch_size * share / sum(ratio) for share in ratio]
    places = [max(math.floor(e), int(e > 0)) for e in exact]
    while sum(places) < batch_size:
        places[max(range(len(exact)), key=lambda i: exact[i] - places[i])] += 1
    while sum(places) > batch_size:
        places[
            max(range(len(exact)), key=lambda i: (places[i] > 1, places[i] - exact[i]))
        ] -= 1
    return places
