"""ResNet that hands on its finest features too."""

from torch import Tensor

from ssltoolbox.registry import MODELS

from mmpose.models.backbones import ResNet  # isort: skip


@MODELS.register_module()
class StemResNet(ResNet):
    """ResNet whose first map is that before the max-pooling, at half the resolution.

    For decoders that go back to full resolution, such as ``ssltoolbox.MANetHead``. It
    has no weights of its own: those of any ResNet of mmpose, mmseg or torchvision fit.

    Args:
        depth: 18, 34, 50, 101 or 152.
        out_indices: Stages that are handed on after the stem.
        init_cfg: As in mmengine; None draws the weights of convolutions by Kaiming He's
            rule, as mmseg does.
        **kwargs: As in mmpose's ``ResNet``.
    """

    def __init__(
        self,
        depth: int,
        out_indices: tuple[int, ...] = (0, 1, 2, 3),
        init_cfg: dict | list | None = None,
        **kwargs,
    ) -> None:
        if init_cfg is not None:
            kwargs['init_cfg'] = init_cfg
        super().__init__(depth, out_indices=out_indices, **kwargs)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Map images to features, the finest first.

        Args:
            x: (B, 3, H, W).

        Returns:
            (B, 64, H/2, W/2) of the stem, then one map for each of ``out_indices``: of
            ResNet-50 (B, 256, H/4, W/4) to (B, 2048, H/32, W/32). Sides are rounded up.
        """
        x = self.stem(x) if self.deep_stem else self.relu(self.norm1(self.conv1(x)))
        maps = [x]
        x = self.maxpool(x)
        for stage, name in enumerate(self.res_layers):
            x = getattr(self, name)(x)
            if stage in self.out_indices:
                maps.append(x)
        return tuple(maps)
