import pytest
from mmengine.evaluator import BaseMetric

from ssltoolbox.engine.hooks.early_stopping import EarlyStoppingHook


class Scores(BaseMetric):
    """Give a score of each validation from a list."""

    def __init__(self, values):
        super().__init__()
        self.values = list(values)

    def process(self, data_batch, data_samples):
        self.results.append(0)

    def compute_metrics(self, results):
        return {'score': self.values.pop(0)}


def epochs_of(tiny, values, work_dir='run', epochs=9, resume=False, **fields):
    hook = EarlyStoppingHook('score', **{'patience': 2, **fields})
    made = tiny(
        work_dir, epochs=epochs, val=Scores(values), hooks=[hook], resume=resume
    )
    made.train()
    return made.epoch


def test_it_stops_after_so_many_validations_without_gain(tiny):
    # the best is the second: an equal one is none
    assert epochs_of(tiny, [0.1, 0.5, 0.5, 0.4, 0.9]) == 4


def test_a_gain_begins_the_count_anew(tiny):
    values = [0.1, 0.05, 0.2, 0.1, 0.3, 0, 0, 9]
    assert epochs_of(tiny, values) == 7


def test_a_collapsed_network_is_not_trained_to_the_end(tiny):
    assert epochs_of(tiny, [0.0] * 9) == 3
    assert epochs_of(tiny, [float('nan')] * 9, 'nan') == 2


def test_less_may_be_better(tiny):
    assert epochs_of(tiny, [3.0, 2, 1, 4, 5, 6], rule='less') == 5


def test_a_resumed_run_stops_where_an_uninterrupted_one_does(tiny):
    values = [0.5, 0.4, 0.3, 0.9]
    epochs_of(tiny, values, epochs=2)
    # the validation of the last epoch is made again
    assert epochs_of(tiny, values[1:], resume=True) == 3


def test_one_of_several_metrics_may_gain():
    hook = EarlyStoppingHook(['a', 'b'], patience=1)
    assert hook.monitor == ['a', 'b']


def test_what_it_cannot_do_is_refused(tiny):
    with pytest.raises(ValueError, match='at least 1 validation, got 0'):
        EarlyStoppingHook('score', patience=0)
    with pytest.raises(ValueError, match="'greater' or 'less', got 'best'"):
        EarlyStoppingHook('score', rule='best')
    hook = EarlyStoppingHook('Dice')
    made = tiny(epochs=1, val=Scores([1]), hooks=[hook])
    with pytest.raises(KeyError, match='watches Dice, a validation gives score'):
        made.train()
