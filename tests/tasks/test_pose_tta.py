import numpy as np
import pytest
import torch

from ssltoolbox.tasks.pose_tta import PoseTTA

FLIP = [1, 0, 2]


def bright_points(images):
    """A network of three keypoints: heatmaps that follow the brightness."""
    small = torch.nn.functional.avg_pool2d(images.mean(1, keepdim=True), 4)
    return small.repeat(1, 3, 1, 1)


def crops(*points, size=64):
    """Dark images with one bright square of 4 px each."""
    images = torch.zeros(len(points), 3, size, size, dtype=torch.uint8)
    for image, (x, y) in zip(images, points, strict=True):
        image[:, y : y + 4, x : x + 4] = 200
    return images


def peak(maps):
    index = maps.flatten(2).argmax(-1)
    return torch.stack([index % maps.shape[-1], index // maps.shape[-1]], -1)


def test_the_first_pass_is_plain_and_the_others_within_bounds():
    draws = PoseTTA(200, scale=0.25, rotation=30).draw(np.random.RandomState(0))
    assert draws[0].tolist() == [1, 0]
    assert (draws[:, 0].min(), draws[:, 0].max()) == (0.75, 1.25)
    assert np.abs(draws[:, 1]).max() == 60


def test_draws_belong_to_the_instance_and_the_seed():
    tta = PoseTTA(5)
    many, one = tta.draws_for([3, 8, 5]), tta.draws_for([8])
    assert np.array_equal(many[1], one[0]) and not np.array_equal(many[0], many[1])
    assert not np.array_equal(PoseTTA(5, seed=1).draws_for([8]), one)
    assert tta.draws_for([2**40 + 1, -1]).shape == (2, 5, 2)


def test_one_plain_pass_without_flip_is_the_networks_own_output():
    tta, images = PoseTTA(1, flip=False), crops((20, 32))
    out = tta(bright_points, images, tta.draws_for([1]), FLIP)
    assert torch.equal(out, bright_points(images.float()))


def test_mirrored_maps_are_turned_back():
    tta, images = PoseTTA(1, shift_heatmap=False), crops((20, 32))
    out = tta(bright_points, images, tta.draws_for([1]), FLIP)
    assert torch.allclose(out, bright_points(images.float()))


@pytest.mark.parametrize('point', [(28, 28), (40, 24), (20, 40)])
def test_turned_and_scaled_passes_come_back_to_the_same_cell(point):
    tta = PoseTTA(8, scale=0.2, rotation=20, flip=False)
    out = tta(bright_points, crops(point), tta.draws_for([4]), FLIP)
    cell = torch.tensor(point) // 4
    assert ((peak(out)[0] - cell).abs() <= 1).all()


def test_instances_of_a_batch_do_not_influence_each_other():
    tta = PoseTTA(3)
    both = tta(bright_points, crops((20, 32), (40, 12)), tta.draws_for([1, 2]), FLIP)
    for i, point in enumerate([(20, 32), (40, 12)]):
        one = tta(bright_points, crops(point), tta.draws_for([i + 1]), FLIP)
        assert torch.allclose(one[0], both[i], atol=1e-4)


def test_no_pass_at_all_is_refused():
    with pytest.raises(ValueError, match='at least 1, got 0'):
        PoseTTA(0)
