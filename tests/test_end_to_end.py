"""All three stages on a few toy animals, straight through and killed in every stage."""

import json
from pathlib import Path

import pytest
import torch

from ssltoolbox.apis.train import train
from ssltoolbox.checkpoints.loading import load_checkpoint_file

from .interruption import stage_states, train_and_kill

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / 'configs' / 'scarcenet' / 'resnet18_toyanimals_5shot.py'
OPTIONS = {
    'codec.input_size': [64, 64],
    'codec.heatmap_size': [32, 32],
    'student.backbone.base_channels': 8,
    'student.backbone.stem_channels': 8,
    'student.head.in_channels': 64,
    'student.head.deconv_out_channels': [16, 16, 16],
    'num_workers': 0,
    'supervised_epochs': 2,
    'supervised_milestones': [1],
    'supervised_batch_size': 8,
    'supervised_epoch_length': 3,
    'supervised_val_interval': 1,
    'pseudo_label_job.batch_size': 8,
    'semi_epochs': 2,
    'semi_batch_size': 8,
    'semi_val_interval': 1,
    'watch_interval': 2,
    'picture_interval': 2,
    'visualizer.vis_backends': [{'type': 'LocalVisBackend'}],
    'log_level': 'WARNING',
}


@pytest.fixture(scope='module')
def options(toy):
    return OPTIONS | {'data_root': str(toy)}


@pytest.fixture(scope='module')
def whole(options, tmp_path_factory):
    folder = tmp_path_factory.mktemp('whole')
    return folder, train(CONFIG, work_dir=folder, options=options)


def weights(path):
    return load_checkpoint_file(path)['state_dict']


def test_all_stages_run_and_leave_their_results(whole):
    folder, outputs = whole
    assert set(stage_states(folder).values()) == {'done'}
    assert list(outputs) == ['supervised', 'pseudo_label', 'semi']
    for made in outputs.values():
        assert all(Path(path).exists() for path in made.values() if path)
    state = weights(outputs['semi']['last'])
    assert {key.split('.')[0] for key in state} == {'student', 'teacher'}
    assert all(v.isfinite().all() for v in state.values() if v.is_floating_point())
    start = weights(outputs['supervised']['best'])
    name = 'backbone.conv1.weight'
    assert not torch.equal(state[f'student.{name}'], start[name])
    assert not torch.equal(state[f'student.{name}'], state[f'teacher.model.{name}'])


def test_teacher_and_student_are_validated_side_by_side(whole):
    folder, outputs = whole
    (log,) = (folder / 'semi').glob('*/vis_data/scalars.json')
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    metrics = [line for line in lines if any('coco/AP' in key for key in line)]
    assert len(metrics) == 2
    for line in metrics:
        assert {'teacher/coco/AP', 'student/coco/AP'} <= set(line)
    assert outputs['semi']['best_teacher'] and outputs['semi']['best_student']


def test_a_second_call_runs_nothing_again(whole, options):
    folder, outputs = whole
    before = {p: p.stat().st_mtime_ns for p in folder.glob('*/*.pth')}
    assert train(CONFIG, work_dir=folder, options=options) == outputs
    assert {p: p.stat().st_mtime_ns for p in folder.glob('*/*.pth')} == before


def test_killed_in_every_stage_it_ends_bit_equal(whole, options, tmp_path):
    _, expected = whole
    train_and_kill(CONFIG, tmp_path, options, 'supervised', 4)
    assert stage_states(tmp_path) == {'supervised': 'running'}
    train_and_kill(CONFIG, tmp_path, options, 'pseudo_label', 2)
    assert stage_states(tmp_path)['pseudo_label'] == 'running'
    train_and_kill(CONFIG, tmp_path, options, 'semi', 5)
    assert stage_states(tmp_path)['semi'] == 'running'
    outputs = train(CONFIG, work_dir=tmp_path, options=options)

    first, second = (Path(o['pseudo_label']['store']) for o in (expected, outputs))
    name = 'labels.npz'
    assert (first / name).read_bytes() == (second / name).read_bytes()
    for stage in ('supervised', 'semi'):
        first, second = (weights(o[stage]['last']) for o in (expected, outputs))
        assert set(first) == set(second)
        for key, value in first.items():
            assert torch.equal(value, second[key]), key
