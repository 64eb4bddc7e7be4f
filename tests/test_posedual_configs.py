"""PoseCons, PoseDual and their baselines: published schedules, of equal length."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.registry import DATA_SAMPLERS, PARAM_SCHEDULERS, init_default_scope

from ssltoolbox.apis.config import load_config

from .golden.vectors import golden_folder, read_manifest

FOLDER = Path(__file__).parents[1] / 'configs' / 'posedual'
BASELINES = sorted(FOLDER.glob('*_supervised.py'))
COCO = 149813  # persons of train2017 that have a keypoint
VECTORS = golden_folder() / 'posedual'
SHORT = ('resnet18_coco1k_posecons.py', 'resnet18_coco1k_posedual.py')
PUBLISHED = {
    'resnet18_coco1k_posecons': (1000, 30, [20, 25]),
    'resnet18_coco1k_posedual': (1000, 30, [20, 25]),
    'resnet18_coco1k_posedual-cutout': (1000, 70, [50, 60]),
    'resnet18_coco1k_posedual-randaug': (1000, 70, [50, 60]),
    'resnet18_coco5k_posedual': (5000, 100, [70, 90]),
    'resnet18_coco10k_posedual': (10000, 100, [70, 90]),
    'resnet50_coco-wild_posedual-cutout': (None, 400, [300, 350]),
    'resnet152_coco-wild_posedual-cutout': (None, 400, [300, 350]),
    'hrnet-w48_coco-wild_posedual-cutout': (None, 300, [220, 260]),
    'resnet18_mpii-aic_posedual-cutout': (None, 100, [50, 70]),
}
IN_VECTORS = {
    '256x192_COCO1K_PoseDual': 'resnet18_coco1k_posedual',
    '256x192_COCO1K_PoseDual_JointCutout': 'resnet18_coco1k_posedual-cutout',
    '256x192_COCO10K_PoseDual': 'resnet18_coco10k_posedual',
    '256x256_PoseDual_JointCut5': 'resnet18_mpii-aic_posedual-cutout',
    '256x192_COCO_COCOunlabel_PoseDual_JointCut': 'resnet101_coco-wild_posedual-cutout',
    'w48_384x288_COCO_COCOunlabel_PoseDual_JointCut5': (
        'hrnet-w48_coco-wild_posedual-cutout'
    ),
}


class Sizes:
    """A labelled and an unlabelled source of so many samples."""

    source_names = ('labelled', 'unlabelled')

    def __init__(self, *sizes):
        self.source_sizes = sizes

    def __len__(self):
        return sum(self.source_sizes)


def sampler(cfg, *sizes):
    init_default_scope('mmpose')
    config = dict(cfg.train_dataloader.sampler, dataset=Sizes(*sizes), seed=0)
    return DATA_SAMPLERS.build(config)


def rates(cfg):
    """The learning rate of every epoch."""
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.Adam([parameter], cfg.optim_wrapper.optimizer.lr)
    (config,) = cfg.param_scheduler
    scheduler = PARAM_SCHEDULERS.build(dict(config, optimizer=optimizer))
    found = []
    for _ in range(cfg.train_cfg.max_epochs):
        found.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        scheduler.step()
    return found


@pytest.mark.parametrize('name', PUBLISHED)
def test_labels_and_schedule_are_the_published_ones(name):
    labels, epochs, milestones = PUBLISHED[name]
    cfg = load_config(FOLDER / f'{name}.py')
    assert cfg.train_dataloader.dataset.sources.labelled.labels == labels
    assert cfg.train_cfg.max_epochs == epochs
    assert cfg.param_scheduler[0].milestones == milestones
    assert cfg.optim_wrapper.optimizer == dict(type='Adam', lr=1e-3)


@pytest.mark.skipif(
    not VECTORS.is_dir(), reason='needs the numbers of the original: SSLTOOLBOX_GOLDEN'
)
@pytest.mark.parametrize('key', IN_VECTORS)
def test_rates_are_those_of_the_original(key):
    (entry,) = (e for e in read_manifest(VECTORS) if e.name == 'lr_schedule')
    ours = rates(load_config(FOLDER / f'{IN_VECTORS[key]}.py'))
    np.testing.assert_allclose(ours, entry[key], rtol=1e-9)


@pytest.mark.parametrize(
    'name, batches', [('resnet18_coco1k', 4682), ('hrnet-w48_coco-wild', 18727)]
)
def test_an_epoch_is_a_pass_over_the_unlabelled_persons(name, batches):
    # 149813 / 32 = 4681.7 and 149813 / 8 = 18726.6
    made = sampler(load_config(FOLDER / f'{name}_posedual-cutout.py'), 1000, COCO)
    assert made.num_batches == batches
    assert made.places[0] == made.places[1]


@pytest.mark.parametrize('baseline', BASELINES, ids=lambda path: path.stem)
def test_a_baseline_is_as_long_as_its_methods_and_sees_as_many_labels(baseline):
    data = baseline.stem.removesuffix('supervised')
    methods = [p for p in FOLDER.glob(f'{data}pose*.py') if p.name not in SHORT]
    assert methods
    alone = load_config(baseline)
    for path in methods:
        cfg = load_config(path)
        assert rates(cfg) == rates(alone)
        assert cfg.optim_wrapper == alone.optim_wrapper
        assert cfg.val_dataloader == alone.val_dataloader
        for sizes in ((1000, COCO), (COCO, 1000), (10, 150)):
            ours, theirs = sampler(alone, *sizes), sampler(cfg, *sizes)
            assert ours.num_batches == theirs.num_batches
            assert ours.places == [theirs.places[0], 0]
        source, same = (c.train_dataloader.dataset.sources for c in (alone, cfg))
        assert source.labelled.labels == same.labelled.labels
        assert source.labelled.dataset == same.labelled.dataset
