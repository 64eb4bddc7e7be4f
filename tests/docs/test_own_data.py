"""The configs that the page on own data has the reader write can be run."""

import re
from pathlib import Path

import pytest
from mmengine.registry import init_default_scope

from ssltoolbox.apis.checking.checker import (
    component_problems,
    unread_changes,
    unread_keys,
)
from ssltoolbox.apis.config import read_config, stage_config, stage_names
from ssltoolbox.registry import DATA_SAMPLERS

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r'^```python\n(.*?)^```', re.MULTILINE | re.DOTALL)
PAGE = (ROOT / 'docs' / 'your_own_data.md').read_text()
CONFIGS = [text for text in FENCE.findall(PAGE) if '_base_ = ' in text]


class Counted:
    """A data set of which the sampler sees names and sizes."""

    def __init__(self, names):
        self.source_names, self.source_sizes = list(names), [20] * len(names)

    def __len__(self):
        return sum(self.source_sizes)


@pytest.fixture
def folder(tmp_path):
    for part in ('_base_', 'scarcenet', 'posedual', 'semiseg'):
        (tmp_path / part).symlink_to(ROOT / 'configs' / part)
    own = tmp_path / 'my_project'
    own.mkdir()
    (own / '10images.py').write_text(CONFIGS[0])
    (own / '5images.py').write_text(CONFIGS[5])
    return own


def test_page_has_the_config_three_variants_the_baseline_and_two_with_masks():
    assert len(CONFIGS) == 7


NAMES = ['first', 'all', 'no_video', 'posedual', 'baseline', 'masks', 'masks_pool']
OWN = {CONFIGS[0]: '10images.py', CONFIGS[5]: '5images.py'}


@pytest.mark.parametrize('text', CONFIGS, ids=NAMES)
def test_config_reads_all_its_keys_and_mixes_its_sources(folder, text):
    file = folder / OWN.get(text, 'variant.py')
    file.write_text(text)
    cfg = read_config(file)
    init_default_scope('mmpose')
    assert not unread_keys(cfg, file) + unread_changes(cfg)
    for name in stage_names(cfg):
        stage = stage_config(cfg, name, {n: {} for n in stage_names(cfg)})
        assert not component_problems(stage)
        if 'job' not in stage:
            loader = stage.train_dataloader
            data = Counted(loader.dataset.sources)
            DATA_SAMPLERS.build(
                {**loader.sampler, 'seed': 0}, default_args=dict(dataset=data)
            )
