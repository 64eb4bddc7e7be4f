"""Random geometry of the training, and the crop of the validation."""

import cv2
import numpy as np
import torch

from ssltoolbox.datasets.transforms.crop_image_view import CropImageView
from ssltoolbox.datasets.transforms.grid_distortion import axis_map, distort
from ssltoolbox.datasets.transforms.image_view import RandomImageView
from ssltoolbox.geometry.view import change_matrix
from ssltoolbox.registry import MODELS

from ..registry import drives
from ..vectors import Entry


@drives('semiseg', 'augment_geometry')
def augment_geometry(entry: Entry) -> None:
    """The original turns about (w - 1) / 2, ours about w / 2: shifted back by hand."""
    image, mask = entry['image'], entry['mask']
    height, width = mask.shape
    params = entry.params
    view = RandomImageView((width, height), border='reflect')

    def look(**change) -> dict:
        made = {'img': image, 'gt_seg_map': mask}
        return view.look(made, change_matrix((width, height), **change))

    turn = cv2.getRotationMatrix2D((0, 0), params['angle_deg'], 1)[:, :2]
    half_a_pixel = (np.eye(2) - turn) @ (-0.5, -0.5)
    turned = look(rotation=params['angle_deg'], translation=half_a_pixel)
    entry.check('rot_image', turned['img'])
    entry.check('rot_mask', turned['gt_seg_map'])
    xs = axis_map(width, np.array(params['xsteps']))
    ys = axis_map(height, np.array(params['ysteps']))
    entry.check('grid_image', distort(image, xs, ys))
    entry.check('grid_mask', distort(mask, xs, ys, nearest=True))
    entry.check('flip_image', look(hflip=True)['img'])


@drives('semiseg', 'valid_item')
def valid_item(entry: Entry) -> None:
    height, width = entry.params['size']
    view = CropImageView((width, height))
    classes = (entry['mask'] > 0).astype(np.uint8)
    seen = view({'img': entry['image'], 'gt_seg_map': classes})
    image = torch.from_numpy(seen['img']).permute(2, 0, 1)
    entry.check('item_image', image, 'item_image')
    entry.check('item_mask', seen['gt_seg_map'], 'item_mask')
    config = dict(
        type='mmseg.SegDataPreProcessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
    )
    normalise = MODELS.build(config)
    made = normalise({'inputs': [image.flip(0)], 'data_samples': None})
    entry.check('batch0_image', made['inputs'][0])
    entry.check('batch0_mask', seen['gt_seg_map'])
