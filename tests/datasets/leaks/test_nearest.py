import numpy as np

from ssltoolbox.datasets.leaks import nearest as module
from ssltoolbox.datasets.leaks.nearest import nearest


def test_distances_are_those_of_counting_bits(monkeypatch):
    monkeypatch.setattr(module, 'BLOCK', 100)  # several blocks
    rng = np.random.default_rng(0)
    pool, queries = rng.random((30, 256)) > 0.5, rng.random((17, 256)) > 0.5
    counted = (pool[None] != queries[:, None]).sum(-1)
    distances, rows = nearest(pool, queries)
    assert (distances == counted.min(1)).all()
    assert (counted[np.arange(17), rows] == counted.min(1)).all()


def test_of_equally_near_ones_the_first_is_named():
    pool = np.zeros((3, 8), bool)
    assert [part.tolist() for part in nearest(pool, pool[:1])] == [[0], [0]]


def test_nothing_is_near_to_no_query():
    distances, rows = nearest(np.zeros((3, 8), bool), np.zeros((0, 8), bool))
    assert len(distances) == len(rows) == 0
