"""Two networks that both learn: how they start, and in two processes."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from ssltoolbox.registry import MODELS
from ssltoolbox.semi.teacher import PeerTeacher
from ssltoolbox.testing.tiny_pose import tiny_network

WORKER = Path(__file__).with_name('peer_worker.py')


@pytest.fixture(scope='module')
def worker():
    spec = importlib.util.spec_from_file_location('peer_worker', WORKER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def same(first, second):
    return first.keys() == second.keys() and all(
        torch.equal(first[key], second[key]) for key in first
    )


def test_two_networks_start_apart(worker):
    model = worker.pair_of_networks(0)
    one, two = (n.state_dict() for n in (model.student, model.teacher.model))
    equal = {k for k in one if one[k].ndim > 1 and torch.equal(one[k], two[k])}
    assert not equal
    trainable = [k for k, p in model.named_parameters() if p.requires_grad]
    assert len(trainable) == 2 * len(list(model.student.parameters()))


def pretrained(path, seed):
    """``init_cfg`` of a backbone whose weights lie in a file."""
    torch.manual_seed(seed)
    backbone = MODELS.build(tiny_network()['backbone'])
    torch.save(backbone.state_dict(), path)
    return dict(type='Pretrained', checkpoint=str(path)), backbone.state_dict()


def test_each_backbone_starts_from_its_own_file(worker, tmp_path):
    (first, one), (second, two) = (
        pretrained(tmp_path / f'{seed}.pth', seed) for seed in range(2)
    )
    network = tiny_network()
    network['backbone']['init_cfg'] = first
    peer = dict(type='ssltoolbox.PeerTeacher', backbone_init=second)
    model = worker.pair_of_networks(0, student=network, teacher=peer)
    assert same(model.student.backbone.state_dict(), one)
    assert same(model.teacher.model.backbone.state_dict(), two)
    assert network['backbone']['init_cfg'] == first

    peer = dict(type='ssltoolbox.PeerTeacher')
    model = worker.pair_of_networks(0, student=network, teacher=peer)
    assert same(model.teacher.model.backbone.state_dict(), one)
    heads = [n.head.final_layer.weight for n in (model.student, model.teacher.model)]
    assert not torch.equal(*heads)

    peer = dict(type='ssltoolbox.PeerTeacher', backbone_init=None)
    model = worker.pair_of_networks(0, student=network, teacher=peer)
    assert not same(model.teacher.model.backbone.state_dict(), one)


def test_another_start_of_what_has_no_backbone_is_refused():
    with pytest.raises(ValueError, match='a network with a field "backbone".*has type'):
        PeerTeacher(dict(type='Linear', in_features=1), backbone_init=None)


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """Folder with the weights of both processes after each step."""
    folder = tmp_path_factory.mktemp('pair')
    env = {**os.environ, 'OMP_NUM_THREADS': '1'}
    processes = [
        subprocess.Popen(
            [sys.executable, str(WORKER), str(rank), str(folder)],
            env=env,
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    said = [process.communicate(timeout=120)[1] for process in processes]
    assert [p.returncode for p in processes] == [0, 0], '\n'.join(said)[-3000:]
    return folder


def test_two_processes_agree_on_both_networks(trained, worker):
    for step in range(worker.STEPS):
        one, two = (torch.load(trained / f'{rank}_{step}.pth') for rank in range(2))
        differ = {k.split('.')[-1] for k in one if not torch.equal(one[k], two[k])}
        # statistics follow each process' own images
        assert differ <= {'running_mean', 'running_var'}


def test_a_step_of_two_processes_is_one_of_the_mean_gradient(trained, worker):
    model = worker.lively_pair(seed=0)
    start = {key: p.detach().clone() for key, p in model.named_parameters()}
    for rank in range(2):
        data = model.data_preprocessor(worker.batch(rank, 0), True)
        loss, _ = model.parse_losses(model(**data, mode='loss'))
        (loss / 2).backward()
    after = torch.load(trained / '0_0.pth')
    for key, parameter in model.named_parameters():
        step = (start[key] - after[key]) / worker.RATE
        gap, scale = (step - parameter.grad).abs().max(), parameter.grad.abs().max()
        # the difference of the weights has their rounding error
        assert scale > 1e-4 and gap < 3e-6 + 1e-3 * scale, key
