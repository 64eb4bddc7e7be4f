"""Names of the original program, and calls that contradict themselves."""

import pytest

from ssltoolbox.apis.distillation.networks import (
    ON_RESNET,
    OWN,
    named_network,
    named_networks,
    with_backbone,
)

ORIGINAL = 'CGNet FPENet DeepLab PAN OCNet MAnet LEDNet DenseASPP U-Net HRNet'.split()


def test_the_ten_names_of_the_original_are_known():
    assert sorted(ORIGINAL) == sorted({**OWN, **ON_RESNET})
    labels = [named_network(name, 'base').label for name in ('DeepLab', 'FPENet')]
    assert labels == ['DeepLab_resnet50', 'FPENet']


@pytest.mark.parametrize(
    'text, backbone, key, label',
    [
        ('DeepLabV3+', None, 'deeplabv3plus', 'DeepLab_resnet50'),
        ('MANet:resnet50', None, 'manet', 'MAnet_resnet50'),
        ('PAN:resnet101', None, 'pan_resnet101', 'PAN_resnet101'),
        ('PAN', 'resnet18', 'pan_resnet18', 'PAN_resnet18'),
        ('HRNet', 'hrnet_w48', 'hrnet_w48', 'HRNet'),
        ('U-Net', None, 'unet', 'U-Net'),
    ],
)
def test_spellings_and_backbones(text, backbone, key, label):
    found = named_network(text, 'target', backbone)
    assert (found.key, found.label) == (key, label)


@pytest.mark.parametrize(
    'text, message',
    [
        ('deeplab', "unknown network 'deeplab'; did you mean DeepLab.* PAN, U-Net"),
        (
            'PAN:resnet51',
            "unknown backbone 'resnet51'; did you mean resnet50?.*resnet152",
        ),
        ('FPENet:resnet50', 'FPENet has a backbone of its own, not .resnet50.'),
    ],
)
def test_an_unknown_name_lists_those_that_there_are(text, message):
    with pytest.raises(ValueError, match=message):
        named_network(text, 'base')


def test_lists_of_different_length_and_doubles_are_refused():
    with pytest.raises(ValueError, match='2 base networks .* and 1 backbones'):
        named_networks(['PAN', 'OCNet'], ['resnet50'])
    with pytest.raises(ValueError, match=r'base PAN \(resnet50\) is named twice'):
        named_networks(['PAN', 'PAN:resnet50'])
    assert len(named_networks(['PAN', 'PAN'], ['resnet50', 'resnet101'])) == 2


def test_a_smaller_backbone_has_a_quarter_of_the_channels():
    network = dict(
        backbone=dict(type='mmseg.ResNet', depth=50, strides=(1, 2, 2, 1)),
        decode_head=dict(in_channels=(64, 256, 2048), c1_in_channels=256, channels=512),
    )
    small = with_backbone(network, 'resnet34')
    assert small['backbone'] == network['backbone'] | dict(depth=34)
    # those of the stem stay
    head = dict(in_channels=[64, 64, 512], c1_in_channels=64, channels=512)
    assert small['decode_head'] == head
    assert network['backbone']['depth'] == 50
    deep = with_backbone(network, 'resnet101')
    assert deep['backbone']['depth'] == 101
    assert deep['decode_head'] == network['decode_head']
