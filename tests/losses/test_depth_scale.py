import pytest
import torch

from ssltoolbox.losses.depth_scale import scale_to_sparse


def maps(*rows):
    return torch.tensor(rows).double().view(len(rows), 1, 1, -1)


def test_the_scale_is_the_mean_ratio_by_hand():
    depth = maps([1.0, 2, 4, 8])
    sparse = maps([2.0, 6, 0, 0])
    scaled = scale_to_sparse(depth, sparse, (sparse > 0).double())
    # ratios 2 and 3; the point of depth 2 is not nearer than half the mean of 4
    assert scaled.scale.item() == pytest.approx(3.0)
    sparse = maps([3.0, 6, 0, 0])
    scaled = scale_to_sparse(depth, sparse, (sparse > 0).double())
    assert scaled.scale.item() == pytest.approx(3.0)
    assert scaled.deviation.item() == pytest.approx(0, abs=1e-6)
    sparse = maps([3.0, 4, 0, 0])
    scaled = scale_to_sparse(depth, sparse, (sparse > 0).double())
    assert scaled.scale.item() == pytest.approx(2.5)
    assert scaled.deviation.item() == pytest.approx(0.5)
    assert scaled.spread.item() == pytest.approx(0.2)
    assert scaled.depth.flatten().tolist() == pytest.approx([2.5, 5, 10, 20])


def test_points_much_nearer_than_the_mean_do_not_count():
    sparse = maps([0.1, 4, 4, 4])
    scaled = scale_to_sparse(maps([1.0, 2, 2, 2]), sparse, (sparse > 0).double())
    assert scaled.scale.item() == pytest.approx(2)
    every = scale_to_sparse(
        maps([1.0, 2, 2, 2]), sparse, (sparse > 0).double(), near_share=0
    )
    assert every.scale.item() == pytest.approx((0.1 + 6) / 4)


@pytest.mark.parametrize('statistic', ['mean', 'median'])
def test_without_points_nothing_is_scaled(statistic):
    depth = maps([1.0, 2, 3], [1.0, 2, 3]).requires_grad_()
    sparse = maps([0.0, 0, 0], [2.0, 4, 0])
    scaled = scale_to_sparse(depth, sparse, (sparse > 0).double(), statistic=statistic)
    assert scaled.scale.tolist() == pytest.approx([1, 2])
    assert scaled.spread[0] == 0
    (scaled.depth.sum() + scaled.spread.sum()).backward()
    assert depth.grad.isfinite().all()


def test_the_median_is_not_led_by_one_point():
    depth, sparse = maps([1.0, 1, 1e-3]), maps([2.0, 2, 2])
    mean, median = (
        scale_to_sparse(depth, sparse, torch.ones_like(sparse), statistic=name).scale
        for name in ('mean', 'median')
    )
    assert median.item() == pytest.approx(2) and mean.item() > 600


def test_the_median_has_no_gradient_through_the_scale():
    depth = maps([1.0, 2, 4]).requires_grad_()
    sparse = maps([2.0, 4, 8])
    scaled = scale_to_sparse(depth, sparse, torch.ones_like(sparse), statistic='median')
    scaled.depth.sum().backward()
    assert depth.grad.flatten().tolist() == pytest.approx([2, 2, 2])


def test_gradients_are_those_of_differences():
    torch.manual_seed(0)
    depth = (1 + torch.rand(2, 1, 3, 4)).double().requires_grad_()
    sparse = (1 + torch.rand(2, 1, 3, 4)).double() * (torch.rand(2, 1, 3, 4) > 0.4)

    def both(depth):
        scaled = scale_to_sparse(depth, sparse, (sparse > 0).double())
        return scaled.depth, scaled.spread

    assert torch.autograd.gradcheck(both, depth)


def test_another_statistic_is_refused():
    one = maps([1.0])
    with pytest.raises(ValueError, match="'mean' or 'median'"):
        scale_to_sparse(one, one, one, statistic='mode')
