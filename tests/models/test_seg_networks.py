"""The configs of the ten networks build, give logits of each pixel, and learn."""

import pytest
import torch
from mmengine.structures import PixelData

pytest.importorskip('mmseg')

from mmseg.structures import SegDataSample  # noqa: E402

from ssltoolbox.apis.config import read_config  # noqa: E402
from ssltoolbox.apis.seg_networks import PUBLISHED, build_network  # noqa: E402

from ..golden.semiseg.fill import MODEL_CONFIGS  # noqa: E402

SIZES = dict.fromkeys(PUBLISHED, (32, 64)) | {'pan': (128, 144)}


def build(name, classes, device='cpu'):
    torch.manual_seed(0)
    return build_network(MODEL_CONFIGS / f'{name}.py', classes, device)


@pytest.mark.parametrize('name', PUBLISHED)
def test_a_file_defines_one_network_under_its_name(name):
    assert list(read_config(MODEL_CONFIGS / f'{name}.py')) == [name]


@pytest.mark.parametrize('name', PUBLISHED)
def test_logits_of_two_classes_have_the_size_of_the_image(name):
    network, size = build(name, 2, 'meta').eval(), SIZES[name]
    images = torch.zeros(1, 3, *size, device='meta')
    metas = [dict(img_shape=size)]
    assert network.encode_decode(images, metas).shape == (1, 2, *size)


@pytest.mark.parametrize('name', PUBLISHED)
def test_a_step_of_training_with_four_classes(name):
    network, size = build(name, 4).train(), SIZES[name]
    masks = torch.randint(4, (2, 1, *size))
    samples = [
        SegDataSample(gt_sem_seg=PixelData(data=mask), metainfo=dict(img_shape=size))
        for mask in masks
    ]
    images = list(torch.randint(256, (2, 3, *size), dtype=torch.uint8))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01)
    data = network.data_preprocessor(
        dict(inputs=images, data_samples=samples), training=True
    )
    before = [weight.sum().item() for weight in network.parameters()]
    loss, _ = network.parse_losses(network(**data, mode='loss'))
    loss.backward()
    optimizer.step()
    assert loss.isfinite()
    # a weight that is not used would stop training on several devices
    named = network.named_parameters()
    assert not [key for key, weight in named if weight.grad is None]
    after = [weight.sum().item() for weight in network.parameters()]
    changed = [a != b for a, b in zip(after, before, strict=True)]
    assert sum(changed) > 0.5 * len(changed)
    predicted = network.eval().predict(data['inputs'][:1])
    assert predicted[0].seg_logits.data.shape == (4, *size)
