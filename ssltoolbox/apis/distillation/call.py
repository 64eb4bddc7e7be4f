"""What a user of the original program says in one call, checked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ssltoolbox.apis.distillation.networks import (
    NamedNetwork,
    named_network,
    named_networks,
)

METHODS = {
    'supervised': 'Supervised training',
    'data': 'Data distillation',
    'model': 'Model distillation',
    'model-data': 'Model and data distillation',
}
"""Name of a method, and how a sentence names it."""


@dataclass(frozen=True)
class DistillCall:
    """A call without contradictions.

    Attributes:
        method: One of :data:`METHODS`.
        bases: Networks that label the images.
        target: Network that is wanted.
        transforms: Views of an image that the bases see, beside the image itself.
        data: Folder of the data, absolute.
        batch_size: Images in a batch.
        size: (height, width) of the networks' input in pixels.
        labels: Which training images are labelled.
        epochs: Length of each training, None for that of the schedule.
        imagenet: Whether encoders start from ImageNet weights.
        options: Other keys of the config, dotted.
    """

    method: str
    bases: tuple[NamedNetwork, ...]
    target: NamedNetwork
    transforms: tuple[str, ...]
    data: Path
    batch_size: int
    size: tuple[int, int]
    labels: str | int | float = 1.0
    epochs: int | None = None
    imagenet: bool = True
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def networks(self) -> list[NamedNetwork]:
        """All networks, each once."""
        return list(dict.fromkeys((*self.bases, self.target)))


def make_call(
    method: str,
    target: str,
    base: str | Sequence[str],
    transforms: Sequence[str],
    base_backbones: Sequence[str | None] | None,
    target_backbone: str | None,
    **fields: Any,
) -> DistillCall:
    """Check what does not need the data, and look up the names.

    Args:
        method: One of :data:`METHODS`.
        target: ``NAME`` or ``NAME:BACKBONE``.
        base: One of those, or several.
        transforms: Names of views.
        base_backbones: A backbone for each base, where they are given by themselves.
        target_backbone: Alike.
        fields: Other fields of :class:`DistillCall`.

    Raises:
        ValueError: A name is unknown, numbers are out of range, or the method does not
            fit the number of base networks or the transforms.
    """
    if method not in METHODS:
        raise ValueError(f'unknown method {method!r}. Known: {", ".join(METHODS)}')
    texts = [base] if isinstance(base, str) else list(base)
    bases = named_networks(texts, base_backbones)
    _check_numbers(fields['batch_size'], fields['size'], fields['epochs'])
    _check_bases(method, texts)
    _check_transforms(method, transforms)
    return DistillCall(
        method=method,
        bases=tuple(bases),
        target=named_network(target, 'target', target_backbone),
        transforms=tuple(transforms),
        **fields,
    )


def _check_bases(method: str, bases: Sequence[str]) -> None:
    given = ', '.join(bases) or 'none'
    if method == 'supervised' and bases:
        raise ValueError(
            f'method supervised trains the target alone, got the base networks {given}:'
            ' leave them out'
        )
    if method == 'data' and len(bases) != 1:
        raise ValueError(
            f'method data has one base network, got {given}; several of them are '
            'method model-data'
        )
    if method.startswith('model') and len(bases) < 2:
        raise ValueError(
            f'method {method} needs two or more base networks, got {given}; one of '
            'them, under several views, is method data'
        )


def _check_transforms(method: str, transforms: Sequence[str]) -> None:
    from ssltoolbox.datasets.transforms.fixed_views import build_view

    if isinstance(transforms, str):
        raise ValueError(f'transforms is a list of names, got {transforms!r}')
    views = [build_view(name)[0] for name in transforms]
    twice = sorted({view for view in views if views.count(view) > 1})
    if twice:
        raise ValueError(
            f'transforms {", ".join(map(repr, transforms))} name {", ".join(twice)} '
            'more than once: leave the others out'
        )
    takes_them = method in ('data', 'model-data')
    if takes_them and not transforms:
        raise ValueError(
            f'method {method} needs transforms, such as flip_lr: without them the base '
            'network would be its own teacher on the unchanged image'
        )
    if transforms and not takes_them:
        raise ValueError(
            f'method {method} has no transforms, got {", ".join(transforms)}: leave '
            'them out, or choose method data or model-data'
        )


def _check_numbers(batch_size: int, size: Sequence[int], epochs: int | None) -> None:
    wrong = [
        f'{name} must be a whole number from 1, got {value!r}'
        for name, value in (('batch_size', batch_size), ('epochs', epochs))
        if value is not None and not (isinstance(value, int) and value > 0)
    ]
    pair = isinstance(size, Sequence) and len(size) == 2
    if not pair or not all(isinstance(s, int) and s > 0 for s in size):
        wrong.append(f'size is (height, width) in pixels, got {size!r}')
    if wrong:
        raise ValueError('; '.join(wrong))
