"""Semi-Seg: leaves that say what is their own alone, and stages that fit together."""

import ast
import json
from functools import cache
from pathlib import Path

import pytest
import torch
from mmengine import ConfigDict
from mmengine.registry import init_default_scope

from ssltoolbox.apis.config import (
    load_config,
    read_config,
    stage_config,
    stage_names,
)
from ssltoolbox.registry import MODELS

FOLDER = Path(__file__).parents[1] / 'configs' / 'semiseg'
LEAVES = sorted(FOLDER.glob('*.py'))
NETWORKS = (
    *('cgnet', 'deeplabv3plus', 'denseaspp', 'fpenet', 'hrnet-w48'),
    *('lednet', 'manet', 'ocnet', 'pan', 'unet'),
)
DATA = {
    'kvasir-seg': 'kvasir_seg',
    'covid': 'covid_ct',
    'busi': 'busi',
    'toypolyps': 'toy_polyps',
    'em-membrane': 'em_membrane',
}
DISTILLATIONS = {
    'data-distillation': (1, 3),
    'model-distillation': (3, 0),
    'model-data-distillation': (3, 3),
}
"""Base networks of a method, and views beside the image itself."""
each = pytest.mark.parametrize
by_name = dict(ids=lambda path: path.stem)
DISTILLED = [p for p in LEAVES if p.stem.split('_')[2] in DISTILLATIONS]


@cache
def config(path):
    """A leaf with its base files, which takes longer than anything else here."""
    return read_config(path)


def stage(path, name=None, outputs=None):
    """A stage, by default the last one that trains."""
    cfg = config(path)
    names = stage_names(cfg)
    name = name or [s['name'] for s in cfg.stages if 'cfg' in s][-1]
    made = {each: (outputs or {}).get(each, {}) for each in names}
    return stage_config(cfg, name, made)


SEEN = {}


def network(model, size):
    """Parameters of a network and the shape of its logits, without any numbers."""
    key = (json.dumps(model.to_dict(), sort_keys=True), size)
    if key not in SEEN:
        init_default_scope('mmpose')
        with torch.device('meta'):
            built = MODELS.build(ConfigDict(model)).eval()
            logits = built(torch.zeros(1, 3, size[1], size[0]), None, mode='tensor')
        SEEN[key] = sum(p.numel() for p in built.parameters()), tuple(logits.shape)
    return SEEN[key]


def parts(path):
    """Docstring, base files and assigned names of a leaf."""
    docstring, *assigned = ast.parse(path.read_text()).body
    values = {node.targets[0].id: node.value for node in assigned}
    return docstring.value.value, ast.literal_eval(values.pop('_base_')), set(values)


def test_all_networks_are_trained_on_all_data():
    for data in ('kvasir-seg', 'covid', 'busi'):
        for name in NETWORKS:
            assert FOLDER / f'{name}_{data}_supervised.py' in LEAVES
        for method in DISTILLATIONS:
            assert list(FOLDER.glob(f'*_{data}_{method}.py'))


@each('path', LEAVES, **by_name)
def test_a_leaf_is_short_and_named_after_what_it_holds(path):
    assert len(list(filter(None, path.read_text().splitlines()))) < 15
    text, bases, names = parts(path)
    assert text.endswith('.')
    name, data, method = path.stem.split('_')
    if not bases[0].startswith('./'):
        file = method.replace('-', '_').replace('supervised', 'labels_alone')
        assert f'../_base_/datasets/{DATA[data]}.py' in bases
        assert bases[-1] == f'../_base_/semi/{file}.py'
        assert names <= {'student', 'network_1'}
    assert config(path).student == f'${{{name.replace("-", "_")}}}'


@each('path', LEAVES, **by_name)
def test_every_stage_is_resolved_and_every_network_takes_the_size(path):
    cfg = config(path)
    size = tuple(cfg.input_size)
    for name in stage_names(cfg):
        resolved = stage(path, name)
        if 'job' in resolved:
            models = [member.network for member in resolved.job.members]
        else:
            models = [resolved.model.get('student', resolved.model)]
        assert '${' not in str(resolved._cfg_dict)
        for model in models:
            count, shape = network(model, size)
            assert count > 1e5 and shape[:2] == (1, cfg.num_classes)


@each('path', DISTILLED, **by_name)
def test_bases_annotate_for_the_target(path):
    bases, views = DISTILLATIONS[path.stem.split('_')[2]]
    names = [f'base_{n + 1}' for n in range(bases)]
    assert stage_names(config(path)) == [*names, 'annotate', 'target']
    outputs = {
        'annotate': {'store': 'folder'},
        **{name: {'best': f'{name}.pth', 'score': 0.5} for name in names},
    }
    job = stage(path, 'annotate', outputs).job
    assert [m.checkpoint for m in job.members] == [f'{name}.pth' for name in names]
    for member, name in zip(job.members, names, strict=True):
        assert member.network == stage(path, name).model
    *load, seen = job.dataset.pipeline
    assert [step.type for step in load] == [
        'ssltoolbox.LoadImage',
        'ssltoolbox.LoadMask',
    ]
    assert len(seen.views) == views
    target = stage(path, 'target', outputs)
    sources = target.train_dataloader.dataset.sources
    assert sources.pseudo.store == 'folder'
    # the target learns from the very images that were annotated
    assert sources.pseudo.dataset == job.dataset.sources.unlabelled
    assert target.train_dataloader.sampler.ratio is None
    base = stage(path, 'base_1').train_dataloader.dataset
    assert sources.labelled == base.sources.labelled
    assert target.train_dataloader.dataset.pipeline == base.pipeline


@each('path', DISTILLED, **by_name)
def test_a_base_is_trained_as_the_supervised_baseline(path):
    name, data, _ = path.stem.split('_')
    own = config(path).network_1[2:-1].replace('_', '-')
    baseline = FOLDER / f'{own}_{data}_supervised.py'
    assert stage(path, 'base_1').to_dict() == stage(baseline).to_dict()


def test_a_score_can_be_the_weight_of_a_member():
    path = FOLDER / 'fpenet_toypolyps_model-distillation.py'
    weights = {f'member_{n}.weight': f'${{base_{n}.score}}' for n in (1, 2, 3)}
    made = {f'base_{n}': {'best': 'x.pth', 'score': n / 10} for n in (1, 2, 3)}
    job = load_config(path, 'annotate', weights, made).job
    assert [member.weight for member in job.members] == [0.1, 0.2, 0.3]


def test_the_second_round_is_annotated_by_the_target_of_the_first():
    path = FOLDER / 'fpenet_toypolyps_data-distillation-2rounds.py'
    made = {'target': {'best': 'first.pth'}, 'annotate_2': {'store': 'second'}}
    made |= {'base_1': {'best': 'base.pth'}, 'annotate': {'store': 'first'}}
    job = stage(path, 'annotate_2', made).job
    assert [member.checkpoint for member in job.members] == ['first.pth']
    one, two = (stage(path, f'target{n}', made) for n in ('', '_2'))
    assert two.train_dataloader.dataset.sources.pseudo.store == 'second'
    two.train_dataloader.dataset.sources.pseudo.store = 'first'
    assert one.to_dict() == two.to_dict()
