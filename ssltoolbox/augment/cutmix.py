"""CutMix: paste a rectangle of the next image, with its labels, on the device."""

import torch
from torch import Tensor

from ssltoolbox.registry import TASK_UTILS


@TASK_UTILS.register_module()
class CutMix:
    """One rectangle per image, or none, in which it shows the next image of the batch.

    The last image shows the first one; an image alone in its batch shows itself.

    Args:
        prob: Probability of a rectangle.
        area: Least and largest area, as a share of the image, 0..1.
        aspect: Least and largest height over width, in shares of the image's sides.

    Source: Yun et al., CutMix, ICCV 2019, with the rectangles of UniMatch (Yang et al.,
    CVPR 2023). Differs: a rectangle that would not fit is made smaller, where the
    original draws again; images are mixed with others of their batch, where it loads
    a second batch.
    """

    def __init__(
        self,
        prob: float = 0.5,
        area: tuple[float, float] = (0.02, 0.4),
        aspect: tuple[float, float] = (0.3, 1 / 0.3),
    ) -> None:
        if not 0 <= prob <= 1 or not 0 <= area[0] <= area[1] <= 1:
            raise ValueError(
                'CutMix: prob is in 0..1, area (least, largest) in 0..1, got '
                f'{prob} and {tuple(area)}'
            )
        if not 0 < aspect[0] <= aspect[1]:
            raise ValueError(
                f'CutMix: aspect is (least, largest) above 0, got {tuple(aspect)}'
            )
        self.prob, self.area, self.aspect = prob, tuple(area), tuple(aspect)

    def draw(
        self,
        count: int,
        device: torch.device,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Draw rectangles (B, 4): left, top, right and bottom as shares of the sides.

        Args:
            count: Number of images B.
            device: Where they are wanted.
            generator: Of that device; the device's own by default.
        """
        numbers = torch.rand(5, count, generator=generator, device=device)
        gate, area, aspect, *place = numbers.unbind(0)
        area = self.area[0] + (self.area[1] - self.area[0]) * area
        aspect = self.aspect[0] + (self.aspect[1] - self.aspect[0]) * aspect
        mixed = gate < self.prob
        sides = torch.stack([area / aspect, area * aspect], 1).sqrt().clamp(max=1)
        sides = sides * mixed[:, None]
        corner = torch.stack(place, 1) * (1 - sides)
        return torch.cat([corner, corner + sides], 1)

    @staticmethod
    def mask(boxes: Tensor, shape: tuple[int, int]) -> Tensor:
        """Mask (B, H, W), True in the rectangles: pixels whose centres lie in them.

        Args:
            boxes: Of :meth:`draw`.
            shape: (H, W).
        """

        def inside(start: Tensor, end: Tensor, length: int) -> Tensor:
            centres = (torch.arange(length, device=boxes.device) + 0.5) / length
            return (centres >= start[:, None]) & (centres < end[:, None])

        left, top, right, bottom = boxes.unbind(1)
        columns, rows = inside(left, right, shape[1]), inside(top, bottom, shape[0])
        return rows[:, :, None] & columns[:, None, :]

    @staticmethod
    def paste(values: Tensor, mask: Tensor) -> Tensor:
        """Take the next image's values inside the mask.

        Args:
            values: (B, H, W) or (B, C, H, W): images, labels, weights, scores.
            mask: (B, H, W).
        """
        shape = (len(mask), *[1] * (values.ndim - 3), *mask.shape[1:])
        return torch.where(mask.view(shape), values.roll(-1, 0), values)
