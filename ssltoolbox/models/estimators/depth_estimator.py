"""Monocular depth from any backbone and any head that gives one map."""

import torch
import torch.nn.functional as F
from mmengine.model import BaseModel
from mmengine.structures import PixelData
from torch import Tensor

from ssltoolbox.registry import MODELS

ACTIVATIONS = {'abs': torch.abs, 'softplus': F.softplus}


@MODELS.register_module()
class DepthEstimator(BaseModel):
    """Predict the depth of every pixel, in a unit of its own.

    Args:
        backbone: Config of a network that gives feature maps, such as
            ``ssltoolbox.FCDenseNet``, or any backbone of mmseg.
        decode_head: Config of what makes one map of them: ``ssltoolbox.DepthHead``, or
            a decode head of mmseg with ``num_classes=1``.
        data_preprocessor: Config of the preprocessor.
        activation: Makes the map positive: ``'abs'``, as published, or ``'softplus'``.
        init_cfg: As of mmengine.
    """

    def __init__(
        self,
        backbone: dict,
        decode_head: dict,
        data_preprocessor: dict | None = None,
        activation: str = 'abs',
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor, init_cfg)
        if activation not in ACTIVATIONS:
            raise ValueError(
                f'activation must be {" or ".join(ACTIVATIONS)}, got {activation!r}'
            )
        self.backbone = MODELS.build(backbone)
        self.decode_head = MODELS.build(decode_head)
        self.activation = activation

    def forward(self, inputs: Tensor, data_samples=None, mode: str = 'tensor'):
        """Depth maps, or samples with them.

        Args:
            inputs: (B, 3, H, W).
            data_samples: B samples, needed in mode ``'predict'``.
            mode: ``'tensor'``: depth (B, 1, H, W), positive; ``'predict'``: the samples
                with ``pred_depth`` (1, H, W), 0 where they are not valid.

        Raises:
            NotImplementedError: Mode ``'loss'``: a network alone has no labels.
            ValueError: The head gives more than one map.
        """
        if mode == 'loss':
            raise NotImplementedError(
                'depth is learnt by a method: put the network into '
                'ssltoolbox.SemiSupervisedModel, with a method such as '
                'ssltoolbox.SfmSupervision'
            )
        raw = self.decode_head(self.backbone(inputs))
        if raw.shape[1] != 1:
            raise ValueError(
                f'{type(self.decode_head).__name__} gives {raw.shape[1]} maps, depth '
                'is one: set num_classes=1'
            )
        if raw.shape[-2:] != inputs.shape[-2:]:
            raw = F.interpolate(raw, inputs.shape[-2:], mode='bilinear')
        depth = ACTIVATIONS[self.activation](raw)
        if mode == 'tensor':
            return depth
        for sample, each in zip(data_samples, depth.detach().float(), strict=True):
            valid = sample.valid.data.to(each) if 'valid' in sample else 1
            sample.pred_depth = PixelData(data=each * valid)
        return data_samples
