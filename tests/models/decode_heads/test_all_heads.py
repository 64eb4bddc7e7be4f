"""What holds for every network with a ResNet, and what each one costs."""

import pytest
import torch

pytest.importorskip('mmseg')

from ssltoolbox.apis.complexity import count_parts  # noqa: E402
from ssltoolbox.apis.config import load_config  # noqa: E402
from ssltoolbox.models.decode_heads.manet_head import ChannelGate  # noqa: E402

from ...golden.semiseg.fill import MODEL_CONFIGS, build_model  # noqa: E402
from .settings import CLASSES, HEADS, SIDE, images, samples, small  # noqa: E402

CLASSIFIER = 2_049_000
PUBLISHED = {
    'deeplabv3plus': (28_740_250 - CLASSIFIER, 3_183_218, 14.691),
    'denseaspp': (29_089_130 - CLASSIFIER, 3_532_098, 14.077),
    # the original computes the projection of keys twice: 20 x 20 places, 512 to 256
    'ocnet': (35_916_842 - CLASSIFIER, 10_359_810, 16.943 - 400 * 512 * 256 / 1e9),
    'pan': (24_260_105, 24_260_105 - 23_508_032, 13.532),
    'manet': (147_440_138, 147_440_138 - 23_508_032, 29.049),
}
STRIDE = {'deeplabv3plus': 4, 'denseaspp': 16, 'ocnet': 16, 'pan': 4, 'manet': 1}
POOLED = ['deeplabv3plus', 'pan']


@pytest.mark.parametrize('name', HEADS)
def test_size_and_cost_are_the_published_ones(name):
    network = build_model(name, 'meta')
    parts = count_parts(network, torch.zeros(1, 3, 320, 320, device='meta'))
    found = {part.name: part for part in parts}
    total, head, giga = PUBLISHED[name]
    assert found['total'].parameters == total
    assert found['decode_head'].parameters == head
    assert found['total'].macs / 1e9 == pytest.approx(giga, abs=6e-4)


@pytest.mark.parametrize('name', HEADS)
def test_all_weights_learn_and_logits_have_the_stride_of_the_head(name):
    network = small(name).train()
    if name == 'ocnet':
        # zero at first, so nothing before it learns in the first step
        torch.nn.init.normal_(network.decode_head.context.project.weight)
    for gate in network.modules():
        if isinstance(gate, ChannelGate):
            torch.nn.init.ones_(gate[1].bias)  # so narrow, its ReLU may be dead
    losses = network(images(), samples(), mode='loss')
    losses['decode.loss_ce'].backward()
    still = [
        key
        for key, weight in network.named_parameters()
        # a bias before a batch norm has no effect
        if weight.grad is None or (weight.ndim > 1 and not weight.grad.any())
    ]
    assert not still
    network.eval()
    side = SIDE // STRIDE[name]
    with torch.no_grad():
        assert network(images(1)).shape == (1, CLASSES, side, side)
        predicted = network.predict(images(1))[0]
    assert predicted.seg_logits.data.shape == (CLASSES, SIDE, SIDE)


@pytest.mark.parametrize('name', HEADS)
def test_one_image_in_training_works_or_says_what_to_change(name):
    network = small(name).train()
    if name not in POOLED:
        assert network(images(1)).isfinite().all()
        return
    with pytest.raises(ValueError, match='at least 2 images. Raise batch_size'):
        network(images(1))
    for module in network.decode_head.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()
    assert network(images(1)).isfinite().all()


@pytest.mark.parametrize('name', HEADS)
def test_half_precision_gives_finite_logits(name):
    network = small(name).eval()
    with torch.no_grad(), torch.autocast('cpu', torch.bfloat16):
        halved = network(images(1))
    with torch.no_grad():
        full = network(images(1))
    assert halved.dtype == torch.bfloat16
    assert torch.allclose(halved.float(), full, atol=0.1 * float(full.std() + 1e-2))


@pytest.mark.parametrize('name', HEADS)
def test_other_backbones_fit(name):
    """MobileNetV2 has maps of half to a thirty-second of the image."""
    widths = {2: 16, 4: 24, 8: 32, 16: 96, 32: 320}
    stages = [0, 1, 2, 4, 6]
    if name != 'manet':
        del widths[2]
        stages = stages[1:]
    head = dict(in_channels=320)
    if name in ('pan', 'manet'):
        head = dict(in_channels=tuple(widths.values()))
    elif name == 'deeplabv3plus':
        head['c1_in_channels'] = 24
    backbone = dict(type='mmseg.MobileNetV2', out_indices=tuple(stages))
    network = small(name, backbone, **head).eval()
    side = 256 if name == 'pan' else 64
    with torch.no_grad():
        predicted = network.predict(images(1, side, side))[0]
    assert predicted.pred_sem_seg.data.shape == (1, side, side)


def test_networks_stand_side_by_side_and_start_without_a_download(tmp_path):
    bases = [str(MODEL_CONFIGS / f'{name}.py') for name in ('imagenet', *HEADS)]
    path = tmp_path / 'side_by_side.py'
    path.write_text(
        f'_base_ = {bases!r}\nnum_classes = 2\n'
        "seg_preprocessor = dict(type='mmseg.SegDataPreProcessor')\n"
    )
    inits = {name: load_config(path)[name].backbone.init_cfg for name in HEADS}
    for name, init in inits.items():
        assert '/resnet50-' in init.checkpoint, name
    for name in HEADS:
        config = load_config(path, options={'backbone_init': None})[name]
        assert config.backbone.init_cfg is None
        assert config.decode_head.out_channels == 2


def test_weights_that_cannot_be_fetched_are_told_with_the_way_out(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(torch.hub, 'get_dir', lambda: str(tmp_path))
    network = small('denseaspp')
    address = 'http://127.0.0.1:9/resnet50.pth'
    network.backbone.init_cfg = dict(type='Pretrained', checkpoint=address)
    with pytest.raises(ConnectionError, match=f'{address}.*put it at {tmp_path}'):
        network.init_weights()
