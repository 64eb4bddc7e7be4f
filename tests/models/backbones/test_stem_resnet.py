"""A ResNet and its stem."""

import pytest
import torch
from mmpose.models.backbones import ResNet

from ssltoolbox.models.backbones.stem_resnet import StemResNet

NARROW = dict(depth=18, base_channels=4, stem_channels=4)


@pytest.mark.parametrize('deep_stem', [False, True])
def test_is_the_resnet_of_mmpose_with_one_map_more(deep_stem):
    ours = StemResNet(**NARROW, deep_stem=deep_stem)
    theirs = ResNet(**NARROW, deep_stem=deep_stem, out_indices=(0, 1, 2, 3))
    for network in (ours, theirs):
        network.eval()
    theirs.load_state_dict(ours.state_dict())
    x = torch.rand(2, 3, 64, 96)
    with torch.no_grad():
        stem, *maps = ours(x)
        expected = theirs(x)
    assert stem.shape == (2, 4, 32, 48)
    assert torch.equal(theirs.layer1(ours.maxpool(stem)), maps[0])
    assert len(maps) == 4
    assert all(torch.equal(a, b) for a, b in zip(maps, expected, strict=True))


def test_only_the_stages_asked_for():
    shapes = [
        tuple(m.shape[1:])
        for m in StemResNet(**NARROW, out_indices=(1, 3))(torch.rand(2, 3, 32, 32))
    ]
    assert shapes == [(4, 16, 16), (8, 4, 4), (32, 1, 1)]


def test_weights_of_a_file_are_taken_and_none_draws_them(tmp_path):
    weights = {k: v + 1 for k, v in ResNet(**NARROW).state_dict().items()}
    weights['fc.weight'] = torch.zeros(10, 32)
    torch.save(weights, tmp_path / 'resnet.pth')
    init = dict(type='Pretrained', checkpoint=str(tmp_path / 'resnet.pth'))
    loaded = StemResNet(**NARROW, init_cfg=init)
    loaded.init_weights()
    assert torch.equal(loaded.conv1.weight, weights['conv1.weight'])
    drawn = StemResNet(**NARROW, init_cfg=None)
    drawn.init_weights()
    # Kaiming He's rule: deviation sqrt(2 / (4 * 49)) by the channels that go out
    assert drawn.conv1.weight.std().item() == pytest.approx(0.101, rel=0.15)
