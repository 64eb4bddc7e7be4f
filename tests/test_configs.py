"""Every config is resolved, built and trained for two steps, stage by stage.

The steps run on generated samples with crops shrunk to 64 px; types, arguments,
pipelines, views, hooks and metrics are those of the config.
"""

from pathlib import Path

import pytest
from mmengine.registry import init_default_scope

from ssltoolbox.apis.checking.checker import Checker
from ssltoolbox.apis.config import (
    RUNNER_FIELDS,
    TOOL_FIELDS,
    load_config,
    read_config,
    referenced,
    stage_names,
)
from ssltoolbox.apis.data_files import resolved_stages
from ssltoolbox.engine.runner import Runner
from ssltoolbox.testing import check_config
from ssltoolbox.testing.toy_animals.generate import generate

ROOT = Path(__file__).parents[1] / 'configs'
CONFIGS = sorted(ROOT.glob('[!_]*/*.py'))
SCARCENET = ROOT / 'scarcenet'
each_config = pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)


@pytest.fixture(scope='module')
def checker():
    return Checker(max_side=64)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Start where no data are, so that nothing depends on what is downloaded."""
    monkeypatch.chdir(tmp_path)


@each_config
def test_every_stage_trains(path, checker):
    report = check_config(path, checker=checker)
    trained = [stage.trial for stage in report.stages if stage.trial.losses]
    assert trained and all(len(trial.losses) == 2 for trial in trained)


@each_config
def test_says_only_what_is_its_own(path):
    lines = path.read_text().splitlines()
    assert len(lines) < 25 and lines[0].startswith('"""')


@each_config
def test_the_rate_is_that_of_the_batch(path):
    cfg = read_config(path)
    for stage in resolved_stages(cfg).values():
        if 'job' not in stage:
            base = stage.auto_scale_lr['base_batch_size']
            assert base == stage.train_dataloader['batch_size']


@pytest.mark.parametrize('name', ['hrnet_ap10k_5shot', 'resnet18_toyanimals_5shot'])
def test_base_configs_hold_nothing_that_is_never_read(name):
    cfg = read_config(SCARCENET / f'{name}.py')
    assert set(cfg.keys()) - referenced(cfg) == set(cfg.keys()) & (
        RUNNER_FIELDS | TOOL_FIELDS
    )


@pytest.fixture(scope='module')
def toys(tmp_path_factory):
    return generate(tmp_path_factory.mktemp('data') / 'toy', 60, 6, 6, progress=False)


@pytest.mark.parametrize('baseline', ['5shot_supervised', 'full'])
@pytest.mark.parametrize('options', [{}, {'semi_ratio': (1, 3)}])
def test_baselines_take_as_many_iterations(baseline, options, toys):
    options = {'data_root': str(toys), 'num_workers': 0, **options}

    def length(config, stage):
        path = SCARCENET / f'resnet18_toyanimals_{config}.py'
        cfg = load_config(path, stage, options)
        init_default_scope('mmpose')
        loader = Runner.build_dataloader(cfg.train_dataloader)
        return len(loader) * cfg.train_cfg.max_epochs, loader

    assert length('5shot', 'supervised')[0] == length(baseline, 'supervised')[0]
    (steps, _), (same, loader) = length('5shot', 'semi'), length(baseline, 'continued')
    assert steps == same > 0
    source = loader.dataset.source_sizes[0]
    assert all(draw.index < source for draw in loader.sampler)


@pytest.mark.parametrize(
    'path', sorted(ROOT.glob('ssl2dpose/daunet_[er]*.py')), ids=lambda path: path.stem
)
def test_no_checkpoint_is_chosen_on_test_videos(path):
    stages = {*stage_names(read_config(path))} - {'pseudo_label'}
    for stage in stages:
        cfg = load_config(path, stage)
        assert cfg.select is cfg.default_hooks.checkpoint.save_best is None
