"""The head of joints and connections: weights, loss, mirror images."""

import math

import pytest
import torch
from mmengine.structures import PixelData
from mmpose.structures import PoseDataSample

from ssltoolbox.models.heads.joint_connection_head import JointConnectionHead

CODEC = dict(
    type='ssltoolbox.JointConnectionMaps',
    input_size=(32, 24),
    heatmap_size=(32, 24),
    sigma=2,
    num_joints=3,
    connections=[(0, 2), (1, 2)],
)


def sample(maps):
    made = PoseDataSample()
    if maps is not None:
        made.gt_fields = PixelData(heatmaps=maps)
    made.set_metainfo(dict(flip_indices=[1, 0, 2]))
    return made


def test_the_last_features_become_maps():
    head = JointConnectionHead(4, 5, decoder=CODEC)
    maps = head([torch.zeros(1, 9, 2, 2), torch.zeros(2, 4, 24, 32)])
    assert maps.shape == (2, 5, 24, 32)
    assert sum(p.numel() for p in head.parameters()) == 5 * 4 + 5


def test_fresh_weights_are_those_published():
    torch.manual_seed(0)
    head = JointConnectionHead(64, 50)
    head.init_weights()
    weight, std = head.final_layer.weight, math.sqrt(2 / (9 * 128))
    assert weight.abs().max() <= 2 * std
    assert weight.std().item() == pytest.approx(0.88 * std, rel=0.05)
    assert (head.final_layer.bias == 0.1).all()


def test_weights_of_a_config_are_followed():
    zero = dict(type='Constant', layer='Conv2d', val=0, bias=0.25)
    head = JointConnectionHead(4, 5, init_cfg=zero)
    head.init_weights()
    assert not head.final_layer.weight.any() and (head.final_layer.bias == 0.25).all()


def test_deconvolutions_double_the_resolution():
    head = JointConnectionHead(8, 5, (6, 4), (4, 4))
    head.init_weights()
    assert head([torch.randn(1, 8, 6, 8)]).shape == (1, 5, 24, 32)
    assert head.final_layer.in_channels == 4
    assert head.final_layer.weight.abs().max() <= 2 * math.sqrt(2 / (9 * 8))


def test_the_loss_is_a_mean_over_all_entries_of_all_maps():
    head = JointConnectionHead(4, 5, decoder=CODEC)
    target = torch.rand(2, 5, 24, 32)
    feats = (torch.randn(2, 4, 24, 32),)
    losses = head.loss(feats, [sample(maps) for maps in target])
    assert list(losses) == ['loss_kpt']
    expected = (head(feats) - target).square().mean()
    assert losses['loss_kpt'].item() == pytest.approx(expected.item(), rel=1e-6)


def test_maps_of_another_size_than_the_targets_are_refused():
    head = JointConnectionHead(4, 5)
    with pytest.raises(
        ValueError, match=r'maps \(5, 6, 8\).* targets are \(5, 24, 32\)'
    ):
        head.loss((torch.zeros(1, 4, 6, 8),), [sample(torch.zeros(5, 24, 32))])


def test_decoder_with_another_number_of_maps_is_refused():
    with pytest.raises(ValueError, match='out_channels=9, but its decoder has 5 maps'):
        JointConnectionHead(4, 9, decoder=CODEC)


def test_prediction_of_a_mirror_image_exchanges_sides():
    """A perfect network gives the same maps for both; so their mean is the same too."""
    head = JointConnectionHead(5, 5, decoder=CODEC)
    head.final_layer.weight.data = torch.eye(5)[..., None, None]
    head.final_layer.bias.data.zero_()
    points = torch.tensor([[[6.0, 5], [20, 12], [9, 18]]])
    maps = head.decoder.render(points[None], torch.ones(1, 1, 3))
    mirrored = maps.flip(-1)[:, [1, 0, 2, 4, 3]]
    args = ([(maps,), (mirrored,)], [sample(None)], dict(flip_test=True))
    (found,), (field,) = head.predict(*args)
    torch.testing.assert_close(field.heatmaps, maps[0])
    assert found.keypoints.tolist() == points.tolist()
