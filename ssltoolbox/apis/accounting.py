"""What a layer costs: products of numbers alone, or all that ptflops counts."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, Literal, get_args

import torch
from torch.utils.flop_counter import conv_flop_count, mm_flop

Accounting = Literal['products', 'ptflops']
ACCOUNTINGS: tuple[Accounting, ...] = get_args(Accounting)
Shape = Sequence[int]

aten = torch.ops.aten


def formulas(accounting: Accounting) -> dict[Any, Callable]:
    """Formulas that torch's counter is to use besides, or in place of, its own.

    ``'products'``: multiply-accumulates of convolutions, transposed convolutions,
    matrix products and attention. ``'ptflops'``: what ptflops 0.7 counts of layers,
    and so the "FLOPS" of many published tables, which are multiply-accumulates: those
    of convolutions and linear layers, and one for each output that has a bias, two for
    each value of a batch norm, one for each value of a ReLU or PReLU and for each input
    of a pooling. Products of two maps, as in attention, are not counted.

    Torch counts operations, of which two are one multiply-accumulate: so do these.

    Raises:
        ValueError: Another accounting.
    """
    if accounting not in ACCOUNTINGS:
        raise ValueError(
            f'accounting must be one of {", ".join(ACCOUNTINGS)}, got {accounting!r}'
        )
    if accounting == 'products':
        return {}
    table: dict[Any, Callable] = {
        aten.convolution: _convolution,
        aten.addmm: _linear,
        aten.mean: _mean,
    }
    for names, formula in (
        (_PRODUCTS_OF_MAPS, _nothing),
        (_NORMS, _twice_each_value),
        (_ACTIVATIONS + _POOLINGS, _each_value),
    ):
        found = [getattr(aten, name) for name in names if hasattr(aten, name)]
        table |= dict.fromkeys(found, formula)
    return table


# Which of these a device uses is up to torch.
_NORMS = (
    'native_batch_norm',
    '_native_batch_norm_legit',
    '_native_batch_norm_legit_no_training',
    '_batch_norm_with_update',
    '_batch_norm_no_update',
    'cudnn_batch_norm',
    'miopen_batch_norm',
)
_ACTIVATIONS = ('relu', 'relu_', '_prelu_kernel', 'hardtanh', 'hardtanh_')
_POOLINGS = (
    'max_pool2d_with_indices',
    'avg_pool2d',
    '_adaptive_avg_pool2d',
    'adaptive_max_pool2d',
)
_PRODUCTS_OF_MAPS = (
    'bmm',
    'baddbmm',
    '_scaled_dot_product_efficient_attention',
    '_scaled_dot_product_flash_attention',
    '_scaled_dot_product_flash_attention_for_cpu',
    '_scaled_dot_product_cudnn_attention',
)


def _convolution(
    x: Shape,
    weight: Shape,
    bias: Shape | None,
    stride: Shape,
    padding: Shape,
    dilation: Shape,
    transposed: bool,
    *_,
    out_shape: Shape,
    **__,
) -> int:
    operations = conv_flop_count(x, weight, out_shape, transposed=transposed)
    return operations + (2 * prod(out_shape) if bias is not None else 0)


def _linear(bias: Shape, x: Shape, weight: Shape, *_, out_shape: Shape, **__) -> int:
    return mm_flop(x, weight) + 2 * prod(out_shape)


def _mean(x: Shape, dims: Sequence[int] | None = None, *_, **__) -> int:
    """Count what pools maps to single values; torch makes a mean of it."""
    pools = len(x) == 4 and {dim % 4 for dim in dims or ()} == {2, 3}
    return 2 * prod(x) if pools else 0


def _nothing(*_, **__) -> int:
    return 0


def _each_value(x: Shape, *_, **__) -> int:
    return 2 * prod(x)


def _twice_each_value(x: Shape, *_, **__) -> int:
    return 4 * prod(x)
