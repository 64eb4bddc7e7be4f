"""Head for maps of joints and of the connections between them."""

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.structures import PixelData
from torch import Tensor

from ssltoolbox.codecs.mirror import mirror_channels
from ssltoolbox.models.backbones.da_unet import truncated_normal
from ssltoolbox.registry import MODELS

from mmpose.models.heads import HeatmapHead  # isort: skip

MEAN_SQUARED = dict(type='mmpose.KeypointMSELoss', use_target_weight=False)


@MODELS.register_module()
class JointConnectionHead(HeatmapHead):
    """1x1 convolution to linear maps, joints first, then connections.

    The loss is a mean over all entries of all maps. Deconvolutions in front, each
    doubling the resolution, let backbones of lower resolution take DAUNet's place.

    Source: Kayhan et al., arXiv 1912.04618.

    Args:
        in_channels: Channels of the last feature map of the backbone or neck.
        out_channels: Number of maps C: joints and connections.
        deconv_out_channels: Channels of deconvolutions; None for DAUNet.
        deconv_kernel_sizes: Kernel size 2, 3 or 4 of each deconvolution.
        loss: Loss config, ``forward(maps, target)``.
        decoder: Config of a codec, ``ssltoolbox.JointConnectionMaps``.
        init_cfg: As in mmengine; None: the published random weights.

    Raises:
        ValueError: The decoder has another number of maps.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        deconv_out_channels: Sequence[int] | None = None,
        deconv_kernel_sizes: Sequence[int] | None = None,
        loss: dict = MEAN_SQUARED,
        decoder: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            deconv_out_channels=deconv_out_channels,
            deconv_kernel_sizes=deconv_kernel_sizes,
            loss=loss,
            decoder=decoder,
            init_cfg=init_cfg,
        )
        self.published_init = init_cfg is None
        maps = getattr(self.decoder, 'num_maps', out_channels)
        if maps != out_channels:
            raise ValueError(
                f'JointConnectionHead has out_channels={out_channels}, but its decoder '
                f'has {maps} maps (joints and connections): make them equal'
            )

    def init_weights(self) -> None:
        """Draw the published weights of the output, or follow ``init_cfg``."""
        super().init_weights()
        if self.published_init:
            # as for a decoder stage, whose input is twice as wide
            truncated_normal(self.final_layer, 2 * self.final_layer.in_channels)

    def loss(
        self,
        feats: Sequence[Tensor],
        batch_data_samples: list,
        train_cfg: dict | None = None,
    ) -> dict[str, Tensor]:
        """Compare the maps with those of the samples.

        Args:
            feats: Feature maps (B, C, H, W); the last is read.
            batch_data_samples: B samples with ``gt_fields.heatmaps`` (C, h, w).
            train_cfg: Not used.

        Returns:
            ``loss_kpt``.

        Raises:
            ValueError: Maps and targets differ in size.
        """
        maps = self.forward(feats).float()
        target = torch.stack([s.gt_fields.heatmaps for s in batch_data_samples])
        if maps.shape != target.shape:
            raise ValueError(
                f'the network gives maps {tuple(maps.shape[1:])} (C, h, w), but the '
                f'targets are {tuple(target.shape[1:])}: set heatmap_size, num_joints '
                'and connections of the codec accordingly'
            )
        return {'loss_kpt': self.loss_module(maps, target)}

    def predict(
        self, feats: Any, batch_data_samples: list, test_cfg: dict | None = None
    ) -> tuple[list, list[PixelData]]:
        """Find the instances of each image.

        Args:
            feats: Feature maps; those of the image and of its mirror image if
                ``flip_test`` is set.
            batch_data_samples: B samples.
            test_cfg: ``flip_test``: average with the maps of the mirror image.

        Returns:
            Per image ``keypoints`` (M, K, 2) in input pixels with ``keypoint_scores``
            (M, K), 0 where a joint is missing; and per image ``heatmaps`` (C, h, w).
        """
        if (test_cfg or {}).get('flip_test', False):
            plain, mirrored = (self.forward(f).float() for f in feats)
            flip_indices = batch_data_samples[0].metainfo['flip_indices']
            channels = mirror_channels(flip_indices, self.decoder.connections)
            maps = (plain + mirrored.flip(-1)[:, channels]) / 2
        else:
            maps = self.forward(feats).float()
        fields = [PixelData(heatmaps=heatmaps) for heatmaps in maps.detach()]
        return self.decode(maps.detach()), fields
