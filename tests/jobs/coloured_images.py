"""Images, networks and jobs of a segmentation with numbers one can see through.

An image is red where its class is 1 and blue where it is 0; a network reads the class
off the red channel, more or less surely.
"""

import cv2
import numpy as np
import torch
from mmengine.model import BaseModel
from torch import nn

from ssltoolbox.jobs.fusion import FusionJob
from ssltoolbox.registry import MODELS

VIEW, CLASSES = (32, 24), ('background', 'polyp')
SIZES = [(32, 24), (40, 30), (48, 24), (64, 48), (20, 20), (32, 24), (33, 25)]


@MODELS.register_module(force=True)
class RedNetwork(BaseModel):
    """Logits of a 1x1 convolution, ``stride`` times smaller than its input."""

    def __init__(self, classes=2, stride=1, pad=1):
        kind = dict(type='mmseg.SegDataPreProcessor', bgr_to_rgb=True)
        numbers = dict(mean=[0.0] * 3, std=[255.0] * 3, size_divisor=pad)
        super().__init__(dict(**kind, **numbers, test_cfg=dict(size_divisor=pad)))
        self.decode_head = nn.Conv2d(3, classes, 1, stride)
        self.align_corners = False

    def forward(self, inputs, data_samples=None, mode='tensor'):
        return self.decode_head(inputs)


def save_network(path, gain=8.0, bias=0.5, classes=2):
    """Write weights whose class 1 is likelier where red is above ``bias``."""
    network = RedNetwork(classes)
    with torch.no_grad():
        network.decode_head.weight.zero_()
        network.decode_head.bias.zero_()
        network.decode_head.weight[1, 0] = gain
        network.decode_head.bias[1] = -gain * bias
    torch.save({'state_dict': network.state_dict()}, path)
    return str(path)


def write_images(folder, sizes=SIZES):
    """Write images (w, h) of a red corner on blue, each another one."""
    (folder / 'images').mkdir(parents=True)
    for number, (width, height) in enumerate(sizes):
        image = np.zeros((height, width, 3), np.uint8)
        image[..., 0] = 200
        image[: height // 2, : width // 4 + number] = (0, 0, 220)
        noise = np.random.default_rng(number).integers(0, 30, image.shape, np.uint8)
        cv2.imwrite(str(folder / 'images' / f'{number:02}.png'), image + noise)
    return folder


def pool(folder):
    """Config of the unlabelled images."""
    return dict(
        type='ssltoolbox.FewShotImageDataset',
        dataset=dict(
            type='ssltoolbox.ImageMaskDataset',
            data_root=str(folder),
            data_prefix=dict(img_path='images'),
            metainfo=dict(classes=CLASSES),
            require_masks=False,
            serialize_data=False,  # which collects garbage for a third of a second
        ),
        labels=None,
        part='unlabelled',
    )


def viewed(folder, views=(), size=VIEW, **changes):
    """Config of the images in their views."""
    steps = [
        dict(type='ssltoolbox.LoadImage'),
        dict(type='ssltoolbox.LoadMask'),
        dict(
            type='ssltoolbox.ViewSet',
            views=list(views),
            view=dict(type='ssltoolbox.ImageView', input_size=size),
            pack=dict(type='ssltoolbox.PackSegView'),
        ),
    ]
    return dict(
        type='ssltoolbox.MultiSourceDataset',
        sources=dict(unlabelled=pool(folder)),
        pipeline=steps,
    )


def member(checkpoint, weight=1.0, **network):
    """Config of a member."""
    network = dict(type='ssltoolbox.RedNetwork', **network)
    return dict(network=network, checkpoint=checkpoint, weight=weight)


def fusion_job(folder, members, views=(), **changes):
    """Build a job."""
    fields = dict(
        members=members,
        task=dict(type='ssltoolbox.SegTask'),
        dataset=viewed(folder, views),
        batch_size=2,
        num_workers=0,
    )
    return FusionJob(**{**fields, **changes})


def files(folder):
    """Content of all files, by name."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob('*'))
        if path.is_file()
    }
