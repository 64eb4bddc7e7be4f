import pytest
import torch

from ssltoolbox.geometry.view import View
from ssltoolbox.semi.pseudo_label import PseudoLabel

VIEW = View(torch.eye(3, dtype=torch.double)[None], (8, 8))


def fields():
    return dict(
        value=torch.zeros(1, 2, 2), weight=torch.ones(1, 2), score=torch.ones(1, 2)
    )


@pytest.mark.parametrize('name', ['value', 'weight', 'score'])
def test_a_label_with_a_gradient_is_refused(name):
    with pytest.raises(ValueError, match=rf'PseudoLabel\.{name} carries a gradient'):
        PseudoLabel(**fields() | {name: fields()[name].requires_grad_()}, view=VIEW)


def test_new_weights_leave_the_old_label_as_it_was():
    label = PseudoLabel(**fields(), view=VIEW)
    other = label.reweighted(torch.zeros(1, 2))
    assert label.weight.sum() == 2 and other.weight.sum() == 0
    assert other.value is label.value and other.view is label.view


def test_new_weights_with_a_gradient_are_refused_too():
    with pytest.raises(ValueError, match='weight carries a gradient'):
        PseudoLabel(**fields(), view=VIEW).reweighted(torch.ones(1).requires_grad_())
