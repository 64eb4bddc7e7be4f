import json

import pytest
import torch
from mmengine.registry import init_default_scope

from ssltoolbox.apis.config import ConfigError, load_config
from ssltoolbox.apis.test import metrics_table, test
from ssltoolbox.checkpoints.loading import CheckpointError
from ssltoolbox.registry import MODELS

test.__test__ = False


@pytest.fixture(scope='module')
def checkpoints(tmp_path_factory, toy_config, tiny):
    """Random weights of both stages; the teacher's differ from the student's."""
    folder = tmp_path_factory.mktemp('weights')
    init_default_scope('mmpose')
    torch.manual_seed(0)
    for stage in ('supervised', 'semi'):
        model = MODELS.build(load_config(toy_config, stage, tiny).model)
        torch.save({'state_dict': model.state_dict()}, folder / f'{stage}.pth')
    student = {
        key: value
        for key, value in model.state_dict().items()
        if not key.startswith('teacher.')
    }
    torch.save({'state_dict': student}, folder / 'student.pth')
    return folder


@pytest.fixture
def measure(toy_config, tiny, checkpoints, tmp_path):
    def run(name, options=(), **kwargs):
        weights, options = checkpoints / f'{name}.pth', tiny | dict(options)
        return test(toy_config, weights, work_dir=tmp_path, options=options, **kwargs)

    return run


def networks(metrics):
    return {key.split('/')[0] for key in metrics}


def test_both_networks_of_a_checkpoint_are_measured(measure, tmp_path):
    metrics = measure('semi', out=tmp_path / 'new' / 'ap.json')
    assert networks(metrics) == {'student', 'teacher'}
    assert json.loads((tmp_path / 'new' / 'ap.json').read_text()) == metrics
    errors = [metrics[f'{name}/pck/error_px'] for name in ('student', 'teacher')]
    assert errors[0] != errors[1]


def test_what_is_undefined_is_null_in_the_file(measure, tmp_path, monkeypatch):
    undefined = {'coco/AP': float('nan'), 'pck/AUC': 0.5}
    monkeypatch.setattr('ssltoolbox.engine.runner.Runner.test', lambda _: undefined)
    metrics = measure('supervised', out=tmp_path / 'metrics.json')
    assert metrics['coco/AP'] != metrics['coco/AP']
    content = json.loads((tmp_path / 'metrics.json').read_text())
    assert content == {'coco/AP': None, 'pck/AUC': 0.5}


def test_one_network_is_measured_as_among_both(measure):
    both, one = measure('semi'), measure('semi', which='teacher')
    assert one == {k: v for k, v in both.items() if k.startswith('teacher/')}


def test_a_plain_checkpoint_takes_the_supervised_stage(measure):
    metrics = measure('supervised', split='test')
    assert networks(metrics) == {'coco', 'pck'}
    with pytest.raises(ConfigError, match='one network'):
        measure('supervised', which='both')


def test_a_network_is_the_same_in_either_stage(measure):
    semi = measure('semi', which='student')
    plain = measure('semi', which='student', stage='supervised')
    assert plain == {k.removeprefix('student/'): v for k, v in semi.items()}


def test_without_a_teacher_the_student_is_measured(measure):
    assert networks(measure('student')) == {'student'}
    with pytest.raises(CheckpointError, match='no teacher in this checkpoint'):
        measure('student', which='both')


def test_species_restrict_what_is_measured(measure, toy):
    file = toy / 'annotations' / 'ap10k-val-split1.json'
    names = [
        category['name'] for category in json.loads(file.read_text())['categories']
    ]
    errors = [
        measure('supervised', {'evaluation_species': chosen})['pck/error_px']
        for chosen in ([], names, names[:1], names[1:2])
    ]
    assert errors[0] == errors[1] and len(set(errors[1:])) == 3
    with pytest.raises(ValueError, match="unknown species 'unicorn'"):
        measure('supervised', {'evaluation_species': ['unicorn']})


def test_what_does_not_exist_is_named(measure, toy_config, tiny, tmp_path):
    with pytest.raises(ConfigError, match="no stage 'third'.*supervised, pseudo_label"):
        measure('semi', stage='third')
    with pytest.raises(FileNotFoundError, match='nothing.pth'):
        test(toy_config, tmp_path / 'nothing.pth', options=tiny)
    absent = {**tiny, 'data_root': str(tmp_path / 'absent')}
    with pytest.raises(FileNotFoundError, match='data root .*absent does not exist'):
        test(toy_config, tmp_path / 'nothing.pth', options=absent)


def test_the_tool_prints_a_table(tool, toy_config, tiny, checkpoints, tmp_path, capsys):
    options = [f'{key}={value}'.replace(' ', '') for key, value in tiny.items()]
    options = [o for o in options if 'vis_backends' not in o]
    arguments = [str(toy_config), str(checkpoints / 'semi.pth'), '--work-dir']
    tool('test').main([*arguments, str(tmp_path), '--cfg-options', *options])
    lines = capsys.readouterr().out.splitlines()
    head = next(i for i, line in enumerate(lines) if 'teacher' in line)
    assert lines[head].split() == ['student', 'teacher']
    assert lines[head + 1].split()[0] == 'coco/AP'


def test_table_has_a_column_per_network():
    text = metrics_table({'student/coco/AP': 0.5, 'teacher/coco/AP': 0.25})
    assert text.splitlines()[1].split() == ['coco/AP', '0.5000', '0.2500']
    text = metrics_table({'coco/AP': 0.5, 'pck/AUC': 1.0})
    assert [line.split() for line in text.splitlines()] == [
        ['network'],
        ['coco/AP', '0.5000'],
        ['pck/AUC', '1.0000'],
    ]
