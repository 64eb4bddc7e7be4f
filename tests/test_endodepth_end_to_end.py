"""Endoscopic depth on a few generated frames: whole, killed, measured, and refused."""

import gc
import json
import time
from pathlib import Path

import pytest
import torch

from ssltoolbox.apis.test import test as measure
from ssltoolbox.apis.train import train
from ssltoolbox.checkpoints.loading import CheckpointError, load_checkpoint_file

from .interruption import stage_states, train_and_kill, train_until

CONFIGS = Path(__file__).parents[1] / 'configs' / 'endodepth'
STAGES = CONFIGS / 'fcdensenet_toytubes_teacher-student.py'
ALONE = CONFIGS / 'fcdensenet_toytubes_sfm-average.py'
NAMES = ['teacher_sfm', 'distil', 'student_sfm']


@pytest.fixture(scope='module', autouse=True)
def quick():
    """Leave out what takes longer than the training, and changes nothing of it."""
    gc.freeze()
    with pytest.MonkeyPatch.context() as patch:
        unformatted = lambda text, **_: (text, False)  # noqa: E731
        patch.setattr('yapf.yapflib.yapf_api.FormatCode', unformatted)
        yield
    gc.unfreeze()


@pytest.fixture(scope='module')
def stages(tiny_stages, tmp_path_factory):
    """Folder and outputs of the three stages."""
    folder = tmp_path_factory.mktemp('stages')
    return folder, train(STAGES, work_dir=folder, options=tiny_stages)


def content(path):
    return load_checkpoint_file(path)


def weights(path, prefix=''):
    state = content(path)['state_dict']
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}


def assert_equal(first, second):
    assert first.keys() == second.keys()
    for key, value in first.items():
        assert torch.equal(value, second[key]), key


def scalars(folder):
    (log,) = folder.glob('*/vis_data/scalars.json')
    return [json.loads(line) for line in log.read_text().splitlines()]


def arguments(options):
    """The options as they are given to a tool."""
    simple = {k: v for k, v in options.items() if 'vis_backends' not in k}
    return ['--cfg-options', *(f'{k}={v}'.replace(' ', '') for k, v in simple.items())]


def test_each_stage_begins_where_the_one_before_ended(stages):
    folder, outputs = stages
    assert list(outputs) == NAMES
    assert stage_states(folder) == dict.fromkeys(NAMES, 'done')
    taught = weights(outputs['teacher_sfm']['best'], 'student.')
    assert_equal(weights(outputs['distil']['last'], 'teacher.model.'), taught)
    begun = weights(outputs['student_sfm']['last'])
    assert all(key.startswith('student.') for key in begun)
    assert all(v.isfinite().all() for v in begun.values() if v.is_floating_point())


def test_losses_errors_and_pictures_are_left(stages):
    folder, _ = stages
    lines = scalars(folder / 'student_sfm')
    steps = [line for line in lines if 'loss_flow' in line]
    assert len(steps) == 4
    assert {'loss_consistency', 'loss_scale', 'overlap'} <= set(steps[0])
    # the truth of rendered frames is known
    watched = [line for line in lines if 'pseudo/teacher_AbsRel' in line]
    assert watched and 0 < watched[0]['pseudo/teacher_AbsRel'] < float('inf')
    validated = [line for line in lines if 'student/depth/AbsRel' in line]
    assert len(validated) == 2 and 'student/dense/delta1' in validated[0]
    for name in NAMES:
        pictures = (folder / name).glob('*/pseudo_labels/iter_000001.png')
        assert list(pictures), name


def test_the_best_error_is_the_least(stages):
    folder, outputs = stages
    validated = [
        line['student/depth/AbsRel']
        for line in scalars(folder / 'teacher_sfm')
        if 'student/depth/AbsRel' in line
    ]
    best = content(outputs['teacher_sfm']['best'])['meta']['epoch']
    assert best == 1 + validated.index(min(validated))


def test_the_cycle_of_the_student_goes_on(stages):
    folder, _ = stages
    lines = scalars(folder / 'student_sfm')
    rates = [line['lr'] for line in lines if 'loss' in line]
    # half a cycle of 3, of which distillation took 4 steps: 0 1 2 3 | 2 1 0 1
    assert rates == pytest.approx([1e-4 + 0.9e-3 / 3 * n for n in (2, 1, 0, 1)])


def test_killed_in_every_stage_it_ends_bit_equal(stages, tiny_stages, tmp_path):
    options = dict(work_dir=tmp_path, options=tiny_stages)
    train_until('teacher_sfm', 3, STAGES, **options)
    train_until('distil', 3, STAGES, **options)
    assert stage_states(tmp_path) == {'teacher_sfm': 'done', 'distil': 'running'}
    train_and_kill(STAGES, tmp_path, tiny_stages, 'student_sfm', 3)
    outputs = train(STAGES, **options)
    for name in NAMES:
        expected, found = (o[name]['last'] for o in (stages[1], outputs))
        assert_equal(weights(expected), weights(found))
    lists = [content(o['student_sfm']['last']) for o in (stages[1], outputs)]
    assert lists[0]['failed_sequences'] == lists[1]['failed_sequences']


def test_a_stage_runs_alone(stages, tiny_stages, tmp_path):
    with pytest.raises(ValueError, match="stage 'teacher_sfm' is not done"):
        train(STAGES, work_dir=tmp_path, options=tiny_stages, stage='distil')
    folder, outputs = stages
    again = train(STAGES, work_dir=folder, options=tiny_stages, stage='student_sfm')
    assert again['student_sfm'] == outputs['student_sfm']


def test_a_checkpoint_is_measured_on_the_tubes_of_the_test(
    stages, tiny_stages, tool, tmp_path
):
    student = stages[1]['student_sfm']

    def measured(*options):
        out = tmp_path / 'metrics.json'
        given = [str(STAGES), student['best'], '--split', 'test', '--out', str(out)]
        given += ['--work-dir', str(tmp_path), *arguments(tiny_stages), *options]
        tool('test').main(given)
        return json.loads(out.read_text())

    metrics = measured()
    assert {key.split('/')[0] for key in metrics} == {'student'}
    for kind in ('depth', 'dense'):
        assert 0 < metrics[f'student/{kind}/AbsRel'] < float('inf')
        assert 0 <= metrics[f'student/{kind}/delta1'] <= 1
    # the tube of the validation gives what the best checkpoint was chosen by
    validation = measured('test_set.patients=[3]')['student/depth/AbsRel']
    assert validation == pytest.approx(student['score'])
    assert validation != pytest.approx(metrics['student/depth/AbsRel'])


def test_a_checkpoint_of_any_stage_is_measured_with_the_config_of_its_stage(
    stages, tiny_stages, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    # the teacher's network is another one than that of the last stage
    for name in ('teacher_sfm', 'distil'):
        made = stages[1][name]
        metrics = measure(STAGES, made['best'], which='student', options=tiny_stages)
        assert metrics['student/depth/AbsRel'] == pytest.approx(made['score'])
        time.sleep(1)  # two tests that begin in one second share a folder
    # the logs are in the folder of the run, and nowhere else
    assert len(list(stages[0].glob('test/*/*.log'))) == 2
    assert not list(tmp_path.iterdir())
    alone = tmp_path / 'alone.pth'
    alone.write_bytes(Path(stages[1]['teacher_sfm']['best']).read_bytes())
    with pytest.raises(CheckpointError, match=r'its stage \(--stage NAME\)'):
        measure(STAGES, alone, work_dir=tmp_path, options=tiny_stages)


def test_one_network_with_its_average(tiny_tubes, tmp_path):
    options = tiny_tubes | {
        'colour_space': [dict(type='ssltoolbox.ToHSV')],
        'bgr_to_rgb': False,
    }
    outputs = train(ALONE, work_dir=tmp_path, options=options)
    lines = scalars(tmp_path / 'sfm')
    assert any('teacher/depth/AbsRel' in line for line in lines)
    state = weights(outputs['sfm']['last'])
    assert {key.split('.')[0] for key in state} == {'student', 'teacher'}


def test_patients_in_two_parts_are_refused(tiny_tubes, tool, tmp_path):
    given = [str(ALONE), '--work-dir', str(tmp_path)]
    with pytest.raises(SystemExit) as ended:
        tool('train').main([*given, *arguments(tiny_tubes | {'val_set.patients': [2]})])
    said = str(ended.value.code)
    assert (
        said.startswith('error: ')
        and 'validation images are labelled images too' in said
    )
