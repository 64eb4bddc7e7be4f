import pytest
import torch

from ssltoolbox.semi.filters.small_loss import SmallLossFilter


def keep(losses, rate, weight=None, labelled=None, among='all'):
    losses = torch.tensor(losses)
    weight = torch.ones_like(losses) if weight is None else torch.tensor(weight)
    labelled = labelled or [False] * len(losses)
    mask = SmallLossFilter(among)(losses, weight, rate, torch.tensor(labelled))
    assert mask.dtype == torch.bool and mask.shape == losses.shape
    return mask.int().tolist()


@pytest.mark.parametrize(
    'rate, expected',
    [
        (1.0, [[1, 1], [1, 1]]),
        (0.75, [[1, 1], [0, 1]]),
        (0.74, [[1, 0], [0, 1]]),
        (0.5, [[1, 0], [0, 1]]),
        (0.25, [[0, 0], [0, 1]]),
        (0.0, [[0, 0], [0, 0]]),
    ],
)
def test_the_smallest_losses_of_the_whole_batch_are_kept(rate, expected):
    assert keep([[2.0, 3.0], [4.0, 1.0]], rate) == expected


def test_elements_without_a_label_neither_count_nor_are_kept():
    weight = [[1.0, 0.0, 1.0, 0.0]]
    assert keep([[9.0, 0.1, 1.0, 0.2]], 0.5, weight) == [[0, 0, 1, 0]]
    assert keep([[9.0, 0.1, 1.0, 0.2]], 1.0, weight) == [[1, 0, 1, 0]]


def test_ties_are_kept_in_order_and_never_more_than_asked_for():
    assert keep([[5.0] * 10], 0.3) == [[1, 1, 1] + [0] * 7]


def test_pseudo_labels_compete_among_themselves_where_asked():
    losses, labelled = [[0.1, 0.2], [1.0, 2.0]], [True, False]
    assert keep(losses, 0.5, labelled=labelled) == [[1, 1], [0, 0]]
    assert keep(losses, 0.5, labelled=labelled, among='pseudo') == [[0, 0], [1, 0]]


def test_nothing_to_keep_gives_an_empty_mask():
    assert keep([[1.0, 2.0]], 1.0, [[0.0, 0.0]]) == [[0, 0]]
    assert keep([[1.0]], 1.0, labelled=[True], among='pseudo') == [[0]]


def test_the_order_is_that_of_float32_under_mixed_precision():
    # both are 1.0 in bfloat16
    losses = torch.tensor([[1.002, 1.001]])
    with torch.autocast('cpu', torch.bfloat16):
        mask = SmallLossFilter()(
            losses, torch.ones(1, 2), 0.5, torch.zeros(1, dtype=torch.bool)
        )
    assert mask.tolist() == [[False, True]]


def test_equals_a_plain_sort_on_random_batches():
    generator = torch.Generator().manual_seed(0)
    for rate in (0.1, 0.8, 0.95):
        losses = torch.rand(8, 17, generator=generator)
        weight = (torch.rand(8, 17, generator=generator) > 0.3).float()
        none = torch.zeros(8, dtype=torch.bool)
        mask = SmallLossFilter()(losses, weight, rate, none)
        count = int(weight.sum().item() * rate)
        expected = losses[weight > 0].sort().values[:count]
        assert torch.equal(losses[mask].sort().values, expected)


def test_the_losses_keep_their_gradient():
    losses = torch.rand(1, 4, requires_grad=True)
    keep_all = SmallLossFilter()(
        losses, torch.ones(1, 4), 1.0, torch.zeros(1, dtype=torch.bool)
    )
    assert keep_all.all() and losses.requires_grad


def test_an_unknown_group_is_refused():
    with pytest.raises(ValueError, match="'all' or 'pseudo', got 'none'"):
        SmallLossFilter('none')
