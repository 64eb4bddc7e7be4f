"""What a network knows of the whole image: the mean of its features, projected."""

from mmcv.cnn import ConvModule
from torch import Tensor, nn
from torch.nn.modules.batchnorm import SyncBatchNorm, _BatchNorm


class GlobalContext(nn.Sequential):
    """Mean over all places, then a 1x1 convolution with norm and activation.

    A batch norm in training sees one value per image and channel, and of a single
    image no spread at all. mmseg's names of weights, ``1.conv`` and ``1.bn``.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        **conv: Further arguments of mmcv's ``ConvModule``.
    """

    def __init__(self, in_channels: int, out_channels: int, **conv) -> None:
        super().__init__(
            nn.AdaptiveAvgPool2d(1), ConvModule(in_channels, out_channels, 1, **conv)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, I, H, W) to (B, O, 1, 1).

        Raises:
            ValueError: One image in training, where a batch norm needs two.
        """
        norm = self[1].norm if self[1].with_norm else None
        # that of several processes counts the images of all of them
        own = isinstance(norm, _BatchNorm) and not isinstance(norm, SyncBatchNorm)
        if own and norm.training and len(x) == 1:
            raise ValueError(
                'a batch of one image cannot be normalised: the global branch of this '
                'network has one value per image and channel, so training needs '
                'batches of at least 2 images. Raise batch_size, or set drop_last=True '
                'in the dataloader if the last batch is the small one'
            )
        return super().forward(x)
