"""What is drawn depends on seed, iteration and rank, and on nothing else."""

import random

import numpy as np
import torch

from ssltoolbox.engine.hooks.iteration_seed import seed_everything


def draw(*key):
    seed_everything(*key)
    return random.random(), float(np.random.rand()), float(torch.rand(1))


def test_the_same_key_draws_the_same_whatever_came_before():
    first = draw(3, 10, 0, 0)
    draw(3, 11, 0, 0)
    assert draw(3, 10, 0, 0) == first


def test_seeds_iterations_and_ranks_all_differ():
    keys = [
        (s, i, r, p) for s in (0, 1) for i in (0, 1) for r in (0, 1) for p in (0, 1)
    ]
    for drawn in zip(*(draw(*key) for key in keys), strict=True):
        assert len(set(drawn)) == len(keys)
