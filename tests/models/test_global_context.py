"""Mean over all places; one image in training has no spread."""

import pytest
import torch

from ssltoolbox.models.global_context import GlobalContext


def context(**norm):
    return GlobalContext(2, 2, norm_cfg=norm or None, act_cfg=None)


def test_the_mean_is_projected():
    module = context()
    torch.nn.init.eye_(module[1].conv.weight.data[..., 0, 0])
    x = torch.tensor([[[[1.0, 3]], [[-2, 0]]]])
    if module[1].conv.bias is not None:
        torch.nn.init.zeros_(module[1].conv.bias)
    assert module(x).flatten().tolist() == [2, -1]


def test_one_image_is_refused_where_a_batch_norm_learns_alone():
    one, two = torch.rand(1, 2, 3, 3), torch.rand(2, 2, 3, 3)
    normed = context(type='BN')
    with pytest.raises(ValueError, match='one image cannot be normalised.*drop_last'):
        normed(one)
    assert normed(two).shape == (2, 2, 1, 1)
    assert normed.eval()(one).isfinite().all()
    for other in (context(), context(type='GN', num_groups=1)):
        assert other(one).isfinite().all()
