import copy

import pytest
import torch

from ssltoolbox.geometry.view import project_points
from ssltoolbox.registry import MODELS
from ssltoolbox.tasks.pose import PoseTask
from ssltoolbox.testing.tiny_pose import FLIP_INDICES, tiny_network, view_batch

from mmpose.codecs import UDPHeatmap  # isort: skip


@pytest.fixture(scope='module')
def network():
    torch.manual_seed(0)
    return MODELS.build(tiny_network()).eval()


@pytest.fixture(scope='module')
def task(network):
    return PoseTask(network)


@pytest.fixture
def views(network, task):
    data = view_batch(count=4, labelled=2)
    made = {}
    for name in data['inputs']:
        done = network.data_preprocessor(
            {key: data[key][name] for key in data}, training=True
        )
        made[name] = task.batch(done['inputs'], done['data_samples'])
    return made


def test_a_batch_knows_its_views_and_which_labels_are_a_persons(views):
    batch = views['strong']
    assert batch.view.size == (64, 64) and batch.view.matrix.dtype == torch.float64
    assert batch.labelled.tolist() == [True, True, False, False]
    assert batch.flip_indices.tolist() == FLIP_INDICES
    assert not views['plain'].view.mirrored.any()


def test_the_label_of_every_view_is_the_same_keypoint_of_the_image(task, views):
    plain = task.label(views['plain'])
    for name in ('strong', 'weak'):
        moved = task.project(plain, views[name])
        assert torch.allclose(
            moved.value.float(), task.label(views[name]).value, atol=1e-3
        )
        assert moved.view is views[name].view


def test_hidden_truth_is_given_where_it_is_known_and_weighs_nothing_elsewhere(
    task, views
):
    for batch in views.values():
        truth, label = task.truth(batch), task.label(batch)
        assert truth.weight.sum(1).tolist() == [0, 0, 5, 5]
        # the toy truth lies one image pixel right and down of the pseudo label
        image = [
            project_points(
                each.value, batch.view, views['plain'].view, batch.flip_indices
            )
            for each in (truth, label)
        ]
        scale = views['plain'].view.matrix[0, 0, 0]
        assert torch.allclose(
            (image[0] - image[1])[2:], scale.expand(2, 5, 2), atol=1e-3
        )


def test_swapped_keypoints_take_their_weight_and_score_along(task, views):
    strong, plain = views['strong'], views['plain']
    assert strong.view.mirrored.any() and not strong.view.mirrored.all()
    weight = torch.arange(5.0).repeat(4, 1)
    label = task.label(plain).reweighted(weight)
    moved = task.project(label, strong)
    for mirrored, row in zip(strong.view.mirrored, moved.weight, strict=True):
        assert row.tolist() == ([1, 0, 2, 4, 3] if mirrored else [0, 1, 2, 3, 4])


def test_a_prediction_has_no_gradient_and_is_float32(task, network, views):
    found = task.predict(network, views['plain'])
    assert not found.value.requires_grad
    assert found.value.dtype == found.score.dtype == torch.float32
    assert (found.weight == 1).all() and found.value.shape == (4, 5, 2)
    assert task.forward(network, views['plain']).requires_grad


@pytest.mark.parametrize('dtype', [torch.bfloat16])
def test_scores_are_compared_in_float32_under_mixed_precision(
    task, network, views, dtype
):
    with torch.autocast('cpu', dtype):
        raw = task.forward(network, views['plain'])
        found = task.decode(raw, views['plain'])
        target, weight = task.target(found)
        loss = task.loss(raw, target, weight)
    assert raw.dtype == dtype
    for tensor in (found.value, found.score, target, weight, loss):
        assert tensor.dtype == torch.float32


def test_a_decoded_label_is_drawn_at_its_peak(task, network, views):
    found = task.predict(network, views['plain'])
    target, weight = task.target(found)
    again = task.decode(target, views['plain'])
    assert torch.equal(again.value, found.value) and (again.score == 1).all()


def test_no_weight_left_gives_a_zero_loss_with_zero_gradients(task, network, views):
    raw = task.forward(network, views['strong'])
    target, weight = task.target(task.label(views['strong']))
    loss = task.loss(raw, target, torch.zeros_like(weight))
    assert loss.item() == 0 and loss.requires_grad
    grads = torch.autograd.grad(loss, list(network.parameters()), allow_unused=True)
    assert all(g is None or not g.any() for g in grads)
    assert any(g is not None for g in grads)


def test_labels_are_only_read(task, network, views):
    before = {k: copy.deepcopy(v.samples) for k, v in views.items()}
    for batch in views.values():
        moved = task.project(task.label(batch), views['strong'])
        task.target(moved)
        task.truth(batch)
        task.predict(network, batch)
        moved.value.add_(7)
        moved.weight.zero_()
    for name, batch in views.items():
        for old, new in zip(before[name], batch.samples, strict=True):
            for key in ('transformed_keypoints', 'keypoints_visible', 'keypoints'):
                assert (old.gt_instances[key] == new.gt_instances[key]).all()


def test_networks_without_a_heatmap_codec_are_refused():
    with pytest.raises(TypeError, match='Linear has no head with a decoder'):
        PoseTask(torch.nn.Linear(1, 1))
    network = MODELS.build(tiny_network())
    network.head.decoder = UDPHeatmap((64, 64), (16, 16), heatmap_type='combined')
    with pytest.raises(TypeError, match="heatmap_type='gaussian'"):
        PoseTask(network)
