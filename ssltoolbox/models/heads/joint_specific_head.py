"""Heatmap head in which every joint has a branch of its own."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ssltoolbox.registry import MODELS

# isort: split
from mmpose.models.heads import HeatmapHead

Weights = dict[str, Tensor]


class GroupedPointwise(nn.Conv2d):
    """1x1 convolution in groups as a batch of matrix products.

    Same parameters and result as :class:`torch.nn.Conv2d` with ``groups``. Grouped
    convolutions of this shape have no fast kernel on many devices; matrix products
    have one on all.

    Args:
        in_channels: Channels of the input, all groups together.
        out_channels: Channels of the output, all groups together.
        groups: Number of groups; it divides both numbers of channels.
        bias: Whether to add a bias.
    """

    def __init__(
        self, in_channels: int, out_channels: int, groups: int, bias: bool = False
    ) -> None:
        super().__init__(in_channels, out_channels, 1, groups=groups, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, G*I, H, W) to (B, G*O, H, W), group by group."""
        batch, _, height, width = x.shape
        pixels = x.reshape(batch, self.groups, -1, height * width)
        weight = self.weight.view(self.groups, self.out_channels // self.groups, -1)
        out = (weight @ pixels).view(batch, self.out_channels, height, width)
        return out if self.bias is None else out + self.bias.view(1, -1, 1, 1)


class GroupedBottleneck(nn.Module):
    """Bottleneck blocks side by side, one per group, that share nothing.

    Args:
        channels: Channels of one group at the input and inside the block.
        groups: Number of groups.
        expansion: Channels of one group at the output are ``channels * expansion``.
    """

    def __init__(self, channels: int, groups: int, expansion: int) -> None:
        super().__init__()
        inside = groups * channels
        out = inside * expansion
        self.conv1 = GroupedPointwise(inside, inside, groups)
        self.bn1 = nn.BatchNorm2d(inside)
        self.conv2 = nn.Conv2d(inside, inside, 3, padding=1, groups=groups, bias=False)
        self.bn2 = nn.BatchNorm2d(inside)
        self.conv3 = GroupedPointwise(inside, out, groups)
        self.bn3 = nn.BatchNorm2d(out)
        self.downsample = nn.Sequential(
            GroupedPointwise(inside, out, groups), nn.BatchNorm2d(out)
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, G*C, H, W) to (B, G*C*expansion, H, W)."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        # in place: these are the largest maps of the whole network
        return self.relu(out.add_(self.downsample(x)))


@MODELS.register_module()
class JointSpecificHead(HeatmapHead):
    """Heatmap head with one branch per joint, so that joints share no head weights.

    With few labels the pseudo labels of hard joints are noisy; separate branches keep
    that noise out of the features of the other joints. A branch is a 1x1 convolution
    C -> C, a bottleneck block C -> ``expansion`` * C and a 1x1 convolution to one map.
    All branches run in one pass: their weights are stacked along the first axis.

    Losses, prediction and decoding are those of mmpose's ``HeatmapHead``.

    Source: ScarceNet, Li & Lee, CVPR 2023, arXiv 2303.15023 (MBHRNet).

    Args:
        in_channels: Channels of the last feature map of the backbone or neck.
        out_channels: Number of joints K, one branch each.
        branch_channels: Channels C of one branch; None: as many as reach the
            branches.
        expansion: Growth of the channels in the bottleneck block.
        deconv_out_channels: Channels of deconvolutions, each doubling the resolution,
            that all branches share. HRNet needs none; a ResNet three.
        deconv_kernel_sizes: Kernel size 2, 3 or 4 of each deconvolution.
        loss: As in ``HeatmapHead``.
        decoder: As in ``HeatmapHead``.
        init_cfg: As in ``HeatmapHead``: small random weights, neutral norms.

    Raises:
        ValueError: ``in_channels`` is not one number.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        branch_channels: int | None = None,
        expansion: int = 4,
        deconv_out_channels: Sequence[int] | None = None,
        deconv_kernel_sizes: Sequence[int] | None = None,
        loss: dict = dict(type='KeypointMSELoss', use_target_weight=True),  # noqa: B006
        decoder: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        if not isinstance(in_channels, int):
            raise ValueError(
                'JointSpecificHead reads the last feature map only: in_channels must '
                f'be one number, got {in_channels!r}. Give the channels of that map.'
            )
        super().__init__(
            in_channels,
            out_channels,
            deconv_out_channels=deconv_out_channels,
            deconv_kernel_sizes=deconv_kernel_sizes,
            final_layer=None,
            loss=loss,
            decoder=decoder,
            init_cfg=init_cfg,
        )
        reach = deconv_out_channels[-1] if deconv_out_channels else in_channels
        inside = branch_channels or reach
        joints = out_channels
        self.branches = nn.Sequential(
            # all branches read the same maps, so this one needs no groups
            nn.Conv2d(reach, joints * inside, 1),
            GroupedBottleneck(inside, joints, expansion),
            GroupedPointwise(joints * inside * expansion, joints, joints, bias=True),
        )

    def forward(self, feats: Sequence[Tensor]) -> Tensor:
        """Predict heatmaps.

        Args:
            feats: Feature maps (B, C, H, W); the last is read.

        Returns:
            Heatmaps (B, K, H', W'); H' = H without deconvolutions.
        """
        return self.branches(self.deconv_layers(feats[-1]))


def from_separate(state_dicts: Sequence[Weights]) -> Weights:
    """Stack the weights of separate branches for :class:`JointSpecificHead`.

    Args:
        state_dicts: One dict per joint, in joint order, with equal keys.

    Returns:
        Weights of ``head.branches``, under the same keys.

    Raises:
        ValueError: The branches differ in keys or shapes.
    """
    first = state_dicts[0]
    for joint, branch in enumerate(state_dicts):
        if _shapes(branch) != _shapes(first):
            differing = sorted(_shapes(branch).items() ^ _shapes(first).items())
            raise ValueError(
                f'the branch of joint {joint} differs from that of joint 0 at '
                f'{differing[0][0]!r}: all branches must have equal keys and shapes.'
            )
    return {
        key: torch.cat([branch[key] for branch in state_dicts]) if value.ndim else value
        for key, value in first.items()
    }


def to_separate(grouped: Weights, num_joints: int) -> list[Weights]:
    """Undo :func:`from_separate`.

    Args:
        grouped: Weights of ``head.branches``.
        num_joints: Number of joints K.

    Returns:
        One dict per joint, of copies.
    """
    parts = {
        key: value.chunk(num_joints) if value.ndim else [value] * num_joints
        for key, value in grouped.items()
    }
    return [
        {key: part[joint].clone() for key, part in parts.items()}
        for joint in range(num_joints)
    ]


def _shapes(weights: Weights) -> dict[str, tuple[int, ...]]:
    return {key: tuple(value.shape) for key, value in weights.items()}
