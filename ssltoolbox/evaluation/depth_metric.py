"""Errors of predicted depth: at points of structure from motion, or everywhere."""

from typing import Literal

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from ssltoolbox.evaluation.depth_errors import ERRORS, depth_errors
from ssltoolbox.losses.depth_scale import scale_to_sparse
from ssltoolbox.registry import METRICS


@METRICS.register_module()
class DepthMetric(BaseMetric):
    """Mean errors over frames, after each was scaled to its sparse points.

    ``AbsRel``, ``SqRel``, ``RMSE``, ``RMSElog`` (the less the better) and ``delta1`` to
    ``delta3`` (shares), see :func:`~.depth_errors.depth_errors`. Depth has the unit of
    the sequence.

    Args:
        dense: Judge all valid pixels against the true depth of rendered frames, and not
            only the points. Scaled to the points either way.
        scale: ``'mean'`` or ``'median'`` of the ratios.
        kwargs: Those of mmengine's ``BaseMetric``, such as ``prefix``.

    Raises:
        ValueError: No frame can be judged.
    """

    default_prefix = 'depth'

    def __init__(
        self, dense: bool = False, scale: Literal['mean', 'median'] = 'mean', **kwargs
    ) -> None:
        super().__init__(**kwargs)
        self.dense, self.scale = dense, scale

    def process(self, data_batch, data_samples) -> None:
        """Judge a batch of samples with ``pred_depth``."""
        for sample in data_samples:
            depth, sparse = (
                sample[key]['data'][None].float() for key in ('pred_depth', 'sparse')
            )
            points, weight = sparse[:, :1].to(depth), sparse[:, 1:2].to(depth)
            scaled = scale_to_sparse(depth, points, weight, statistic=self.scale)
            target, mask = points, weight
            if self.dense:
                if 'truth' not in sample:
                    raise ValueError(
                        f'{sample["img_path"]} has no true depth (truth/*.npy beside '
                        'it), which DepthMetric(dense=True) needs: leave dense away'
                    )
                target = sample['truth']['data'][None].to(depth)
                mask = sample['valid']['data'][None].to(depth) * (target > 0)
            errors = depth_errors(scaled.depth, target, mask)
            self.results.append(torch.cat([errors[name] for name in ERRORS]).tolist())

    def compute_metrics(self, results: list) -> dict[str, float]:
        """Means over the frames in which something is known."""
        table = np.array(results, float)
        judged = table[~np.isnan(table).any(1)]
        if not len(judged):
            raise ValueError(
                f'in none of {len(table)} frames any depth is known: check the points '
                'by tools/browse_sfm.py'
            )
        if len(judged) < len(table):
            print_log(f'{len(table) - len(judged)} frames show no point', 'current')
        return dict(zip(ERRORS, judged.mean(0).tolist(), strict=True))
