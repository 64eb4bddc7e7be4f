import copy

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from ssltoolbox.tasks.bottomup_pose import BottomupPoseTask

from .whole_images import CHANNELS, MIRROR, SIDE, BlobNetwork, pose_sample

ONE = [[(8, 10), (22, 9), (15, 20)]]
TWO = [*ONE, [(5, 25), (12, 26), (9, 16)]]
TURN = np.array([[0.8, -0.6, 12], [0.6, 0.8, -6], [0, 0, 1]])


@pytest.fixture(scope='module')
def network():
    torch.manual_seed(0)
    return BlobNetwork()


@pytest.fixture(scope='module')
def task(network):
    return BottomupPoseTask(network)


@pytest.fixture
def batch(task):
    def make(*samples, device='cpu'):
        generator = torch.Generator().manual_seed(0)
        inputs = torch.rand(len(samples), 3, SIDE, SIDE, generator=generator)
        return task.batch(inputs.to(device), list(samples))

    return make


def test_images_of_any_number_of_instances_are_drawn_together(task, batch):
    label = task.label(batch(*(pose_sample(p) for p in (TWO, [], ONE))))
    assert label.value.shape == (3, CHANNELS, SIDE, SIDE)
    for joint, (x, y) in enumerate(ONE[0]):
        assert label.value[0, joint, y, x] == pytest.approx(1, abs=1e-4)
    assert label.value[0, 2, 16, 9] == pytest.approx(1, abs=1e-4)
    assert label.value[2, 2, 16, 9] < 1e-4
    # an image in which a person found nothing says so
    assert not label.value[1].any()
    assert label.weight.shape == (3, 1, SIDE, SIDE) and (label.weight == 1).all()


def test_a_joint_that_is_not_visible_is_not_drawn(task, batch):
    label = task.label(batch(pose_sample(ONE, visible=[[1, 0, 1]])))
    # the half-way point (11.5, 15) of the one connection lies between two cells
    peaks = label.value.amax((-2, -1))[0].tolist()
    assert peaks == pytest.approx([1, 0, 1, 0.94, 0], abs=0.01)


def test_a_batch_without_any_instance_has_empty_maps(task, batch):
    label = task.label(batch(pose_sample([]), pose_sample([], labelled=False)))
    assert not label.value.any()
    assert label.weight.flatten(1)[:, 0].tolist() == [1, 0]


def test_stored_maps_are_the_label_of_their_sample(task, batch):
    maps = torch.rand(CHANNELS, SIDE, SIDE)
    label = task.label(
        batch(
            pose_sample(ONE),
            pose_sample([], labelled=False, maps=maps),
            pose_sample([], labelled=False),
        )
    )
    assert torch.equal(label.value[1], maps)
    assert torch.equal(label.value[0], task.label(batch(pose_sample(ONE))).value[0])
    assert label.weight.flatten(1)[:, 0].tolist() == label.score.tolist() == [1, 1, 0]


def test_stored_maps_of_another_size_are_refused(task, batch):
    sample = pose_sample([], labelled=False, maps=torch.rand(CHANNELS, 4, 4))
    with pytest.raises(ValueError, match=r'\(5, 4, 4\), but the codec draws \(5, 32'):
        task.label(batch(sample))


def test_a_mirrored_view_exchanges_joints_and_connections(task, batch):
    plain, mirrored = (batch(pose_sample(ONE, view=v)) for v in (None, MIRROR))
    assert plain.flip_indices.tolist() == [1, 0, 2, 4, 3]
    moved = task.project(task.label(plain), mirrored)
    # the left joint at x = 8 is the right one of the mirrored image, at 31 - 8
    assert moved.value[0, 1, 10, 23] == pytest.approx(1, abs=1e-4)
    assert torch.allclose(moved.value, task.label(mirrored).value, atol=1e-4)
    assert (moved.weight == 1).all() and moved.view is mirrored.view


def test_layouts_without_pairs_exchange_nothing(task, batch):
    same = [0, 1, 2]
    plain, mirrored = (
        batch(pose_sample(ONE, view=v, pairs=same)) for v in (None, MIRROR)
    )
    moved = task.carry(task.label(plain), mirrored)
    assert torch.allclose(moved.value, task.label(plain).value.flip(-1), atol=1e-5)
    assert torch.allclose(moved.value, task.label(mirrored).value, atol=1e-4)


@pytest.mark.parametrize('view', [TURN, TURN @ MIRROR])
def test_there_and_back_is_where_it_was(task, batch, view):
    plain, other = batch(pose_sample(TWO)), batch(pose_sample(TWO, view=view))
    label = task.label(plain)
    back = task.carry(task.carry(label, other), plain)
    inside = back.weight.expand_as(back.value) > 0
    # two interpolations of a blob of two cells' width
    assert (back.value - label.value)[inside].abs().max() < 0.2
    for drawn, kept in zip(label.value[0], back.value[0], strict=True):
        assert (drawn * kept).sum() > 0.97 * drawn.norm() * kept.norm()


def test_what_the_first_view_did_not_see_has_no_weight(task, batch):
    right = np.array([[1.0, 0, 10], [0, 1, 0], [0, 0, 1]])
    first = batch(pose_sample(ONE), pose_sample([], labelled=False))
    second = batch(pose_sample(ONE, view=right), pose_sample([], view=right))
    moved = task.carry(task.label(first), second)
    assert not moved.weight[0, :, :, :10].any() and moved.weight[0, :, :, 10:].all()
    # a label that weighed nothing still does
    assert not moved.weight[1].any()


def test_in_its_own_view_a_target_stays_as_it_is(task, batch):
    one = batch(pose_sample(ONE, view=TURN))
    label = task.label(one)
    assert task.carry(label, one) is label


def test_hidden_truth_is_drawn_where_it_is_known(task, batch):
    truth = np.concatenate([ONE[0], [[1], [1], [0]]], 1)[None].astype(np.float32)
    nobody = np.zeros((0, 3, 3), np.float32)
    for view in (np.eye(3), TURN @ MIRROR):
        hidden = [
            pose_sample([], labelled=False, view=view, truth=t)
            for t in (truth, nobody, None)
        ]
        known = task.truth(batch(*hidden))
        seen = pose_sample(ONE, view=view, visible=[[1, 1, 0]])
        wanted = task.label(batch(seen)).value[0]
        assert torch.allclose(known.value[0], wanted, atol=1e-4)
        assert not known.value[1:].any()
        assert known.weight.flatten(1)[:, 0].tolist() == [1, 1, 0]


def test_raw_maps_are_the_prediction_detached_and_in_float32(task, network, batch):
    one = batch(pose_sample(ONE))
    with torch.autocast('cpu', torch.bfloat16):
        raw = task.forward(network, one)
        label = task.decode(raw, one)
        loss = task.loss(raw, *task.target(task.label(one)))
        distance = task.match(raw, label)
    assert raw.dtype == torch.bfloat16 and raw.requires_grad
    assert label.value.dtype == loss.dtype == distance.dtype == torch.float32
    assert torch.equal(label.value, raw.float()) and (label.weight == 1).all()
    assert torch.equal(label.score, label.value.amax((-2, -1))) and distance == 0


def test_the_loss_is_the_squared_error_over_all_entries(task, network, batch):
    both = batch(pose_sample(TWO), pose_sample([], labelled=False))
    raw = task.forward(network, both)
    target, weight = task.target(task.label(both))
    half = F.mse_loss(raw[:1], target[:1]) / 2
    assert torch.isclose(task.loss(raw, target, weight), half)
    full = F.mse_loss(raw, target)
    assert torch.isclose(task.loss(raw, target, torch.ones_like(weight)), full)


def test_maps_of_another_size_than_the_targets_are_refused(task, network, batch):
    one = batch(pose_sample(ONE))
    target, weight = task.target(task.label(one))
    message = r'gives maps \(5, 16, 16\).*targets are \(5, 32, 32\): set heatmap_size'
    with pytest.raises(ValueError, match=message):
        task.loss(task.forward(network, one)[..., ::2, ::2], target, weight)


def test_no_weight_left_gives_a_zero_loss_with_zero_gradients(task, network, batch):
    one = batch(pose_sample([], labelled=False))
    raw = task.forward(network, one)
    label = task.label(one)
    for loss in (task.loss(raw, *task.target(label)), task.match(raw, label)):
        grads = torch.autograd.grad(loss, network.parameters(), retain_graph=True)
        assert loss.item() == 0 and not any(g.any() for g in grads)


def test_labels_are_only_read(task, batch):
    maps = torch.rand(CHANNELS, SIDE, SIDE)
    samples = [pose_sample(ONE), pose_sample([], labelled=False, maps=maps)]
    before = copy.deepcopy(samples)
    one = batch(*samples)
    task.carry(task.label(one), batch(*(pose_sample([], view=TURN),) * 2)).value.add_(7)
    task.label(one).value.add_(7)
    for old, new in zip(before, samples, strict=True):
        for key in ('transformed_keypoints', 'keypoints_visible'):
            assert (old.gt_instances[key] == new.gt_instances[key]).all()
    assert torch.equal(
        samples[1].gt_fields.pseudo_maps, before[1].gt_fields.pseudo_maps
    )


def test_no_call_waits_for_the_device(task, network, batch):
    samples = [
        pose_sample(TWO, truth=np.ones((2, 3, 3), np.float32)),
        pose_sample([], labelled=False, maps=torch.rand(CHANNELS, SIDE, SIDE)),
    ]
    strong = batch(*samples, device='meta')
    weak = batch(*samples, device='meta')
    raw = task.forward(copy.deepcopy(network).to('meta'), strong)
    loss = task.loss(raw, *task.target(task.label(strong)))
    loss = loss + task.match(raw, task.carry(task.soft(raw, weak), strong))
    loss.backward()
    assert loss.is_meta and task.truth(strong).value.is_meta


def test_networks_whose_codec_draws_no_batches_are_refused(network):
    with pytest.raises(TypeError, match='no decoder that renders'):
        BottomupPoseTask(torch.nn.Linear(1, 1))


def test_a_sample_without_a_view_is_named(task):
    sample = pose_sample(ONE)
    sample.pop('view')
    sample.set_metainfo(dict(img_path='a.png'))
    with pytest.raises(KeyError, match=r'a\.png has no `view`.*ssltoolbox\.ImageView'):
        task.batch(torch.zeros(1, 3, SIDE, SIDE), [sample])
