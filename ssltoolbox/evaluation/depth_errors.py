"""How far predicted depth is from what is known, in the field's usual numbers."""

import torch
from torch import Tensor

THRESHOLDS = (1.25, 1.25**2, 1.25**3)
ERRORS = ('AbsRel', 'SqRel', 'RMSE', 'RMSElog', 'delta1', 'delta2', 'delta3')


def depth_errors(depth: Tensor, truth: Tensor, mask: Tensor) -> dict[str, Tensor]:
    """Errors of each sample, (B,); NaN where nothing is known.

    Args:
        depth: (B, 1, H, W), positive, in the scale of the truth.
        truth: (B, 1, H, W), in any unit.
        mask: (B, 1, H, W), positive where the truth is known.

    Returns:
        ``AbsRel``, the mean of ``|Z - D| / D``; ``SqRel`` of ``(Z - D)^2 / D``;
        ``RMSE``; ``RMSElog``, that of natural logarithms; ``delta1`` to ``delta3``, the
        share of pixels with ``max(Z / D, D / Z)`` below 1.25, 1.25^2 and 1.25^3.

    Source: Eigen et al., NIPS 2014.
    """
    known = (mask > 0).to(depth)
    count = known.flatten(1).sum(1)
    z = torch.where(mask > 0, depth, 1.0).clamp(min=1e-8)
    d = torch.where(mask > 0, truth, 1.0).clamp(min=1e-8)

    def mean(values: Tensor) -> Tensor:
        return (values * known).flatten(1).sum(1) / count

    gap, ratio = (z - d).abs(), torch.maximum(z / d, d / z)
    within = [mean((ratio < limit).to(depth)) for limit in THRESHOLDS]
    found = (
        mean(gap / d),
        mean(gap.square() / d),
        mean(gap.square()).sqrt(),
        mean((z.log() - d.log()).square()).sqrt(),
        *within,
    )
    return dict(zip(ERRORS, found, strict=True))
