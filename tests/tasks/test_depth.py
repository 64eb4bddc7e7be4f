import math

import pytest
import torch

from ssltoolbox.geometry.view import View
from ssltoolbox.registry import MODELS, TASK_UTILS
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.testing.tiny_depth import pair_batch, tiny_depth_network, wall


@pytest.fixture
def network():
    return MODELS.build(tiny_depth_network())


@pytest.fixture
def task(network):
    return TASK_UTILS.build(dict(type='ssltoolbox.DepthTask', network=network))


def gathered(task, network, **fields):
    data = pair_batch(**fields)
    one = {key: data[key]['first'] for key in data}
    done = network.data_preprocessor(one, training=True)
    return task.batch(done['inputs'], done['data_samples'])


def test_a_batch_has_all_that_structure_from_motion_knows(task, network):
    batch, scene = gathered(task, network), wall()
    assert batch.inputs.shape == (2, 3, 24, 32)
    assert batch.flow.shape == (2, 2, 24, 32) and batch.depth.shape[1] == 1
    assert (batch.depth_weight.flatten(1).sum(1) <= 30).all()
    assert torch.allclose(batch.motion.rotation, scene.motions[0].rotation.float())
    assert batch.sequence.tolist() == [0, 1]
    assert not batch.labelled.any()  # points are no person's labels
    points = batch.depth_weight > 0
    assert torch.equal(batch.depth[points], scene.depths[0].float()[points])
    assert torch.equal(task.truth(batch).value, scene.depths[0].float())


def test_frames_without_truth_have_none(task, network):
    truth = task.truth(gathered(task, network, truth=False))
    assert (truth.weight == 0).all() and (truth.value == 0).all()


def test_truth_counts_inside_the_mask_alone(task, network):
    data = pair_batch()
    one = {key: data[key]['first'] for key in data}
    one['data_samples'][0].valid.data[:, :5] = 0
    done = network.data_preprocessor(one, training=True)
    truth = task.truth(task.batch(done['inputs'], done['data_samples']))
    assert (truth.weight[0, :, :5] == 0).all() and truth.weight[1].all()


def test_windows_of_several_sizes_are_refused(task):
    small, large = pair_batch(1), pair_batch(1, size=(40, 24))
    samples = [d['data_samples']['first'][0] for d in (small, large)]
    with pytest.raises(ValueError, match='give the data sets a common size'):
        task.batch(torch.zeros(2, 3, 24, 32), samples)


def test_the_loss_is_blind_to_the_unit_of_the_network(task, network):
    batch = gathered(task, network)
    depth = wall().depths[0].float()
    target, weight = task.target(task.label(batch))
    assert task.loss(depth, target, weight).item() == pytest.approx(0, abs=1e-6)
    assert task.loss(7 * depth, target, weight).item() == pytest.approx(0, abs=1e-6)
    assert task.loss(depth.square(), target, weight) > 0.01
    raw = depth.clone().requires_grad_()
    task.loss(raw, target, 0 * weight).backward()
    assert (raw.grad == 0).all()


def test_outputs_are_matched_in_the_logarithm(task):
    view = View(torch.eye(3)[None], (4, 4))
    said = torch.rand(1, 1, 4, 4) + 1
    label = PseudoLabel(said, torch.ones_like(said), said, view)
    assert task.match(3 * said, label).item() == pytest.approx(0, abs=1e-6)
    plain = TASK_UTILS.build(
        dict(type='ssltoolbox.DepthTask', network=None, mean_factor=0.0)
    )
    assert plain.match(3 * said, label).item() == pytest.approx(math.log(3) ** 2)
