import copy
import pickle

import pytest
from mmengine.config import Config

from ssltoolbox.checkpoints.loading import load_checkpoint_file
from ssltoolbox.engine.run_config import RunConfig

FIELDS = dict(size=(1, 2), net=dict(type='Net', names=['a', 'b'], slope=0.25))


@pytest.fixture
def laid_out(monkeypatch):
    """Configs of which mmengine laid the text out."""
    seen, original = [], Config.pretty_text.fget

    def pretty_text(self):
        seen.append(self)
        return original(self)

    monkeypatch.setattr(Config, 'pretty_text', property(pretty_text))
    return seen


@pytest.fixture
def cfg():
    return RunConfig.of(Config(copy.deepcopy(FIELDS)))


def test_the_text_is_that_of_mmengine_and_laid_out_once(cfg, laid_out):
    expected = Config(FIELDS).pretty_text
    assert [cfg.pretty_text, cfg.dump(), cfg.pretty_text] == [expected] * 3
    assert len(laid_out) == 2


@pytest.mark.parametrize(
    'change',
    [
        lambda cfg: cfg.net.update(slope=0.5),
        lambda cfg: cfg.net.names.append('c'),
        lambda cfg: setattr(cfg, 'more', dict(a=1)),
        lambda cfg: cfg.merge_from_dict({'net.type': 'Other'}),
    ],
)
def test_after_a_change_it_is_another(cfg, change):
    before, plain = cfg.pretty_text, Config(copy.deepcopy(FIELDS))
    change(cfg)
    change(plain)
    assert cfg.pretty_text == plain.pretty_text != before


@pytest.mark.parametrize('copied', [copy.copy, copy.deepcopy, lambda c: c.copy()])
def test_a_copy_has_a_text_of_its_own(cfg, copied):
    before = cfg.pretty_text
    other = copied(cfg)
    other.size = (3, 4)
    assert 'size=(\n    3,\n    4,\n)' in other.pretty_text.replace(' = ', '=')
    assert cfg.pretty_text == before
    # it is no field
    assert set(cfg.keys()) == set(FIELDS)
    assert pickle.loads(pickle.dumps(cfg)).pretty_text == before


def test_all_checkpoints_of_a_run_share_one_text(tiny, tmp_path, laid_out):
    cfg = Config(FIELDS)
    expected = cfg.pretty_text
    laid_out.clear()
    runner = tiny('run', cfg=cfg)
    runner.train()
    assert len(laid_out) == 1
    for epoch in (1, 2, 3):
        checkpoint = load_checkpoint_file(tmp_path / 'run' / f'epoch_{epoch}.pth')
        assert checkpoint['meta']['cfg'] == expected
    assert Config.fromfile(next((tmp_path / 'run').glob('*.py'))).net == FIELDS['net']
