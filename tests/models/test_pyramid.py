"""Which sizes of feature maps fit together."""

import pytest
import torch

from ssltoolbox.models.pyramid import check_pyramid


def check(*sizes, factors=(2, 2), stride=4, least=1):
    maps = [torch.empty(1, 1, *size) for size in sizes]
    check_pyramid('Head', maps, factors, stride, least)


def test_exact_multiples_pass():
    check((8, 12), (4, 6), (2, 3))
    check((8, 12), (4, 6), (4, 6), factors=(2, 1))


def test_others_are_told_with_the_size_of_the_image():
    message = (
        'Head takes images whose sides are multiples of 16 px and at least 32 px, got '
        r'one of about 48 x 28 px \(w x h\), with feature maps of 12 x 7, 6 x 4, 3 x 2'
    )
    with pytest.raises(ValueError, match=message):
        check((7, 12), (4, 6), (2, 3), least=2)


def test_a_map_may_be_too_small():
    check((8, 12), (4, 6), (2, 3), least=2)
    with pytest.raises(ValueError, match='at least 48 px'):
        check((8, 12), (4, 6), (2, 3), least=3)
