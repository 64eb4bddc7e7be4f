"""LEDNet's decoder: never negative as published, linear on request."""

import pytest
import torch
from torch import nn

pytest.importorskip('mmseg')

from ...golden.semiseg.fill import build_model  # noqa: E402
from .settings import images, samples  # noqa: E402


def head(**options):
    torch.manual_seed(0)
    network = build_model('lednet', num_classes=3, decode_head=options)
    return network.decode_head


@pytest.mark.parametrize(('linear', 'extra'), [(False, 0), (True, -5 * 3)])
def test_size(linear, extra):
    pyramid = 128 * 128 * (9 + 25 + 49) + 3 * 2 * 128
    levels = 5 * (128 * 3 + 2 * 3)  # a norm has two values per class, a bias one
    count = sum(p.numel() for p in head(linear_levels=linear).parameters())
    assert count == pyramid + levels + extra


def test_published_logits_are_never_negative_and_linear_ones_are():
    x = [torch.randn(4, 128, 8, 9)]
    assert head().eval()(x).shape == (4, 3, 8, 9)
    assert head().train()(x).min() == 0
    assert head(linear_levels=True).train()(x).min() < 0


def test_the_pyramid_multiplies_what_each_place_shows():
    apn = head(linear_levels=True).eval()
    for level in apn.levels[1:]:
        nn.init.zeros_(level.conv.weight)
        nn.init.ones_(level.conv.bias)
    x = torch.randn(1, 128, 8, 8)
    # three levels of ones add up to three everywhere
    expected = 3 * apn.levels[0](x) + apn.mean(x)
    assert torch.allclose(apn([x]), expected, atol=1e-5)


def test_any_size_of_the_map():
    apn = head().eval()
    for size in ((1, 1), (5, 7), (9, 12)):
        assert apn([torch.randn(1, 128, *size)]).shape == (1, 3, *size)


def test_one_image_is_refused_in_training_but_for_linear_levels():
    network = build_model('lednet', num_classes=3).train()
    with pytest.raises(ValueError, match='at least 2 images'):
        network(images(1), samples(1), mode='loss')
    linear = build_model('lednet', num_classes=3, decode_head=dict(linear_levels=True))
    loss = linear.train()(images(1), samples(1), mode='loss')['decode.loss_ce']
    assert loss.isfinite()


def test_class_maps_are_made_by_the_levels_alone():
    assert head().conv_seg is None and head().dropout is None
