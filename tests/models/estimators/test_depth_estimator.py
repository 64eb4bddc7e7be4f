import pytest
import torch
from mmengine.structures import BaseDataElement, PixelData

from ssltoolbox.compat import prepare_segmentation
from ssltoolbox.registry import MODELS
from ssltoolbox.testing.tiny_depth import tiny_depth_network


def mmseg_network(**head):
    prepare_segmentation()
    return dict(
        type='ssltoolbox.DepthEstimator',
        backbone=dict(
            type='mmseg.ResNet', depth=18, stem_channels=8, base_channels=8
        ),
        decode_head=dict(
            type='mmseg.FCNHead',
            in_channels=64,
            in_index=3,
            channels=8,
            num_convs=1,
            num_classes=1,
            threshold=0.5,
            loss_decode=dict(type='mmseg.CrossEntropyLoss'),
            **head,
        ),
        activation='softplus',
    )


def test_depth_is_positive_and_has_the_size_of_the_input():
    network = MODELS.build(tiny_depth_network())
    depth = network(torch.randn(2, 3, 12, 16))
    assert depth.shape == (2, 1, 12, 16) and (depth >= 0).all()
    raw = network.decode_head(network.backbone(torch.zeros(1, 3, 4, 4)))
    assert torch.equal(network(torch.zeros(1, 3, 4, 4)), raw.abs())


def test_backbone_and_head_of_mmseg_take_its_place():
    network = MODELS.build(mmseg_network())
    depth = network(torch.randn(2, 3, 64, 32))
    assert depth.shape == (2, 1, 64, 32) and (depth > 0).all()
    depth.log().square().mean().backward()
    assert network.backbone.conv1.weight.grad.abs().sum() > 0
    assert network.decode_head.conv_seg.weight.grad.abs().sum() > 0


def test_several_maps_are_refused():
    config = mmseg_network()
    config['decode_head'] |= dict(num_classes=3)
    with pytest.raises(ValueError, match='FCNHead gives 3 maps'):
        MODELS.build(config)(torch.randn(2, 3, 32, 32))


def test_predictions_are_0_where_nothing_is_valid():
    network = MODELS.build(tiny_depth_network()).eval()
    samples = [BaseDataElement() for _ in range(2)]
    samples[0].valid = PixelData(data=torch.zeros(1, 4, 4))
    found = network(torch.randn(2, 3, 4, 4), samples, mode='predict')
    assert found[0].pred_depth.data.shape == (1, 4, 4)
    assert (found[0].pred_depth.data == 0).all()
    assert (found[1].pred_depth.data > 0).any()


def test_a_network_alone_has_no_loss():
    network = MODELS.build(tiny_depth_network())
    with pytest.raises(NotImplementedError, match='ssltoolbox.SfmSupervision'):
        network(torch.zeros(1, 3, 4, 4), None, mode='loss')
    with pytest.raises(ValueError, match="abs or softplus, got 'exp'"):
        MODELS.build(tiny_depth_network(activation='exp'))


def test_invalid_pixels_are_a_middle_grey():
    network = MODELS.build(tiny_depth_network())
    sample = BaseDataElement()
    sample.valid = PixelData(data=torch.tensor([[[1.0, 0.0]] * 2]))
    image = torch.tensor([255, 0, 51]).byte().view(3, 1, 1).expand(3, 2, 2)
    done = network.data_preprocessor(dict(inputs=[image], data_samples=[sample]))
    # BGR to RGB, and 0..255 to -1..1
    assert done['inputs'][0, :, 0, 0].tolist() == pytest.approx([-0.6, -1, 1])
    assert (done['inputs'][..., 1] == 0).all()
