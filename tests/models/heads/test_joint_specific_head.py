"""One branch per joint, all in one pass."""

from pathlib import Path

import pytest
import torch
from mmengine.registry import DefaultScope
from mmengine.structures import InstanceData, PixelData
from torch import nn

from ssltoolbox.apis.config import load_config
from ssltoolbox.models.heads.joint_specific_head import (
    GroupedPointwise,
    JointSpecificHead,
    from_separate,
    to_separate,
)
from ssltoolbox.registry import MODELS

# isort: split
from mmpose.structures import PoseDataSample

MODEL_CONFIGS = Path(__file__).resolve().parents[3] / 'configs/_base_/models'


class Block(nn.Module):
    """Bottleneck block written plainly, as reference."""

    def __init__(self, channels, expansion):
        super().__init__()
        out = channels * expansion
        self.conv1 = nn.Conv2d(channels, channels, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv3 = nn.Conv2d(channels, out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)
        self.downsample = nn.Sequential(
            nn.Conv2d(channels, out, 1, bias=False), nn.BatchNorm2d(out)
        )

    def forward(self, x):
        y = self.bn1(self.conv1(x)).relu()
        y = self.bn2(self.conv2(y)).relu()
        return (self.bn3(self.conv3(y)) + self.downsample(x)).relu()


def separate_branch(in_channels, channels, expansion):
    branch = nn.Sequential(
        nn.Conv2d(in_channels, channels, 1),
        Block(channels, expansion),
        nn.Conv2d(channels * expansion, 1, 1),
    )
    for parameter in branch.parameters():
        nn.init.normal_(parameter, std=0.5)
    return branch


@pytest.fixture
def pair():
    """Three separate branches, and the head that holds the same weights."""
    torch.manual_seed(0)
    branches = [separate_branch(6, 4, 2) for _ in range(3)]
    head = JointSpecificHead(6, 3, branch_channels=4, expansion=2)
    head.branches.load_state_dict(from_separate([b.state_dict() for b in branches]))
    return branches, head


def test_equals_separate_branches_in_training_and_evaluation(pair):
    branches, head = pair
    x = torch.randn(2, 6, 5, 7)
    y = head((x,))
    expected = torch.cat([branch(x) for branch in branches], 1)
    torch.testing.assert_close(y, expected, rtol=1e-4, atol=1e-5)

    y.square().mean().backward()
    expected.square().mean().backward()
    gradients = from_separate(
        [{k: p.grad for k, p in b.named_parameters()} for b in branches]
    )
    for key, parameter in head.branches.named_parameters():
        torch.testing.assert_close(
            parameter.grad, gradients[key], rtol=1e-3, atol=1e-5, msg=key
        )

    for key, value in from_separate([b.state_dict() for b in branches]).items():
        torch.testing.assert_close(head.branches.state_dict()[key], value)
    head.eval()
    expected = torch.cat([branch.eval()(x) for branch in branches], 1)
    torch.testing.assert_close(head((x,)), expected, rtol=1e-4, atol=1e-5)


def test_joints_share_no_head_weights(pair):
    _, head = pair
    head((torch.randn(2, 6, 5, 5),))[:, 1].sum().backward()
    for key, parameter in head.branches.named_parameters():
        first, second, third = parameter.grad.chunk(3)
        assert not first.any() and not third.any(), key
    assert second.any()


def test_separate_and_grouped_weights_convert_both_ways(pair):
    branches, head = pair
    parts = to_separate(head.branches.state_dict(), 3)
    for branch, part in zip(branches, parts, strict=True):
        assert part.keys() == branch.state_dict().keys()
        assert all(torch.equal(part[k], v) for k, v in branch.state_dict().items())


def test_branches_of_different_shape_are_refused():
    branches = [separate_branch(6, 4, 2), separate_branch(6, 5, 2)]
    with pytest.raises(ValueError, match="joint 1 differs .* '0.bias'"):
        from_separate([b.state_dict() for b in branches])


@pytest.mark.parametrize('bias', [False, True])
def test_pointwise_equals_grouped_convolution(bias):
    layer = GroupedPointwise(6, 9, 3, bias=bias)
    plain = nn.Conv2d(6, 9, 1, groups=3, bias=bias)
    plain.load_state_dict(layer.state_dict())
    x = torch.randn(2, 6, 4, 5)
    for layout in (torch.contiguous_format, torch.channels_last):
        torch.testing.assert_close(layer(x.to(memory_format=layout)), plain(x))


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


def test_one_joint_on_32_channels_has_the_published_size():
    # 1,056 + (1,024 + 9,216 + 2 * 4,096 + 64 + 64 + 256 + 256) + 129
    assert count(JointSpecificHead(32, 17)) == 17 * 20257
    assert count(JointSpecificHead(32, 1)) == 20257


def test_fresh_weights_are_small_and_norms_neutral():
    torch.manual_seed(0)
    head = JointSpecificHead(16, 5)
    head.init_weights()
    for module in head.modules():
        if isinstance(module, nn.Conv2d):
            assert module.weight.std().item() == pytest.approx(1e-3, rel=0.3)
            assert module.bias is None or not module.bias.any()
        if isinstance(module, nn.BatchNorm2d):
            assert (module.weight == 1).all() and not module.bias.any()
            assert module.momentum == 0.1 and module.eps == 1e-5


def test_deconvolutions_in_front_are_shared_and_double_the_resolution():
    head = MODELS.build(
        dict(
            type='ssltoolbox.JointSpecificHead',
            in_channels=8,
            out_channels=3,
            deconv_out_channels=(6, 4),
            deconv_kernel_sizes=(4, 4),
        )
    )
    y = head([torch.zeros(1, 9, 1, 1), torch.randn(2, 8, 4, 4)])
    assert y.shape == (2, 3, 16, 16)
    assert head.branches[0].weight.shape == (12, 4, 1, 1)


def test_several_feature_maps_are_refused():
    with pytest.raises(ValueError, match='last feature map only'):
        JointSpecificHead([32, 64], 17)


def test_loss_and_prediction_are_those_of_the_plain_head():
    codec = dict(type='MSRAHeatmap', input_size=(32, 32), heatmap_size=(8, 8), sigma=2)
    head = JointSpecificHead(
        4, 2, decoder=codec, loss=dict(type='KeypointMSELoss', use_target_weight=True)
    ).eval()
    x = torch.randn(1, 4, 8, 8)
    sample = PoseDataSample(
        gt_fields=PixelData(heatmaps=torch.zeros(2, 8, 8)),
        gt_instance_labels=InstanceData(keypoint_weights=torch.tensor([[1.0, 0.0]])),
    )
    expected = head((x,))[:, :1].square().mean() / 2
    assert head.loss((x,), [sample])['loss_kpt'].item() == pytest.approx(
        expected.item(), rel=1e-5
    )
    (pose,) = head.predict((x,), [sample])
    assert pose.keypoints.shape == (1, 2, 2)


@pytest.mark.parametrize(
    ('name', 'parameters'),
    [('pose-hrnet-w32', 28_536_113), ('pose-hrnet-w32_joint-specific', 28_879_921)],
)
def test_networks_have_the_published_size(name, parameters):
    student = load_config(MODEL_CONFIGS / f'{name}.py').student
    student.backbone.init_cfg = None
    with DefaultScope.overwrite_default_scope('mmpose'), torch.device('meta'):
        assert count(MODELS.build(student)) == parameters


@pytest.mark.parametrize('name', ['resnet18', 'resnet18_joint-specific'])
def test_small_networks_predict_maps_of_the_codec_size(name):
    config = load_config(MODEL_CONFIGS / f'{name}.py')
    config.student.backbone.init_cfg = config.backbone_init
    with DefaultScope.overwrite_default_scope('mmpose'):
        network = MODELS.build(config.student).eval()
    w, h = config.codec.input_size
    maps = network(torch.zeros(1, 3, h, w), None)
    assert maps.shape == (1, 17, *config.codec.heatmap_size[::-1])
