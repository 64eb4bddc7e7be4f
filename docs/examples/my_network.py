"""A backbone of four convolutions, for any pose head of mmpose."""

from torch import Tensor, nn

from ssltoolbox.registry import MODELS


@MODELS.register_module()
class FourConvolutions(nn.Module):
    """Features of a sixteenth of the resolution, with no more than is needed.

    Args:
        channels: Of the first convolution; each further one has twice as many.

    Shapes:
        inputs: (B, 3, H, W) normalised images; result: one map
        (B, 8 channels, H / 16, W / 16).
    """

    def __init__(self, channels: int = 16) -> None:
        super().__init__()
        if channels < 1:
            raise ValueError(f'channels must be 1 or more, got {channels}')
        width, layers = 3, []
        for wider in (channels, 2 * channels, 4 * channels, 8 * channels):
            layers += [
                nn.Conv2d(width, wider, 3, stride=2, padding=1, bias=False),
                nn.BatchNorm2d(wider),
                nn.ReLU(inplace=True),
            ]
            width = wider
        self.layers = nn.Sequential(*layers)

    def forward(self, inputs: Tensor) -> tuple[Tensor]:
        """Return a tuple, since a backbone may have maps of several sizes."""
        return (self.layers(inputs),)
