"""Which epochs are validated."""

import pytest
from mmengine.evaluator import BaseMetric


class Epochs(BaseMetric):
    """Note the epochs at which a validation took place."""

    def __init__(self):
        super().__init__()
        self.runner, self.seen = None, []

    def process(self, data_batch, data_samples):
        self.results.append(0)

    def compute_metrics(self, results):
        self.seen.append(self.runner.epoch)
        return {'score': 0.0}


@pytest.mark.parametrize(
    'interval, whole, resumed',
    [(1, [1, 2, 3], [1, 2, 3]), (2, [2, 3], [2, 3]), (5, [3], [3])],
)
def test_due_epochs_also_after_a_resume(tiny, interval, whole, resumed):
    loop = dict(type='ssltoolbox.EpochTrainLoop', val_interval=interval)
    metric = Epochs()
    for epochs, work_dir, expected in (
        (3, 'a', whole),
        (1, 'b', None),
        (3, 'b', resumed),
    ):
        metric.seen.clear()
        cfg = dict(loop, max_epochs=epochs)
        runner = tiny(work_dir, val=metric, train_cfg=cfg, resume=work_dir == 'b')
        metric.runner = runner
        runner.train()
        assert expected is None or metric.seen == expected
