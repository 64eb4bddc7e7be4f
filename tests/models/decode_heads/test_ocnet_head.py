"""Attention whose queries are its keys."""

import pytest
import torch

pytest.importorskip('mmseg')

from ssltoolbox.models.decode_heads.ocnet_head import ObjectContext  # noqa: E402

from .settings import constant, images, small  # noqa: E402


def context(channels=2, key_channels=2):
    made = ObjectContext(channels, key_channels)
    with torch.no_grad():
        for conv in (made.key.conv, made.value, made.project):
            conv.weight.copy_(torch.eye(2).view(2, 2, 1, 1))
            conv.bias.zero_()
    return made


def test_equal_places_collect_the_mean():
    made = context()
    constant(made, key__conv__weight=0)
    x = torch.tensor([[[[1.0, 2], [3, 6]], [[0, 0], [0, 8]]]])
    mean = torch.tensor([3.0, 2]).view(1, 2, 1, 1).expand_as(x)
    assert torch.allclose(made(x), mean)


def test_weights_are_a_softmax_of_scaled_products():
    # two places: a = (0, 0) equally like both; b = (2, 0) likes b by exp(4 / sqrt 2)
    x = torch.tensor([[[[0.0, 2]], [[0, 0]]]])
    own = torch.tensor(4 / 2**0.5).exp()
    expected = torch.stack([torch.tensor(1.0), 2 * own / (own + 1)])
    assert torch.allclose(context()(x)[0, 0, 0], expected)


def test_training_starts_without_context_also_after_initialisation():
    network = small('ocnet').eval()
    network.init_weights()
    head = network.decode_head
    features = network.extract_feat(images(1))
    seen = []
    head.context.register_forward_hook(lambda *args: seen.append(args[-1]))
    head(features)
    assert not seen[0].any()


def test_the_number_of_input_channels_is_that_of_the_config():
    assert small('ocnet').decode_head.reduce.conv.in_channels == 64
