"""Log how sure the networks are of unlabelled images, to see a collapse early."""

from typing import Any

from mmengine.hooks import Hook

from ssltoolbox.engine.hooks.pseudo_label_quality import MeansOfKnown
from ssltoolbox.engine.hooks.semi_supervision import unwrap
from ssltoolbox.registry import HOOKS


@HOOKS.register_module()
class CollapseMonitorHook(Hook):
    """Log the mean maximum of the heatmaps, of labelled and of unlabelled images.

    A network that is taught by heatmaps may learn to call everything background: the
    maxima of unlabelled images then fall towards 0, while those of labelled images
    stay. Logged every ``interval`` iterations as ``collapse/labelled``,
    ``collapse/unlabelled`` and ``collapse/ratio``; below ``min_ratio`` a
    warning says what to do. The method reports the maxima.

    Args:
        interval: Iterations between two logs (>= 1).
        min_ratio: Smallest healthy share of the labelled maxima.
        patience: Logs in a row below it before the warning, which comes once (>= 1).
    """

    def __init__(
        self, interval: int = 50, min_ratio: float = 0.2, patience: int = 5
    ) -> None:
        if interval < 1 or patience < 1:
            raise ValueError(
                f'interval and patience are at least 1, got {interval}, {patience}'
            )
        self.interval, self.min_ratio, self.patience = interval, min_ratio, patience
        self.means, self.low = MeansOfKnown(), 0

    def after_train_iter(
        self, runner, batch_idx: int, data_batch: Any = None, outputs: Any = None
    ) -> None:
        """Measure the step; log every ``interval`` iterations."""
        maxima = unwrap(runner.model).method.report.get('maxima')
        if maxima is None:
            return
        self.means.update(maxima)
        if not self.every_n_train_iters(runner, self.interval):
            return
        means = self.means.pop()
        if len(means) < 2:
            return  # maxima that are not finite, for which the training will be stopped
        means['ratio'] = max(means['unlabelled'], 1e-6) / max(means['labelled'], 1e-6)
        for name, value in means.items():
            runner.message_hub.update_scalar(f'train/collapse/{name}', value)
        self.low = self.low + 1 if means['ratio'] < self.min_ratio else 0
        if self.low == self.patience:
            runner.logger.warning(
                f'heatmaps of unlabelled images are {means["ratio"]:.0%} as high as '
                f'those of labelled ones for {self.patience * self.interval} '
                'iterations: the networks may be collapsing to background. Let the '
                'easy view teach, not the hard one; try a consistency ramp, or '
                'method.min_score'
            )
