"""A network and its preprocessing as one graph, from 8-bit images to its results."""

import torch
import torch.nn.functional as F
from mmengine.model import ImgDataPreprocessor
from torch import Tensor, nn

from ssltoolbox.apis.network_kind import Kind
from ssltoolbox.codecs.batched_heatmap import heatmap_argmax, quarter_offset
from ssltoolbox.datasets.transforms.to_hsv import HSV

Size = tuple[int, int]


class NetworkGraph(nn.Module):
    """What is exported: ``forward`` takes images and gives the results.

    Images are uint8 (B, 3, H, W) RGB, or HSV where the network was trained on that.
    Exchanging channels and normalising them is part of the graph, so that nobody has to
    do it again: numbers of 8 bits cannot be scaled wrongly.

    Args:
        network: In eval mode; its ``data_preprocessor`` is mmengine's
            ``ImgDataPreprocessor`` or of the same kind.
        colours: ``'rgb'`` or ``'hsv'``.

    Attributes:
        inputs, outputs: Names, in order.

    Raises:
        TypeError: The network has another preprocessor.
    """

    inputs: tuple[str, ...] = ('images',)
    outputs: tuple[str, ...] = ('maps',)

    def __init__(self, network: nn.Module, colours: str = 'rgb') -> None:
        super().__init__()
        self.network, self.colours = network, colours
        prepare = getattr(network, 'data_preprocessor', None)
        if not isinstance(prepare, ImgDataPreprocessor):
            raise TypeError(
                f'{type(prepare).__name__} does not say how images are normalised: an '
                "ONNX graph needs mmengine's ImgDataPreprocessor, or a kind of it"
            )
        exchanged = prepare._channel_conversion
        # the preprocessor is made for files as OpenCV reads them: BGR
        self.reversed = exchanged if colours == HSV else not exchanged
        mean = getattr(prepare, 'mean', torch.zeros(3))
        std = getattr(prepare, 'std', torch.ones(3))
        self.register_buffer('mean', mean.detach().clone().float().view(1, -1, 1, 1))
        self.register_buffer('std', std.detach().clone().float().view(1, -1, 1, 1))
        self.eval()

    def normalised(self, images: Tensor) -> Tensor:
        """What the network sees of the images, float32."""
        images = images[:, [2, 1, 0]] if self.reversed else images
        return (images.float() - self.mean) / self.std

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Maps (B, C, h, w) as the network gives them."""
        return (self.network(self.normalised(images), None, mode='tensor'),)


class KeypointGraph(NetworkGraph):
    """Heatmaps, and the keypoints that mmpose finds in them by its MSRA codec."""

    outputs = ('heatmaps', 'keypoints', 'scores')

    def __init__(self, network: nn.Module, colours: str = 'rgb') -> None:
        super().__init__(network, colours)
        self.stride = [float(each) for each in network.head.decoder.scale_factor]

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Heatmaps (B, K, h, w), keypoints (B, K, 2) in input px, scores (B, K)."""
        (heatmaps,) = super().forward(images)
        return (heatmaps, *self.decode(heatmaps))

    def decode(self, heatmaps: Tensor) -> tuple[Tensor, Tensor]:
        """Keypoints and scores as mmpose decodes them: negative where none is found."""
        cells, scores = heatmap_argmax(heatmaps)
        cells = quarter_offset(cells, heatmaps, along_border=True)
        cells = torch.where((scores > 0).unsqueeze(-1), cells, -torch.ones_like(cells))
        x, y = (cells[..., i] * stride for i, stride in enumerate(self.stride))
        return torch.stack([x, y], -1), scores


class MaskGraph(NetworkGraph):
    """Logits of the classes of every pixel."""

    outputs = ('logits',)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Logits (B, C, H, W) in the size of the images, enlarged as mmseg does."""
        (logits,) = super().forward(images)
        size = images.shape[-2:]
        corners = self.network.align_corners
        enlarged = F.interpolate(logits, size, mode='bilinear', align_corners=corners)
        return (enlarged,)


class DepthGraph(NetworkGraph):
    """Depth of every pixel that shows the scene."""

    inputs = ('images', 'valid')
    outputs = ('depth',)

    def forward(self, images: Tensor, valid: Tensor) -> tuple[Tensor, ...]:  # type: ignore[override]
        """Depth (B, 1, H, W), 0 where ``valid`` (B, 1, H, W) uint8 is 0."""
        seen = (valid > 0).float()
        depth = self.network(self.normalised(images) * seen, None, mode='tensor')
        return (depth * seen,)


def graph_of(network: nn.Module, kind: Kind, colours: str = 'rgb') -> NetworkGraph:
    """Make the graph of a network.

    Keypoints are part of it where mmpose's own decoder has a form in tensors: an
    ``MSRAHeatmap`` that is not ``unbiased``.

    Args:
        network: In eval mode.
        kind: What it finds.
        colours: ``'rgb'`` or ``'hsv'``, in which it was trained.
    """
    if kind == 'poses':
        decoder = getattr(getattr(network, 'head', None), 'decoder', None)
        decodes = type(decoder).__name__ == 'MSRAHeatmap' and not decoder.unbiased
        return (KeypointGraph if decodes else NetworkGraph)(network, colours)
    return (MaskGraph if kind == 'masks' else DepthGraph)(network, colours)


def example_inputs(
    graph: NetworkGraph, size: Size, count: int, seed: int = 0
) -> tuple[torch.Tensor, ...]:
    """Images of noise, and a mask with a hole where the graph takes one."""
    width, height = size
    draw = torch.Generator().manual_seed(seed)
    shape = (count, 3, height, width)
    images = torch.randint(256, shape, generator=draw, dtype=torch.uint8)
    if graph.inputs == ('images',):
        return (images,)
    valid = torch.ones(count, 1, height, width, dtype=torch.uint8)
    valid[..., : height // 4, : width // 4] = 0
    return images, valid
