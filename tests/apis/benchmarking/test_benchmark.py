import json
from pathlib import Path

import pytest

from ssltoolbox.apis.benchmarking import benchmark
from ssltoolbox.apis.benchmarking.benchmark import (
    as_markdown,
    loading_ms,
    measure,
    needs_store,
    toy_configs,
)
from ssltoolbox.apis.benchmarking.step import training_config
from ssltoolbox.apis.config import ConfigError, load_config

CONFIGS = Path(__file__).parents[3] / 'configs'
POLYPS = str(CONFIGS / 'semiseg/fpenet_toypolyps_weak-to-strong.py')
ROW = dict(
    config='a/net.py',
    batch=4,
    bare_s=0.5,
    step_s=0.6,
    ratio=1.2,
    ratio_range=[1.1, 1.3],
    images_per_s=6.67,
    peak_mib=123.4,
    loading_ms=None,
)


def test_each_method_has_one_toy_config(monkeypatch):
    cfgs = {path: load_config(path) for path in CONFIGS.glob('*/*_toy*.py')}
    monkeypatch.setattr(benchmark, 'load_config', cfgs.__getitem__)
    found = toy_configs(CONFIGS)
    names = [path.stem for path in found]
    assert 'resnet18_toyanimals_5shot' in names
    assert 'resnet18_toyanimals_10shot' not in names  # the same model, other labels
    assert not any('supervised' in name for name in names)
    methods = {cfgs[path].model.method.type for path in found}
    every = {c.model.method.type for c in cfgs.values() if 'method' in c.model}
    assert methods == every and len(methods) >= 9


def test_a_step_is_measured(tiny_polyps):
    row = measure(POLYPS, batch=4, rounds=1, threads=1, options=tiny_polyps)
    assert row['method'] == 'WeakToStrong' and row['batch'] == 4
    assert row['images_per_s'] == pytest.approx(4 / row['step_s'])
    (low, high) = row['ratio_range']
    assert low == row['ratio'] == high > 0
    assert row['peak_mib'] > 0 and row['loading_ms'] > 0
    assert row['passes'][0] == '1 x student, 4 + 2 dropped to weights'
    json.dumps(row)


def test_loading_waits_for_the_labels_of_an_earlier_stage(tiny_polyps):
    stored = POLYPS.replace('weak-to-strong', 'soft-distillation')
    assert loading_ms(training_config(stored, options=tiny_polyps)) is None
    assert needs_store([dict(dataset=dict(store=None))])
    assert not needs_store([dict(dataset=dict(store='made/store'))])
    maps = dict(type='ssltoolbox.FewShotImageDataset', pseudo_labels=None)
    assert needs_store(maps)
    assert not needs_store({**maps, 'type': 'ssltoolbox.FewShotPoseDataset'})


def test_a_stage_that_takes_no_steps_is_refused():
    stored = POLYPS.replace('weak-to-strong', 'soft-distillation')
    with pytest.raises(ConfigError, match="'annotate' is a job"):
        training_config(stored, 'annotate')


def test_table_has_what_was_measured_and_why_it_was_not():
    text = as_markdown([ROW, dict(config='b/bad.py', error='ValueError: no')])
    assert text.splitlines()[2:] == [
        '| `net` | 4 | 0.500 | 0.600 | 1.200 (1.100 .. 1.300) | 6.7 | 123 | – |',
        '',
        '`bad`: ValueError: no',
    ]


def test_command_line_goes_on_after_an_error(tool, tmp_path, monkeypatch, capsys):
    def fake(configs, *settings):
        assert settings == (8, 'cpu', 2, None, {})
        yield from (dict(ROW, config=config) for config in configs)
        yield benchmark._measure_safely('none.py')

    main = tool('benchmark').main
    monkeypatch.setitem(main.__wrapped__.__globals__, 'measure_all', fake)
    out = tmp_path / 'all'
    main(['net.py', '--batch', '8', '--rounds', '2', '--out', str(out)])
    told = json.loads((tmp_path / 'all.json').read_text())
    assert [row.get('ratio') for row in told['rows']] == [1.2, None]
    assert 'none.py does not exist' in told['rows'][1]['error']
    assert '| `net` | 4 |' in (tmp_path / 'all.md').read_text()
    assert f'written to {out}.md and {out}.json' in capsys.readouterr().out


def test_without_its_data_the_loading_alone_is_not_measured(tiny_polyps, tmp_path):
    options = tiny_polyps | {'data_root': str(tmp_path / 'none')}
    assert loading_ms(training_config(POLYPS, options=options)) is None
