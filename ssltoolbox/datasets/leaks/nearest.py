"""The most alike fingerprint of each picture, by one matrix product per block."""

import numpy as np

BLOCK = 2**22
"""Numbers of a block of distances (16 MiB)."""


def nearest(pool: np.ndarray, queries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the entry of a pool that differs from each query in the fewest bits.

    With bits as +1 and -1, a product is the number of equal bits less that of others.

    Args:
        pool: (N, B) bool, N at least 1.
        queries: (M, B) bool.

    Returns:
        Number of other bits (M,) int64, and row of the pool (M,) int64; of equally
        near ones the first.

    >>> nearest(np.array([[0, 0, 1], [1, 1, 1]], bool), np.array([[1, 1, 0]], bool))
    (array([1]), array([1]))
    """
    width = pool.shape[1]
    signs = np.where(pool, 1, -1).astype(np.float32)
    distances, rows = [], []
    step = max(1, BLOCK // len(pool))
    for begin in range(0, len(queries), step):
        block = np.where(queries[begin : begin + step], 1, -1).astype(np.float32)
        alike = block @ signs.T
        best = alike.argmax(axis=1)
        rows.append(best)
        distances.append((width - alike[np.arange(len(block)), best]) / 2)
    none = np.zeros(0)
    return (
        np.concatenate([none, *distances]).astype(np.int64),
        np.concatenate([none, *rows]).astype(np.int64),
    )
