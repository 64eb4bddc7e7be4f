"""PoseDual on a few generated persons: straight through, interrupted, started anew."""

import json
from pathlib import Path

import pytest
import torch

from ssltoolbox.apis.config import load_config
from ssltoolbox.apis.train import train
from ssltoolbox.checkpoints.loading import load_checkpoint_file

from .interruption import train_until

CONFIGS = Path(__file__).parents[1] / 'configs' / 'posedual'
CONFIG = CONFIGS / 'resnet18_toypersons_posedual-cutout.py'
NETWORKS = ('net1', 'net2', 'ensemble')


@pytest.fixture(scope='module')
def whole(tiny_persons, tmp_path_factory):
    """Folder and outputs of a run of two epochs of four iterations."""
    folder = tmp_path_factory.mktemp('whole')
    return folder, train(CONFIG, work_dir=folder, options=tiny_persons)['semi']


def weights(path):
    return load_checkpoint_file(path)['state_dict']


def scalars(folder):
    (log,) = (folder / 'semi').glob('*/vis_data/scalars.json')
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_both_networks_learn_and_are_saved(whole):
    _, outputs = whole
    state = weights(outputs['last'])
    first = {k[8:]: v for k, v in state.items() if k.startswith('student.')}
    second = {k[14:]: v for k, v in state.items() if k.startswith('teacher.model.')}
    assert first.keys() == second.keys() and len(state) == 2 * len(first)
    for network in (first, second):
        counts = {v.item() for k, v in network.items() if 'num_batches' in k}
        # three passes in each of eight iterations
        assert counts == {24}
        assert all(v.isfinite().all() for v in network.values())
    assert not torch.equal(
        first['backbone.conv1.weight'], second['backbone.conv1.weight']
    )


def test_all_predictors_are_validated_and_the_ensemble_selects_the_best(whole):
    folder, outputs = whole
    lines = [line for line in scalars(folder) if 'net1/pck/AUC' in line]
    assert len(lines) == 2
    for line in lines:
        for metric in ('coco/AP', 'pck/AUC'):
            assert {f'{name}/{metric}' for name in NETWORKS} <= set(line)
    scores = [line['ensemble/pck/AUC'] for line in lines]
    best = 1 + scores.index(max(scores))
    assert Path(outputs['best']).name == f'best_ensemble_pck_AUC_epoch_{best}.pth'


def test_it_logs_what_is_taught_and_raises_no_false_alarm(whole):
    folder, _ = whole
    lines = [line for line in scalars(folder) if 'collapse/ratio' in line]
    assert len(lines) == 2
    for line in lines:
        assert line['pseudo/kept_share'] == 1 and 0 < line['collapse/ratio'] < 10
        assert 0 <= line['pseudo/teacher_precision'] <= 1
    (log,) = (folder / 'semi').glob('*/*.log')
    assert 'pseudo label' not in log.read_text()
    pictures = sorted(p.name for p in (folder / 'semi').glob('*/pseudo_labels/*'))
    assert pictures == [f'iter_0000{n}.png' for n in ('01', '05')]


def test_interrupted_it_ends_bit_equal(whole, tiny_persons, tmp_path):
    # in the middle of the second epoch
    train_until('semi', 6, CONFIG, work_dir=tmp_path, options=tiny_persons)
    assert not (tmp_path / 'semi' / 'epoch_2.pth').exists()
    outputs = train(CONFIG, work_dir=tmp_path, options=tiny_persons)['semi']
    first, second = (weights(o['last']) for o in (whole[1], outputs))
    assert first.keys() == second.keys()
    for key, value in first.items():
        assert torch.equal(value, second[key]), key
    assert Path(whole[1]['best']).name == Path(outputs['best']).name


def test_both_networks_start_from_the_weights_of_another_run(
    whole, tiny_persons, tmp_path
):
    start = whole[1]['last']
    options = tiny_persons | {'load_from': start}
    seen = train_until('semi', 0, CONFIG, work_dir=tmp_path, options=options)
    expected = weights(start)
    assert seen.keys() == expected.keys()
    assert all(torch.equal(value, seen[key]) for key, value in expected.items())


def test_a_single_network_is_selected_by_its_own_metric(tiny_persons):
    config = CONFIGS / 'resnet18_toypersons_posecons-cutout.py'
    stage = load_config(config, options=tiny_persons)
    assert stage.default_hooks.checkpoint.save_best == 'student/pck/AUC'
    assert stage.model.teacher is None and stage.model.method.hard_view.cutout
