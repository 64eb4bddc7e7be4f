"""PseudoLabelling: accepted pseudo labels count as labels, rejected ones not at all."""

import pytest
import torch

from ssltoolbox.engine.hooks.watchdog import kept_counts

from .settings import setting


def loss_of(accepted, labelled=2, **fields):
    """Loss of the seg setting, whose unlabelled images of these places have labels."""
    made = setting('seg', labelled)
    made.student.eval()
    for place in accepted:
        made.views['strong'].samples[place].weight += 1
    method = made.method('PseudoLabelling', **fields)
    losses = method.loss(made.views)
    method.report['views'] = made.views
    return losses['loss_sup'].item(), made, method


def each_image(made):
    """Loss of each image against its classes."""
    strong = made.views['strong']
    raw = made.task.forward(made.student, strong)
    value = made.task.label(strong).value
    return torch.nn.functional.cross_entropy(raw, value, reduction='none').mean((1, 2))


def test_labelled_and_accepted_images_have_one_mean():
    loss, made, method = loss_of([3])
    each = each_image(made)[[0, 1, 3]]
    assert loss == pytest.approx(each.mean().item(), rel=1e-5)
    # images x pixels: two are unlabelled, one of these has a label
    assert kept_counts(method.report) == (2 * 16**2, 16**2, 16**2)


def test_the_weight_is_that_of_pseudo_labels_alone():
    loss, made, _ = loss_of([3], pseudo_weight=0.5)
    each = each_image(made)[[0, 1, 3]] * torch.tensor([1, 1, 0.5])
    assert loss == pytest.approx(each.mean().item(), rel=1e-5)


def test_rejected_images_count_nothing():
    loss, made, method = loss_of([])
    assert loss == pytest.approx(each_image(made)[:2].mean().item(), rel=1e-5)
    assert kept_counts(method.report)[1:] == (0, 0)


def test_a_batch_of_pseudo_labels_alone_teaches():
    loss, made, _ = loss_of([0, 1], labelled=0)
    assert loss == pytest.approx(each_image(made)[:2].mean().item(), rel=1e-5)


@pytest.mark.parametrize('weight', [0, -1.0])
def test_a_weight_of_nothing_is_refused(weight):
    with pytest.raises(ValueError, match='pseudo_weight must be above 0'):
        setting('seg').method('PseudoLabelling', pseudo_weight=weight)
