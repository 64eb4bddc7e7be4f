"""Layers read all before them, each with its own dilation."""

import pytest
import torch

pytest.importorskip('mmseg')

from ssltoolbox.models.decode_heads.dense_aspp_head import DenseASPPHead  # noqa: E402

from .settings import constant  # noqa: E402

LOSS = dict(type='mmseg.CrossEntropyLoss')  # whatever the default scope is


def head(**changes):
    config = dict(
        in_channels=1,
        inner_channels=1,
        growth_channels=1,
        dilations=(1, 3),
        dropout_ratio=0,
        num_classes=3,
        loss_decode=LOSS,
        **changes,
    )
    return DenseASPPHead(**config)


def test_a_layer_adds_its_channels_in_front_of_those_it_read():
    made = head()
    constant(made, conv_seg__weight=0, conv_seg__bias=0)
    for layer in made.layers:
        for conv in layer[:2]:
            constant(conv, conv__weight=1, conv__bias=0)
    with torch.no_grad():
        made.conv_seg.weight.copy_(torch.eye(3).view(3, 3, 1, 1))
        x = torch.zeros(1, 1, 15, 15)
        x[..., 7, 7] = 1
        second, first, read = made((x,))[0]
    assert torch.equal(read, x[0, 0])
    # 3 x 3 around the point; then around each of these and the point, at distance 3
    assert first.nonzero().tolist() == [[i, j] for i in (6, 7, 8) for j in (6, 7, 8)]
    assert first.sum() == 9
    assert second.sum() == 9 * (9 + 1)
    assert second[7, 7] == second[4, 10] == 2  # the first layer's and the input's
    assert second[0, 7] == 0 and second[3, 7] == 1


def test_dropout_is_of_single_values_and_can_be_left_out():
    kinds = {type(m) for m in head().modules() if 'Dropout' in type(m).__name__}
    assert kinds == {torch.nn.Dropout}
    made = head().train()
    x = torch.rand(1, 1, 8, 8)
    assert torch.equal(made((x,)), made((x,)))


def test_other_dilations_change_the_size_of_the_network():
    assert head().conv_seg.in_channels == 3
    sizes = dict(growth_channels=4, dilations=(2, 4, 8), num_classes=3)
    wide = DenseASPPHead(10, **sizes, loss_decode=LOSS)
    assert [layer[0].conv.in_channels for layer in wide.layers] == [10, 14, 18]
    assert wide.conv_seg.in_channels == 22
