import pytest
import torch

from ssltoolbox.augment.cutmix import CutMix


def test_a_box_takes_what_the_next_image_has_there():
    images = torch.arange(3.0).view(3, 1, 1, 1).expand(3, 2, 4, 8)
    boxes = torch.tensor([[0.25, 0.5, 0.5, 1.0], [0, 0, 0, 0], [0, 0, 1, 1]])
    mask = CutMix.mask(boxes, (4, 8))
    assert mask[0].nonzero().tolist() == [[2, 2], [2, 3], [3, 2], [3, 3]]
    mixed = CutMix.paste(images, mask)
    assert (mixed[0, :, 2:, 2:4] == 1).all() and mixed[0].sum() == 8
    assert (mixed[1] == 1).all() and (mixed[2] == 0).all()
    labels = CutMix.paste(images[:, 0].long(), mask)
    assert torch.equal(labels.float(), mixed[:, 0])


def test_boxes_lie_in_the_image_and_keep_their_bounds():
    boxes = CutMix(1.0).draw(4000, 'cpu', torch.Generator().manual_seed(0))
    assert boxes.min() >= 0 and boxes.max() <= 1 + 1e-6
    sides = boxes[:, 2:] - boxes[:, :2]
    area, aspect = sides.prod(1), sides[:, 1] / sides[:, 0]
    whole = (sides < 1 - 1e-4).all(1)
    assert whole.float().mean() > 0.9
    assert area.max() <= 0.4 + 1e-5 and area[whole].min() >= 0.02 - 1e-5
    assert 0.3 - 1e-4 < aspect[whole].min() < 0.4 and aspect[whole].max() > 3


def test_as_many_as_asked_for_are_mixed_and_equal_seeds_draw_equal_boxes():
    seeds = [torch.Generator().manual_seed(s) for s in (1, 1, 2)]
    one, same, other = (CutMix(0.3).draw(4000, 'cpu', seed) for seed in seeds)
    assert torch.equal(one, same) and not torch.equal(one, other)
    mixed = (one[:, 2:] > one[:, :2]).all(1).float().mean().item()
    assert mixed == pytest.approx(0.3, abs=0.03)
    assert not CutMix.mask(CutMix(0).draw(9, 'cpu'), (8, 8)).any()


@pytest.mark.parametrize(
    'fields', [dict(prob=2), dict(area=(0.5, 0.1)), dict(aspect=(0, 1))]
)
def test_bad_fields_are_refused(fields):
    with pytest.raises(ValueError, match='CutMix'):
        CutMix(**fields)
