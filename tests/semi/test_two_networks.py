"""A model of two networks that teach each other: names, predictions, first weights."""

import copy

import pytest
import torch

from ssltoolbox.checkpoints.network_names import CHOICES, members, names_of, place_of
from ssltoolbox.models.pose_ensemble import PoseEnsemble
from ssltoolbox.registry import MODELS
from ssltoolbox.testing.tiny_pose import tiny_network, view_batch

HARD = dict(type='ssltoolbox.HardView', affine=dict(type='ssltoolbox.RandomAffine'))


def model_of(**fields):
    torch.manual_seed(0)
    return MODELS.build(
        dict(
            type='ssltoolbox.SemiSupervisedModel',
            student=tiny_network(),
            teacher=dict(type='ssltoolbox.PeerTeacher'),
            task=dict(type='ssltoolbox.PoseTask'),
            method=dict(type='ssltoolbox.PoseDual', hard_view=HARD),
            **fields,
        )
    )


def networks(model):
    return dict(net1=model.student, net2=model.teacher.model)


def same(first, second):
    first, second = first.state_dict(), second.state_dict()
    return all(torch.equal(first[key], second[key]) for key in first)


def test_every_name_has_its_place():
    assert names_of(has_teacher=True, peers=True) == ('net1', 'net2', 'ensemble')
    assert names_of(has_teacher=True, peers=False) == ('student', 'teacher')
    assert names_of(has_teacher=False, peers=False) == ('student',)
    assert [place_of(n) for n in ('net1', 'net2', 'teacher')] == [
        'student',
        'teacher',
        'teacher',
    ]
    assert members('ensemble') == ('net1', 'net2') and members('net2') == ('net2',)
    assert set(CHOICES) == {'student', 'teacher', 'net1', 'net2', 'ensemble'}


def test_both_networks_and_their_ensemble_predict():
    model = model_of().eval()
    assert model.networks == ('net1', 'net2', 'ensemble')
    pair = networks(model)
    for network in pair.values():
        torch.nn.init.ones_(network.head.final_layer.bias)
    singles = pair | dict(ensemble=PoseEnsemble(list(pair.values())))
    seen = []
    for name, single in singles.items():
        batch = view_batch(count=2)
        plain = {part: batch[part]['plain'] for part in batch}
        data = model.data_preprocessor(plain)
        with torch.no_grad(), model.predicting_with(name):
            found = model(**data, mode='predict')
            keypoints = found[0].pred_instances.keypoints
            expected = single(**data, mode='predict')
        assert (keypoints == expected[0].pred_instances.keypoints).all()
        seen.append(keypoints)
    assert (seen[0] != seen[1]).any()
    assert model.predict_with == 'ensemble'


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="'net1', 'net2', 'ensemble'.*not 'teacher'"):
        with model_of().predicting_with('teacher'):
            pass


def test_both_networks_follow_the_mode_and_learn():
    model = model_of().train()
    assert all(network.training for network in networks(model).values())
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert not any(module.training for module in model.eval().modules())
    before = copy.deepcopy(model)
    model.after_optimizer_step()
    assert same(model, before) and not same(*networks(model).values())


@pytest.mark.parametrize('kind', ['plain', 'two networks'])
def test_only_the_first_network_starts_from_a_checkpoint(kind, tmp_path):
    source = model_of()
    for parameter in source.parameters():
        torch.nn.init.normal_(parameter)
    saved = source.student if kind == 'plain' else source
    torch.save({'state_dict': saved.state_dict()}, tmp_path / 'start.pth')
    model = model_of(init_student=str(tmp_path / 'start.pth'))
    model.init_weights()
    assert same(model.student, source.student)
    assert not same(model.teacher.model, source.student)
    assert not same(model.teacher.model, source.teacher.model)
