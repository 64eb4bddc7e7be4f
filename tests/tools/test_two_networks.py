"""The tools with networks that teach each other: test, infer, export."""

import copy
import json
from pathlib import Path

import pytest
import torch
from mmengine.registry import init_default_scope

from ssltoolbox.apis.config import ConfigError, load_config
from ssltoolbox.apis.exporting.export import export_model
from ssltoolbox.apis.model import load_model
from ssltoolbox.apis.test import test as measure
from ssltoolbox.checkpoints.loading import CheckpointError
from ssltoolbox.registry import MODELS

CONFIG = (
    Path(__file__).parents[2]
    / 'configs/posedual/resnet18_toypersons_posedual-cutout.py'
)
ALL = {'net1', 'net2', 'ensemble'}


@pytest.fixture(scope='module')
def config(tiny_persons):
    init_default_scope('mmpose')
    return load_config(CONFIG, options=tiny_persons)


@pytest.fixture(scope='module')
def checkpoints(config, tmp_path_factory):
    """Random weights of both networks, and files that lack one of them."""
    folder = tmp_path_factory.mktemp('weights')
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    for network in (model.student, model.teacher.model):
        # maps without a positive cell have no keypoint
        torch.nn.init.normal_(network.head.final_layer.weight)
        torch.nn.init.ones_(network.head.final_layer.bias)
    state, meta = model.state_dict(), dict(cfg=config.pretty_text, epoch=3)
    parts = dict(both='', net1='student.', net2='teacher.model.')
    for name, prefix in parts.items():
        part = {k: v for k, v in state.items() if k.startswith(prefix)}
        torch.save(dict(state_dict=part, meta=meta), folder / f'{name}.pth')
    torch.save(model.student.state_dict(), folder / 'plain.pth')
    return folder


def heatmaps(config, checkpoint, which):
    model, _ = load_model(config, checkpoint, which)
    images = torch.linspace(-2, 2, 3 * 64 * 48).sin().view(1, 3, 64, 48)
    with torch.no_grad():
        return model(images, None)


def test_the_ensemble_is_loaded_where_there_are_two(config, checkpoints):
    found = {
        which: heatmaps(config, checkpoints / 'both.pth', which)
        for which in ('auto', *sorted(ALL))
    }
    assert torch.equal(found['auto'], found['ensemble'])
    torch.testing.assert_close(found['ensemble'], (found['net1'] + found['net2']) / 2)
    assert not torch.allclose(found['net1'], found['net2'])
    for name in ('net1', 'net2'):
        one = checkpoints / f'{name}.pth'
        for which in ('auto', name):
            assert torch.equal(heatmaps(config, one, which), found[name])
    assert torch.equal(
        heatmaps(config, checkpoints / 'plain.pth', 'net1'), found['net1']
    )


@pytest.mark.parametrize(
    'name, which, message',
    [
        ('net1', 'net2', 'net1.pth: no net2 in this checkpoint, it holds: net1'),
        ('net1', 'ensemble', 'net1.pth: no net2 in this checkpoint, it holds: net1'),
        ('net2', 'ensemble', 'net2.pth: no net1 in this checkpoint, it holds: net2'),
        ('plain', 'ensemble', 'plain.pth: no net2 in this checkpoint, it holds: plain'),
    ],
)
def test_a_missing_network_is_one_clear_error(
    config, checkpoints, name, which, message
):
    with pytest.raises(CheckpointError, match=message):
        load_model(config, checkpoints / f'{name}.pth', which)


def test_a_student_and_its_average_are_no_ensemble(config, checkpoints):
    other = copy.deepcopy(config)
    other.model.teacher = dict(type='ssltoolbox.EMATeacher')
    for which in ('ensemble', 'net2'):
        with pytest.raises(ValueError, match=f'{which}: .* called student and teacher'):
            load_model(other, checkpoints / 'both.pth', which)


@pytest.fixture
def run_test(checkpoints, tiny_persons, tmp_path):
    def run(name, **kwargs):
        checkpoint = checkpoints / f'{name}.pth'
        return measure(
            CONFIG, checkpoint, work_dir=tmp_path, options=tiny_persons, **kwargs
        )

    return run


def of(name, metrics):
    return {k: v for k, v in metrics.items() if k.startswith(f'{name}/')}


def test_all_predictors_are_measured_or_the_one_asked_for(run_test):
    metrics = run_test('both')
    assert {key.split('/')[0] for key in metrics} == ALL
    errors = {metrics[f'{name}/pck/error_px'] for name in ALL}
    assert len(errors) == 3
    assert run_test('both', which='both') == metrics
    for name in sorted(ALL):
        assert run_test('both', which=name) == of(name, metrics)
    assert run_test('net2') == of('net2', metrics)


def test_what_cannot_be_measured_is_named(run_test):
    for which in ('both', 'net1', 'ensemble'):
        with pytest.raises(CheckpointError, match='no net1 .* it holds: net2'):
            run_test('net2', which=which)
    with pytest.raises(ConfigError, match='--which teacher: .* net1, net2, ensemble'):
        run_test('both', which='teacher')


@pytest.mark.parametrize('which', ['student', 'teacher'])
def test_a_network_is_not_taken_by_the_name_of_its_place(config, checkpoints, which):
    with pytest.raises(ValueError, match=f'{which}: .* called net1 and net2'):
        load_model(config, checkpoints / 'both.pth', which)


def test_the_tool_prints_a_column_for_each(
    tool, checkpoints, tiny_persons, capsys, tmp_path
):
    options = [f'{k}={v}'.replace(' ', '') for k, v in tiny_persons.items()]
    options = [o for o in options if 'vis_backends' not in o]
    arguments = [
        str(CONFIG),
        str(checkpoints / 'both.pth'),
        '--work-dir',
        str(tmp_path),
    ]
    tool('test').main([*arguments, '--which', 'both', '--cfg-options', *options])
    lines = capsys.readouterr().out.splitlines()
    assert ['net1', 'net2', 'ensemble'] in [line.split() for line in lines]


def test_the_inference_tool_takes_the_ensemble(
    tool, config, checkpoints, persons, tmp_path
):
    config.dump(tmp_path / 'config.py')
    found = {}
    for which in ('auto', 'ensemble', 'net1'):
        arguments = [str(tmp_path / 'config.py'), str(checkpoints / 'both.pth')]
        arguments += [str(persons / 'images' / 'val'), '--no-draw', '--which', which]
        tool('infer').main([*arguments, '--out', str(tmp_path / which)])
        content = json.loads((tmp_path / which / 'predictions.json').read_text())
        found[which] = [each['keypoints'] for each in content['annotations']]
    assert len(found['auto']) == 3 and found['auto'] == found['ensemble']
    assert found['net1'] != found['ensemble']


@pytest.mark.parametrize('which', ['net1', 'net2'])
def test_an_exported_network_predicts_the_same_in_mmpose(
    config, checkpoints, tmp_path, which
):
    from mmpose.apis import init_model

    exported = export_model(checkpoints / 'both.pth', tmp_path, which)
    assert exported.config.name == f'both_{which}.py'
    model = init_model(str(exported.config), str(exported.checkpoint), 'cpu')
    images = torch.linspace(-2, 2, 3 * 64 * 48).sin().view(1, 3, 64, 48)
    with torch.no_grad():
        found = model(images, None)
    expected = heatmaps(config, checkpoints / 'both.pth', which)
    torch.testing.assert_close(found, expected)


def test_the_export_tool_takes_the_first_network(tool, checkpoints, tmp_path, capsys):
    tool('export').main([str(checkpoints / 'both.pth'), '--out', str(tmp_path)])
    said = capsys.readouterr().out
    assert 'net1 written:' in said and 'note: net1 of two equal networks' in said
    with pytest.raises(ValueError, match='cannot be exported as one: export net1 and'):
        export_model(checkpoints / 'both.pth', tmp_path, 'ensemble')
    with pytest.raises(SystemExit, match='no net2 in this checkpoint, it holds: net1'):
        arguments = [str(checkpoints / 'net1.pth'), '--out', str(tmp_path)]
        tool('export').main([*arguments, '--which', 'net2'])
