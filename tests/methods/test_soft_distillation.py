import math

import pytest
import torch

from ssltoolbox.registry import MODELS
from ssltoolbox.semi.progress import Progress

from .seg_settings import CLASSES, seg_batch, segmentor

pytestmark = pytest.mark.filterwarnings('ignore:Default ``avg_non', 'ignore:When align')


def step(change=None, match='kl', **fields):
    torch.manual_seed(0)
    model = MODELS.build(
        dict(
            type='ssltoolbox.SemiSupervisedModel',
            student=segmentor(),
            task=dict(type='ssltoolbox.SegTask', match=match),
            method=dict(type='ssltoolbox.SoftDistillation', **fields),
        )
    ).train()
    model.progress = Progress()
    data = model.data_preprocessor(seg_batch(), training=True)
    if change:
        change(data['data_samples']['strong'])
    return model, model(data['inputs'], data['data_samples'], mode='loss')


def test_it_is_the_divergence_from_what_is_stored_over_the_unlabelled_images():
    sure = torch.zeros(CLASSES, 8, 8)
    sure[1] = 1

    def store(samples):
        samples[1].pseudo_maps.data = sure

    model, losses = step(store)
    raw = {}
    model.student.decode_head.conv_seg.register_forward_hook(
        lambda module, inputs, output: raw.update(logits=output)
    )
    data = model.data_preprocessor(seg_batch(), training=True)
    store(data['data_samples']['strong'])
    losses = model(data['inputs'], data['data_samples'], mode='loss')
    # KL of a sure target is its cross entropy, at the cells of the head
    expected = -raw['logits'][1].log_softmax(0)[1].mean().item()
    assert losses['loss_soft'].item() == pytest.approx(expected, rel=1e-5)


def test_where_the_view_left_the_image_nothing_is_learnt():
    def cut(samples):
        samples[1].pseudo_maps.data[:, :, :4] = 0

    model, _ = step(cut)
    target = model.task.stored(model.method.report['views']['strong'], (4, 4))
    assert target.weight[1, 0].tolist() == [[0, 0, 1, 1]] * 4
    assert not target.weight[0].any()
    inside = target.value[1].sum(0)[:, 2:]
    assert torch.allclose(inside, torch.ones(4, 2))


def test_no_stored_maps_give_a_zero_loss_that_is_attached():
    def forget(samples):
        del samples[1].pseudo_maps

    _, losses = step(forget)
    assert losses['loss_soft'].item() == 0 and losses['loss_soft'].requires_grad
    assert losses['loss_sup'].item() > 0


def test_its_weight_is_a_ramp():
    full = step()[1]['loss_soft'].item()
    half = step(weight=dict(type='ssltoolbox.ConstantRamp', end=0.5))[1]
    assert half['loss_soft'].item() == pytest.approx(full / 2)
    assert math.isfinite(full) and full > 0
