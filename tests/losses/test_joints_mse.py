import pytest
import torch

from ssltoolbox.losses.joints_mse import JointsMSELoss, per_joint_mse


def maps(*values):
    """(1, K, 1, 2) maps of one value each."""
    return torch.tensor(values).view(1, -1, 1, 1).expand(1, len(values), 1, 2).clone()


def test_it_is_half_the_mean_squared_error():
    # errors 2 and 4: squares 4 and 16, mean 10, half 5
    assert JointsMSELoss()(maps(2.0, 4.0), maps(0.0, 0.0)).item() == 5


@pytest.mark.parametrize('weighting, expected', [('squared', 8.0), ('linear', 4.0)])
def test_a_weight_of_two_counts_four_times_or_twice(weighting, expected):
    loss = JointsMSELoss(weighting)(maps(2.0), maps(0.0), torch.tensor([[2.0]]))
    assert loss.item() == pytest.approx(expected)


def test_masked_keypoints_count_in_the_mean():
    weight = torch.tensor([[1.0, 0.0]])
    assert JointsMSELoss()(maps(2.0, 9.0), maps(0.0, 0.0), weight).item() == 1


def test_the_loss_of_each_joint_stands_alone():
    weight = torch.tensor([[1.0, 0.0, 3.0]])
    out = per_joint_mse(maps(1.0, 5.0, 2.0), maps(0.0, 0.0, 1.0), weight)
    assert out.tolist() == [[1, 0, 9]]


def test_equals_the_plain_formula_on_random_maps():
    generator = torch.Generator().manual_seed(0)
    p, t = (torch.rand(3, 4, 5, 6, generator=generator) for _ in range(2))
    w = torch.rand(3, 4, generator=generator)
    per_keypoint = [
        0.5 * torch.nn.functional.mse_loss(
            p[:, k] * w[:, k, None, None], t[:, k] * w[:, k, None, None]
        )
        for k in range(4)
    ]  # fmt: skip
    expected = torch.stack(per_keypoint).mean()
    assert torch.allclose(JointsMSELoss()(p, t, w), expected)
    assert torch.allclose(JointsMSELoss(loss_weight=3.0)(p, t, w), 3 * expected)


def test_an_unknown_weighting_is_refused():
    with pytest.raises(ValueError, match="'squared' or 'linear', got 'cubic'"):
        JointsMSELoss('cubic')
