"""What attention collects, and where it is put."""

import torch

from ssltoolbox.models.position_attention import PositionAttention


@torch.no_grad()
def attention(keep_positions, keys=0.0):
    """Of two channels; values are twice the input, places differ by ``keys``."""
    module = PositionAttention(2, 1, keep_positions)
    for conv in (module.top, module.centre):
        conv.weight.fill_(keys)
        conv.bias.zero_()
    for conv, factor in ((module.bottom, 2), (module.out, 1)):
        conv.weight.zero_()
        conv.weight[:, :, 1, 1] = factor * torch.eye(2)
        conv.bias.zero_()
    return module


X = torch.tensor([[[[1.0, 2], [3, 2]], [[0, 4], [0, 12]]]])


def test_weights_of_all_pairs_add_up_to_one():
    # four equal places: each of 16 pairs weighs 1/16, of sums 2 * 8 and 2 * 16
    sums = torch.tensor([1.0, 2]).view(1, 2, 1, 1)
    assert torch.allclose(attention(True)(X), X + sums)


def test_by_default_of_the_published_library_positions_are_scattered():
    # rows (1, 2) of four places, read as two channels of four places
    sums = torch.tensor([1.0, 2, 1, 2, 1, 2, 1, 2]).view(1, 2, 2, 2)
    assert torch.allclose(attention(False)(X), X + sums)


def test_a_place_collects_from_those_that_its_key_likes():
    key = X.sum(1).flatten()
    weights = torch.outer(key, key).flatten().softmax(0).view(4, 4)
    collected = (weights @ (2 * X.flatten(2)[0].T)).T.view(1, 2, 2, 2)
    assert torch.allclose(attention(True, keys=1.0)(X), X + collected)
