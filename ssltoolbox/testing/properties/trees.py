"""Walk through what components take and give: nested containers of tensors."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from operator import itemgetter
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from mmengine.structures import BaseDataElement
from torch import Tensor

from ssltoolbox.geometry.view import View

Arrays = (Tensor, np.ndarray)


def walk(tree: Any, where: str = '') -> Iterator[tuple[str, Any]]:
    """Yield the place and the value of every leaf, in a fixed order.

    Args:
        tree: Tensors, arrays and plain values, in mappings, sequences, data classes and
            data samples of mmengine.
        where: The place of ``tree`` itself.
    """
    if isinstance(tree, BaseDataElement):
        # mmengine keeps the names in sets, of no order
        parts = sorted([*tree.metainfo_items(), *tree.items()], key=itemgetter(0))
    elif isinstance(tree, SimpleNamespace):
        parts = list(vars(tree).items())
    elif isinstance(tree, Mapping):
        parts = list(tree.items())
    elif is_dataclass(tree) and not isinstance(tree, type):
        parts = [(field.name, getattr(tree, field.name)) for field in fields(tree)]
    elif isinstance(tree, (list, tuple)):
        parts = [(str(i), part) for i, part in enumerate(tree)]
    else:
        yield where, tree
        return
    for name, part in parts:
        yield from walk(part, f'{where}.{name}'.lstrip('.'))


def difference(before: Any, after: Any) -> str | None:
    """Name the first leaf in which two trees are not equal to the bit.

    >>> difference({'a': [1, 2]}, {'a': [1, 3]})
    'a.1'
    """
    old, new = list(walk(before)), list(walk(after))
    for (place, one), (other, two) in zip(old, new, strict=False):
        if place != other or not equal(one, two):
            return place or 'the value'
    return None if len(old) == len(new) else 'the number of fields'


def equal(one: Any, two: Any) -> bool:
    """Whether two leaves are equal to the bit; NaN equals NaN.

    Objects that cannot be told apart by their value, such as a data set in a record,
    are equal if they are of one type.
    """
    if isinstance(one, Arrays) and isinstance(two, Arrays):
        one, two = (_array(each) for each in (one, two))
        same = one.dtype == two.dtype and one.shape == two.shape
        return same and one.tobytes() == two.tobytes()
    if type(one) is not type(two):
        return False
    plain = (str, bytes, int, float, bool, type(None), np.generic)
    return bool(one == two or one != one) if isinstance(one, plain) else True


def _array(leaf: Any) -> np.ndarray:
    if not isinstance(leaf, Tensor):
        return leaf
    leaf = leaf.detach().cpu()
    return (leaf.view(torch.int16) if leaf.dtype == torch.bfloat16 else leaf).numpy()


def over_tensors(
    tree: Any, change: Callable[[Tensor], Any], views: bool = False
) -> Any:
    """Return the same tree with every tensor changed; objects stay as shared as before.

    Args:
        tree: Tensors in mappings, sequences and data classes.
        change: What to do with each.
        views: Whether the matrices of views are changed too.
    """
    done: dict[int, Any] = {}

    def visit(part: Any) -> Any:
        if id(part) not in done:
            done[id(part)] = make(part)
        return done[id(part)]

    def make(part: Any) -> Any:
        if isinstance(part, Tensor):
            return change(part)
        if isinstance(part, View):
            return (
                replace(part, matrix=change(part.matrix), host=None) if views else part
            )
        if isinstance(part, (list, tuple)):
            return type(part)(visit(each) for each in part)
        if isinstance(part, dict):
            return {key: visit(each) for key, each in part.items()}
        if is_dataclass(part) and not isinstance(part, type):
            values = {
                field.name: visit(getattr(part, field.name)) for field in fields(part)
            }
            return replace(part, **values)
        return part

    return visit(tree)
