"""Peaks are those that OpenCV and scipy find."""

import cv2
import numpy as np
import pytest
import torch
from scipy.ndimage import maximum_filter

from ssltoolbox.codecs.peaks import blur, find_peaks, is_peak, refine_peaks

BASE = torch.tensor([0.1, 0.2])


def gaussian(x, y, shape=(24, 32), sigma=3.0):
    ys, xs = torch.meshgrid(
        torch.arange(shape[0]), torch.arange(shape[1]), indexing='ij'
    )
    return torch.exp(-((xs - x) ** 2 + (ys - y) ** 2) / sigma**2).float()


@pytest.mark.parametrize('size', [1, 5, 21])
def test_blur_is_that_of_opencv(size):
    maps = torch.rand(2, 2, 24, 32)
    ours = blur(maps, size)
    for mine, plain in zip(ours.flatten(0, 1), maps.flatten(0, 1), strict=True):
        expected = cv2.GaussianBlur(plain.numpy(), (size, size), 0)
        np.testing.assert_allclose(mine, expected, atol=1e-6)


def test_blur_of_a_map_smaller_than_the_kernel():
    assert torch.allclose(blur(torch.ones(1, 1, 6, 7), 21), torch.ones(1, 1, 6, 7))


@pytest.mark.parametrize('window', [3, 6, 7])
def test_peaks_are_the_maxima_of_scipys_window(window):
    maps = torch.rand(1, 2, 24, 32)
    ours = is_peak(maps, window, BASE)[0]
    for mine, plain in zip(ours, maps[0].numpy(), strict=True):
        highest = maximum_filter(plain, window)
        assert np.array_equal(mine, (plain == highest) & (plain >= 0.3))


def test_threshold_is_four_means_between_base_and_0_3():
    low = torch.zeros(1, 2, 10, 10)
    low[0, :, 5, 5] = 0.15
    assert is_peak(low, 3, BASE).sum((2, 3)).tolist() == [[1, 0]]
    high = torch.full((1, 2, 10, 10), 0.06)
    high[0, :, 5, 5] = 0.23  # the mean is 0.0617, four times that 0.247
    assert not is_peak(high, 3, BASE).any()
    crowded = torch.full((1, 2, 10, 10), 0.2)
    crowded[0, :, 5, 5] = 0.31
    assert is_peak(crowded, 3, BASE).sum((2, 3)).tolist() == [[1, 1]]


def test_the_highest_peaks_come_first():
    one = 0.5 * gaussian(5, 6) + gaussian(20, 12) + 0.7 * gaussian(28, 3)
    cells, scores = find_peaks(torch.stack([one, one * 0])[None], 7, BASE, 4)
    assert cells[0, 0, :3].tolist() == [[20, 12], [28, 3], [5, 6]]
    assert scores[0, 0, :3].numpy() == pytest.approx([1, 0.7, 0.5], abs=1e-3)
    assert scores[0, 0, 3] == 0 and not scores[0, 1].any()


def test_a_flat_top_is_one_peak_even_at_the_border():
    maps = torch.zeros(1, 1, 12, 16)
    maps[0, 0, 0:2, 0:3] = 0.9
    cells, scores = find_peaks(maps, 8, BASE[:1], 5)
    assert (scores > 0).sum() == 1
    x, y = cells[0, 0, 0].tolist()
    assert x in (0, 1, 2) and y in (0, 1)


def test_refinement_of_a_gaussian_is_exact():
    places = [(10.3, 7.6), (20.5, 11.0), (0.2, 12.4)]
    maps = torch.stack([gaussian(*place) for place in places])[None]
    cells = torch.tensor([[[[10.0, 8]], [[21, 11]], [[0, 12]]]])
    refined = refine_peaks(maps, cells)[0, :, 0]
    assert refined[0].numpy() == pytest.approx([10.3, 7.6], abs=1e-3)
    assert refined[1].numpy() == pytest.approx([20.5, 11], abs=1e-3)
    assert refined[2].numpy() == pytest.approx([0, 12.4], abs=1e-3)
