"""What must hold for a filter of pseudo labels."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from ssltoolbox.geometry.view import View
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.testing.host_waits import ADVICE, HostWaits

from .family import Family
from .trees import difference, over_tensors

ROWS, SIZE = 6, (64, 48)
FILTERS = Family('filters')


def check_filter(
    component: Callable | Mapping, call: Mapping[str, Any] | None = None
) -> None:
    """Say what is wrong with a filter.

    Args:
        component: The filter, or its config.
        call: Arguments of a call, tensors and pseudo labels of B samples in the first
            dimension. Without it they are drawn, as far as the filter's arguments are
            called as those of the filters here: a ``PseudoLabel`` by its annotation;
            ``maps`` (B, C, h, w), ``losses`` and ``weight`` (B, K), ``rate``,
            ``labelled`` (B,).

    Raises:
        BrokenProperty: It names the broken properties.
        TypeError: An argument of the filter is not known here.
    """
    built = TASK_UTILS.build(component) if isinstance(component, Mapping) else component
    case = Case(built, dict(call or drawn_call(built)))
    FILTERS.check(type(built).__name__, case)


@dataclass(frozen=True)
class Case:
    """A filter and the arguments of a call."""

    filter: Callable
    call: dict[str, Any]

    def __call__(self, change: Callable[[dict], dict] | None = None) -> Tensor:
        """Result of the call, or of a changed one; the arguments are copies."""
        call = over_tensors(self.call, torch.clone)
        return self.filter(**(change(call) if change else call))


def drawn_call(component: Callable) -> dict[str, Any]:
    """Arguments for a filter, by their names."""
    draw = torch.Generator().manual_seed(0)
    view = View(torch.eye(3).double().repeat(ROWS, 1, 1), SIZE)
    centre = 40 * torch.rand(ROWS, 5, 2, generator=draw)

    def label() -> PseudoLabel:
        near = centre + 3 * torch.randn(ROWS, 5, 2, generator=draw)
        scores = torch.rand(ROWS, 5, generator=draw)
        return PseudoLabel(near, torch.ones_like(scores), scores, view)

    known = {
        'maps': torch.rand(ROWS, 3, 12, 16, generator=draw),
        'losses': torch.rand(ROWS, 5, generator=draw),
        'weight': torch.ones(ROWS, 5),
        'rate': 0.5,
        'labelled': torch.arange(ROWS) < 2,
    }
    call = {}
    for name, parameter in inspect.signature(component).parameters.items():
        if parameter.annotation in (PseudoLabel, 'PseudoLabel'):
            call[name] = label()
        elif name in known:
            call[name] = known[name]
        elif parameter.default is parameter.empty:
            raise TypeError(
                f'the argument {name!r} of {type(component).__name__} is none of '
                f'{", ".join(known)}, and not annotated as PseudoLabel: pass the '
                'arguments of a call, check_filter(filter, call=dict(...))'
            )
    return call


@FILTERS.property(
    'it gives one row of weights per sample',
    'return a mask or weights (B,), (B, K) or (B, H, W), as a tensor',
    first=True,
)
def _rows(case: Case) -> str | None:
    result = case()
    if not isinstance(result, Tensor):
        return f'a {type(result).__name__}'
    count = _count(case.call)
    if not result.ndim or len(result) != count:
        return f'shape {tuple(result.shape)} for {count} samples'
    plain = result.dtype in (torch.bool, torch.float32)
    return None if plain else f'{result.dtype}, where weights are bool or float32'


@FILTERS.property(
    'weights lie in [0, 1]', 'return a mask, or divide by the largest possible weight'
)
def _bounds(case: Case) -> str | None:
    result = case().float()
    inside = (result >= 0) & (result <= 1)
    return None if inside.all() else f'a weight of {result[~inside][0].item():g}'


@FILTERS.property(
    'the arguments stay as they are',
    'work on copies: no operation whose name ends with an underscore, no assignment '
    'to an index',
)
def _arguments(case: Case) -> str | None:
    given = over_tensors(case.call, torch.clone)
    case.filter(**given)
    changed = difference(case.call, given)
    return changed and f'{changed} was written to'


@FILTERS.property(
    'equal calls have equal results',
    'keep nothing from one call to the next, and draw no random numbers',
)
def _repeatable(case: Case) -> str | None:
    first = case().clone()
    case(_rows_of(torch.arange(_count(case.call)).flip(0)))
    return None if first.equal(case()) else 'the same call gave something else'


@FILTERS.property(
    'the order of the samples in the batch does not matter',
    'treat all rows alike; no index of a row may appear',
)
def _permuted(case: Case) -> str | None:
    order = torch.randperm(
        _count(case.call), generator=torch.Generator().manual_seed(1)
    )
    expected, result = case()[order], case(_rows_of(order))
    close = torch.allclose(expected.float(), result.float(), atol=1e-5)
    return None if close else 'permuted samples got other weights'


@FILTERS.property(
    'an empty batch gives an empty result',
    'use reductions that have a result for nothing, such as sum, not max or mean',
)
def _empty(case: Case) -> str | None:
    result = case(_rows_of(torch.arange(0)))
    return None if len(result) == 0 else f'shape {tuple(result.shape)}'


@FILTERS.property(
    'what is not a number is never trusted',
    'compare so that NaN fails (x < bound, not ~(x >= bound)), or mask by isfinite()',
)
def _not_a_number(case: Case) -> str | None:
    result = case(lambda call: _said(call, lambda t: torch.full_like(t, torch.nan)))
    trusted = (result.float() != 0).sum().item()
    return f'{trusted} weights of predictions of NaN are not 0' if trusted else None


@FILTERS.property(
    'the weights carry no gradient', 'decorate the call with torch.no_grad(), or detach'
)
def _no_gradient(case: Case) -> str | None:
    result = case(lambda call: _raw(call, lambda t: t.clone().requires_grad_()))
    return 'the result requires a gradient' if result.requires_grad else None


@FILTERS.property(
    'half precision decides as full precision does',
    'convert what is compared with a bound by .float() first',
)
def _half(case: Case) -> str | None:
    # many magnitudes, so that some lie near a bound
    index = torch.arange(_count(case.call)).repeat(300)
    scale = torch.linspace(0.02, 2, len(index))

    def rounded(tensor: Tensor) -> Tensor:
        return (tensor * scale.view(-1, *[1] * (tensor.ndim - 1))).bfloat16()

    def short(call: dict) -> dict:
        return _raw(_rows_of(index)(call), rounded)

    def exact(call: dict) -> dict:
        return _raw(short(call), Tensor.float)

    first, second = case(short), case(exact)
    if first.dtype != second.dtype:
        return f'{first.dtype} for bfloat16, and {second.dtype} for float32'
    other = (first != second).sum().item()
    return f'{other} of {first.numel()} weights differ' if other else None


@FILTERS.property(
    'nothing is read from the device',
    ADVICE,
)
def _device(case: Case) -> str | None:
    # a tensor of this device has no values that the host could read
    with HostWaits() as waits:
        result = case(lambda call: over_tensors(call, _to_meta, views=True))
    place = result.device
    return waits.told() or (
        None if place.type == 'meta' else f'the result is on {place}'
    )


def _to_meta(values: Tensor) -> Tensor:
    return values.to('meta', non_blocking=True)


def _count(call: dict) -> int:
    first = next(v for v in call.values() if isinstance(v, (Tensor, PseudoLabel)))
    return len(first if isinstance(first, Tensor) else first.value)


def _rows_of(index: Tensor) -> Callable[[dict], dict]:
    return lambda call: over_tensors(call, lambda t: t[index], views=True)


def _raw(call: dict, change: Callable[[Tensor], Tensor]) -> dict:
    """Change what comes from a network as it is: labels are float32 and detached."""
    return {
        name: change(value)
        if isinstance(value, Tensor) and value.is_floating_point()
        else value
        for name, value in call.items()
    }


def _said(call: dict, change: Callable[[Tensor], Tensor]) -> dict:
    """Change what a network said, and no weight."""
    weights = {name: value for name, value in call.items() if name == 'weight'}
    labels = {
        name: replace(
            value,
            value=change(value.value)
            if value.value.is_floating_point()
            else value.value,
            score=change(value.score),
        )
        for name, value in call.items()
        if isinstance(value, PseudoLabel)
    }
    return {**_raw(call, change), **weights, **labels}
