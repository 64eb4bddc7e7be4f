import random

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from ssltoolbox.datasets.multi_source import (
    MultiSourceDataset,
    seeded,
    source_pipelines,
)
from ssltoolbox.datasets.sampler import Draw, MultiSourceSampler
from ssltoolbox.datasets.transforms.branches import branch_collate
from ssltoolbox.testing import check_dataset

VIEW = dict(input_size=(32, 32))
PACK = dict(type='ssltoolbox.PackPoseView')
PIPELINE = [
    dict(type='ssltoolbox.LoadImage'),
    dict(type='mmpose.GetBBoxCenterScale'),
    dict(type='ssltoolbox.RandomBoxShift', prob=0.9),
    dict(type='ssltoolbox.RandomHalfBody', prob=0.9),
    dict(
        type='ssltoolbox.Branches',
        strong=[
            dict(type='ssltoolbox.RandomView', **VIEW),
            dict(type='ssltoolbox.PoseRandAugment'),
            PACK,
        ],
        plain=[dict(type='ssltoolbox.CropView', **VIEW), PACK],
    ),
]


@pytest.fixture(scope='module')
def dataset(toy):
    train = dict(type='ssltoolbox.APTenKDataset', data_root=str(toy), subset='train')
    labels = str(toy / 'label_lists' / '5shot_seed0.json')
    parts = {
        part: dict(
            type='ssltoolbox.FewShotPoseDataset',
            dataset=train,
            labels=labels,
            part=part,
        )
        for part in ('labelled', 'unlabelled')
    }
    return MultiSourceDataset(parts, pipeline=PIPELINE)


def loaded(dataset, workers, skip=0):
    sampler = MultiSourceSampler(dataset, 4, (1, 1), epoch_length=3, seed=5)
    sampler.skip(skip * 4)
    loader = DataLoader(
        dataset, 4, sampler=sampler, num_workers=workers, collate_fn=branch_collate
    )
    return list(loader)


def same(first, second):
    for view, images in first['inputs'].items():
        for one, other in zip(images, second['inputs'][view], strict=True):
            if not torch.equal(one, other):
                return False
        pairs = zip(
            first['data_samples'][view], second['data_samples'][view], strict=True
        )
        for one, other in pairs:
            key = 'transformed_keypoints'
            if not np.array_equal(one.gt_instances[key], other.gt_instances[key]):
                return False
    return True


def test_samples_are_the_same_bits_with_any_number_of_workers(dataset):
    reference = loaded(dataset, 0)
    assert len(reference) == 3 and len(reference[0]['inputs']['strong']) == 4
    for workers in (1, 2):
        torch.rand(workers)
        for one, other in zip(reference, loaded(dataset, workers), strict=True):
            assert same(one, other)


def test_an_interrupted_epoch_goes_on_with_the_same_samples(dataset):
    whole, rest = loaded(dataset, 0), loaded(dataset, 1, skip=2)
    assert len(rest) == 1 and same(whole[2], rest[0])


def test_a_sample_depends_on_its_seed(dataset):
    first, again, other = (dataset[Draw(0, seed)] for seed in (1, 1, 2))
    assert torch.equal(first['inputs']['strong'], again['inputs']['strong'])
    assert not torch.equal(first['inputs']['strong'], other['inputs']['strong'])


def test_batches_hold_both_parts(dataset):
    for batch in loaded(dataset, 0):
        flags = [s.metainfo['labelled'] for s in batch['data_samples']['strong']]
        assert flags == [True, True, False, False]


def draws():
    return random.random(), np.random.rand(), torch.rand(1).item()


def test_the_global_generators_go_on_as_if_nothing_had_been_drawn(dataset):
    for generator in (random.seed, np.random.seed, torch.manual_seed):
        generator(3)
    expected = draws()
    for generator in (random.seed, np.random.seed, torch.manual_seed):
        generator(3)
    dataset[Draw(1, 99)]
    assert draws() == expected


def test_they_are_restored_after_an_error_too():
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    with pytest.raises(ZeroDivisionError), seeded(2**33 + 1):
        draws()
        1 / 0  # noqa: B018
    assert torch.equal(torch.rand(1), expected)


def test_generators_of_accelerators_are_left_alone(monkeypatch):
    # a sample loaded in the training process must not rewind the network's dropout
    def refuse(seed):
        raise AssertionError('the generators of the accelerator were seeded')

    for name in ('manual_seed', 'manual_seed_all'):
        monkeypatch.setattr(torch.cuda, name, refuse)
    with seeded(1):
        first = torch.rand(1)
    with seeded(1):
        assert torch.equal(first, torch.rand(1))


class Range(torch.utils.data.Dataset):
    metainfo = dict(name='range')

    def __init__(self, start, count):
        self.values = range(start, start + count)

    def __len__(self):
        return len(self.values)

    def __getitem__(self, index):
        return self.values[index]


def test_positions_run_through_the_sources(monkeypatch):
    made = iter([Range(0, 3), Range(100, 0), Range(200, 2)])
    monkeypatch.setattr(
        'ssltoolbox.datasets.multi_source.DATASETS.build', lambda config: next(made)
    )
    dataset = MultiSourceDataset({'a': {}, 'b': {}, 'c': {}})
    assert [dataset[i] for i in range(len(dataset))] == [0, 1, 2, 200, 201]
    assert dataset[Draw(3, 0)] == 200
    assert dataset.source_sizes == [3, 0, 2] and dataset.source_names == ['a', 'b', 'c']
    assert dataset.metainfo == dict(name='range')


def test_no_source_at_all_is_refused():
    with pytest.raises(ValueError, match='at least one source'):
        MultiSourceDataset({})


def test_each_source_may_have_a_pipeline_of_its_own():
    own = {'a': [1], 'b': [2]}
    sources = {'a': dict(pipeline=[3]), 'b': dict()}
    assert source_pipelines(sources, own) == [[1], [2]]
    assert source_pipelines(sources, [4]) == [[4], [4]]
    assert source_pipelines(sources, None) == [[3], None]
    with pytest.raises(ValueError, match='pipelines for a, and the sources a, b'):
        MultiSourceDataset(sources, {'a': [1]})


def test_it_has_the_properties_of_a_data_set(dataset):
    check_dataset(dataset)
