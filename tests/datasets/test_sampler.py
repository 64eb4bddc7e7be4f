from collections import Counter

import pytest
from mmengine.runner.loops import _InfiniteDataloaderIterator
from torch.utils.data import DataLoader

from ssltoolbox.datasets import sampler as module
from ssltoolbox.datasets.sampler import MultiSourceSampler


class Numbers:
    """Sources whose samples are their positions and seeds."""

    def __init__(self, *sizes):
        self.source_sizes = list(sizes)
        self.source_names = [f's{i}' for i in range(len(sizes))]

    def __len__(self):
        return sum(self.source_sizes)

    def __getitem__(self, draw):
        return tuple(draw)


def sampler(*sizes, batch_size=4, seed=0, **fields):
    return MultiSourceSampler(Numbers(*sizes), batch_size, seed=seed, **fields)


def indices(draws):
    return [draw.index for draw in draws]


def batches(draws, size):
    draws = list(draws)
    assert len(draws) % size == 0
    return [draws[i : i + size] for i in range(0, len(draws), size)]


@pytest.fixture
def ranks(monkeypatch):
    """Build the samplers of all ranks."""

    def build(world_size, *sizes, **fields):
        made = []
        for rank in range(world_size):
            monkeypatch.setattr(module, 'get_dist_info', lambda r=rank: (r, world_size))
            made.append(sampler(*sizes, **fields))
        return made

    return build


@pytest.mark.parametrize(
    'ratio, batch_size, places',
    [
        ((1, 3), 4, [1, 3]),
        ((1, 1), 5, [3, 2]),
        ((1, 3), 32, [8, 24]),
        ((1, 1, 2), 8, [2, 2, 4]),
        ((0.1, 0.3, 0.6), 10, [1, 3, 6]),
        ((1, 1000), 4, [1, 3]),
        ((1, 0), 4, [4, 0]),
        ((1, 1, 1000, 1000), 4, [1, 1, 1, 1]),
    ],
)
def test_every_batch_holds_the_exact_share_of_each_source(ratio, batch_size, places):
    sizes = [10 * (i + 1) for i in range(len(ratio))]
    made = sampler(*sizes, batch_size=batch_size, ratio=ratio)
    ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
    for batch in batches(made, batch_size):
        found = Counter(
            next(s for s, end in enumerate(ends) if i < end) for i in indices(batch)
        )
        assert [found[s] for s in range(len(sizes))] == places


def test_an_epoch_over_all_has_as_many_batches_as_the_samples_fill():
    assert sampler(10, 30, ratio=(1, 1), epoch_length='all').num_batches == 10
    assert sampler(1, 1, ratio=(1, 1), epoch_length='all').num_batches == 1
    with pytest.raises(ValueError, match="'longest' or None, got 'some'"):
        sampler(10, 30, ratio=(1, 1), epoch_length='some')


def test_the_length_is_what_is_drawn():
    for fields in (
        dict(),
        dict(ratio=(1, 3)),
        dict(epoch_length=7),
        dict(drop_last=False),
    ):
        made = sampler(5, 9, **fields)
        assert len(list(made)) == len(made) == 4 * made.num_batches


def test_one_pass_over_all_leaves_out_or_fills_the_last_batch():
    left_out = indices(sampler(5, 9))
    assert len(left_out) == 12 and len(set(left_out)) == 12
    filled = indices(sampler(5, 9, drop_last=False))
    assert len(filled) == 16 and set(filled) == set(range(14))


@pytest.mark.parametrize('ratio', [None, (1, 3), (1, 0), (3, 1)])
def test_runs_that_mix_differently_may_be_equally_long(ranks, ratio):
    # 50 samples in batches of 4: 12 whole ones, 6 on each of two ranks
    assert sampler(5, 45, ratio=ratio, epoch_length='all').num_batches == 12
    for each in ranks(2, 5, 45, ratio=ratio, epoch_length='all'):
        assert each.num_batches == 6 and len(list(each)) == 24


def test_labels_alone_may_take_as_long_as_a_pass_over_the_unlabelled(ranks):
    # 45 samples, 4 at a time: 12 batches, the last of them filled up
    alone = dict(ratio=(1, 0), epoch_length='longest')
    both = dict(batch_size=8, ratio=(1, 1))
    made = sampler(5, 45, **alone)
    assert made.num_batches == sampler(5, 45, **both).num_batches == 12
    count = Counter(indices(made))
    assert sum(count.values()) == 48 and set(count) == set(range(5))
    assert sampler(45, 5, **alone).num_batches == sampler(45, 5, **both).num_batches
    for one, two in zip(ranks(2, 5, 45, **alone), ranks(2, 5, 45, **both), strict=True):
        assert one.num_batches == two.num_batches == 6  # 8 at a time, on two ranks


def test_fewer_samples_than_a_batch_still_make_one():
    assert len(indices(sampler(3, batch_size=8))) == 8
    assert set(indices(sampler(3, batch_size=8, drop_last=False))) == {0, 1, 2}


def test_every_sample_of_a_source_is_used_equally_often():
    # places 1 and 3: in 7 epochs of 10 batches the small source goes round 70 / 5
    made = sampler(5, 30, ratio=(1, 3))
    count = Counter()
    for epoch in range(7):
        made.set_epoch(epoch)
        count.update(indices(made))
    assert {count[i] for i in range(5)} == {14}
    assert {count[i] for i in range(5, 35)} == {7}


def test_passes_run_on_over_the_ends_of_epochs():
    # 3 batches of 2 places on 4 samples: an epoch is one and a half passes
    made = sampler(4, 8, ratio=(1, 1), epoch_length=3)
    seen = []
    for epoch in range(4):
        made.set_epoch(epoch)
        seen += [i for i in indices(made) if i < 4]
    assert len(seen) == 24
    for begin in range(0, 24, 4):
        assert sorted(seen[begin : begin + 4]) == [0, 1, 2, 3]


def test_epochs_and_seeds_change_the_order_and_equal_ones_do_not():
    first, second = sampler(20), sampler(20)
    assert list(first) == list(second) == list(first)
    second.set_epoch(1)
    assert indices(first) != indices(second)
    assert indices(first) != indices(sampler(20, seed=1))


def test_without_shuffle_the_order_is_that_of_the_data():
    assert indices(sampler(8, shuffle=False)) == list(range(8))


def test_every_draw_has_a_seed_of_its_own():
    made = sampler(8, ratio=(1,), epoch_length=50)
    seeds = {draw.seed for draw in made}
    made.set_epoch(1)
    seeds |= {draw.seed for draw in made}
    assert len(seeds) == 400


@pytest.mark.parametrize('fields', [dict(), dict(ratio=(1, 3))])
def test_ranks_take_disjoint_slices_of_what_one_rank_would_take(ranks, fields):
    alone = ranks(1, 16, 48, batch_size=8, **fields)[0]
    two = ranks(2, 16, 48, batch_size=4, **fields)
    assert alone.num_batches == two[0].num_batches == two[1].num_batches
    whole = [set(indices(batch)) for batch in batches(alone, 8)]
    parts = [[set(indices(b)) for b in batches(each, 4)] for each in two]
    for all_, first, second in zip(whole, *parts, strict=True):
        assert not first & second and first | second == all_


def test_ranks_draw_different_seeds(ranks):
    first, second = ranks(2, 16)
    assert not {d.seed for d in first} & {d.seed for d in second}


@pytest.mark.parametrize(
    'fields', [dict(), dict(ratio=(1, 3)), dict(epoch_length=3), dict(drop_last=False)]
)
@pytest.mark.parametrize('done', [0, 1, 2, 3, 5, 6, 11])
def test_skipping_equals_going_on(fields, done):
    plain = sampler(5, 9, **fields)
    drawn = []
    for epoch in range(8):
        plain.set_epoch(epoch)
        drawn += list(plain)
    resumed = sampler(5, 9, **fields)
    resumed.skip(done * 4)
    rest = list(resumed)
    assert rest == drawn[done * 4 :][: len(rest)]
    assert len(rest) == len(resumed) - done * 4 % len(resumed)


@pytest.mark.parametrize('done', [0, 2, 3, 4, 10])
def test_an_endless_sampler_goes_on_over_the_ends_of_epochs(done):
    def first(made, count):
        return [draw for draw, _ in zip(made, range(count), strict=False)]

    fields = dict(ratio=(1, 3), endless=True)
    whole = first(sampler(5, 9, **fields), 80)
    resumed = sampler(5, 9, **fields)
    resumed.skip(done * 4)
    assert first(resumed, 80 - done * 4) == whole[done * 4 :]


def test_mmengines_resume_of_iteration_based_runs_continues_the_stream():
    def stream(skip, count):
        numbers = Numbers(5, 9)
        made = MultiSourceSampler(numbers, 4, (1, 3), seed=0, endless=True)
        loader = DataLoader(numbers, 4, sampler=made, collate_fn=list)
        made.set_epoch(0)
        iterator = _InfiniteDataloaderIterator(loader)
        iterator.skip_iter(skip)
        return [next(iterator) for _ in range(count)]

    assert stream(7, 5) == stream(0, 12)[7:]


@pytest.mark.parametrize(
    'sizes, ratio', [((0, 5), (1, 3)), ((5, 0), (1, 3)), ((0,), None)]
)
def test_an_empty_source_with_a_share_is_named(sizes, ratio):
    with pytest.raises(
        ValueError, match=r"'(s0|s1|all sources)' has a share .*no samples"
    ):
        sampler(*sizes, ratio=ratio)


def test_an_empty_source_without_a_share_is_left_alone():
    assert set(indices(sampler(0, 8, ratio=(0, 1)))) == set(range(8))


@pytest.mark.parametrize(
    'fields, message',
    [
        (dict(ratio=(1, 2, 3)), r'is for 3 sources, there are \[.s0., .s1.\]'),
        (dict(ratio=(0, 0)), 'positive sum'),
        (dict(ratio=(-1, 2)), 'non-negative'),
        (dict(ratio=(1, 1), batch_size=1), 'batch_size 1 has no place for each'),
        (dict(batch_size=0), 'batch_size 0'),
    ],
)
def test_wrong_arguments_are_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        sampler(5, 9, **fields)


def test_an_ordinary_data_set_is_one_source():
    assert sorted(indices(MultiSourceSampler(list(range(8)), 4, seed=0))) == [*range(8)]
