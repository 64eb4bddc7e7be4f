import math

import pytest

from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.semi.progress import Progress
from ssltoolbox.semi.ramp import (
    ConstantRamp,
    CosineRamp,
    LinearRamp,
    SigmoidRamp,
    StepRamp,
)


def values(ramp, epochs):
    return [ramp(Progress(epoch=e)) for e in epochs]


def test_linear_goes_straight_and_stays():
    ramp = LinearRamp(end=2.0, start=1.0, length=4)
    assert values(ramp, (0, 1, 2, 4, 99)) == [1, 1.25, 1.5, 2, 2]


def test_sigmoid_is_the_usual_ramp_up():
    ramp = SigmoidRamp(end=2.0, length=10)
    expected = [2 * math.exp(-5 * (1 - e / 10) ** 2) for e in range(11)]
    assert values(ramp, range(11)) == pytest.approx(expected)
    assert values(ramp, (10, 11, 150)) == [2, 2, 2]


def test_cosine_is_half_way_in_the_middle_and_cut_at_its_bounds():
    ramp = CosineRamp(end=0.0, start=1.0, length=30)
    assert values(ramp, (0, 15, 30)) == pytest.approx([1, 0.5, 0])
    cut = CosineRamp(end=0.0, start=1.0, length=30, min_value=0.8)
    # (1 + cos(pi e / 30)) / 2 is 0.905 at 6 and 0.794 at 9
    assert values(cut, (6, 9, 30)) == pytest.approx([0.9045, 0.8, 0.8], abs=1e-4)
    low = CosineRamp(end=1.0, length=2, max_value=0.25)
    assert values(low, (0, 1, 2)) == pytest.approx([0, 0.25, 0.25])


def test_step_changes_at_its_length():
    assert values(StepRamp(end=3.0, start=1.0, length=2), (0, 1, 2, 3)) == [1, 1, 3, 3]


def test_constant_and_zero_length_are_the_end_at_once():
    assert values(ConstantRamp(2.0), (0, 7)) == [2, 2]
    assert values(LinearRamp(end=5.0, start=1.0), (0, 1)) == [5, 5]


def test_a_ramp_counts_iterations_where_asked():
    ramp = LinearRamp(length=10, by='iter')
    assert ramp(Progress(iter=5, epoch=100)) == 0.5
    assert LinearRamp(length=10)(Progress(iter=5, epoch=100)) == 1


@pytest.mark.parametrize('kind', [LinearRamp, SigmoidRamp, CosineRamp, StepRamp])
def test_every_ramp_ends_at_its_end_and_never_leaves_its_range(kind):
    ramp = kind(end=3.0, start=1.0, length=7)
    seen = values(ramp, range(20))
    assert seen == sorted(seen) and 1 <= seen[0] and seen[7:] == [3] * 13


def test_ramps_are_found_by_their_name():
    ramp = TASK_UTILS.build(dict(type='ssltoolbox.LinearRamp', length=2))
    assert ramp(Progress(epoch=1)) == 0.5


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match='LinearRamp: length must be >= 0, got -1'):
        LinearRamp(length=-1)
    with pytest.raises(ValueError, match="'epoch' or 'iter', got 'step'"):
        LinearRamp(length=1, by='step')
