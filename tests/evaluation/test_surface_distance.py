import numpy as np
import pytest
import torch

from ssltoolbox.evaluation import surface_distance
from ssltoolbox.evaluation.surface_distance import can_measure, hausdorff95


def square(left, size=10, canvas=40):
    mask = torch.zeros(canvas, canvas, dtype=torch.bool)
    mask[10 : 10 + size, left : left + size] = True
    return mask


def test_without_the_library_one_line_says_so(monkeypatch):
    said = []
    monkeypatch.setattr(surface_distance.importlib.util, 'find_spec', lambda name: None)
    monkeypatch.setattr(surface_distance, 'print_log', lambda *args: said.append(args))
    can_measure.cache_clear()
    try:
        assert [can_measure() for _ in range(3)] == [False] * 3
    finally:
        can_measure.cache_clear()
    assert len(said) == 1
    assert said[0][0] == (
        'HD95 is left out: it is measured by MONAI, which is not installed '
        '(pip install monai)'
    )


@pytest.fixture
def monai():
    return pytest.importorskip('monai')


def test_a_moved_square_is_as_far_as_it_was_moved(monai):
    found = torch.stack([square(14), square(10), square(10)])
    truth = torch.stack([square(10), square(10), square(10) & False])
    np.testing.assert_allclose(hausdorff95(found, truth), [4, 0, np.nan])
    np.testing.assert_allclose(hausdorff95(truth, found), [4, 0, np.nan])


def test_few_far_pixels_do_not_count(monai):
    """An outline of 36 px and one stray pixel: 1 in 37 is less than 5 %."""
    found = square(10)
    found[35, 35] = True
    assert hausdorff95(found[None], square(10)[None]) == [0]


def test_equals_distances_by_brute_force(monai):
    from scipy.ndimage import binary_erosion
    from scipy.spatial.distance import cdist

    rng = np.random.default_rng(0)
    found, truth = (
        torch.from_numpy(rng.random((2, 30, 30)) < share) for share in (0.2, 0.3)
    )
    outlines = [
        [np.argwhere(m & ~binary_erosion(m)) for m in mask.numpy()]
        for mask in (found, truth)
    ]
    expected = [
        max(np.percentile(distance.min(axis), 95) for axis in (0, 1))
        for distance in (cdist(a, b) for a, b in zip(*outlines, strict=True))
    ]
    np.testing.assert_allclose(hausdorff95(found, truth), expected, rtol=1e-6)
