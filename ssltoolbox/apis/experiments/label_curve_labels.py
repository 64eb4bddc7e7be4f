"""What makes a config take another number of labels, and other labels: its options."""

import argparse
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mmengine.config import Config

from ssltoolbox.apis.config import ConfigError, resolve, stage_names
from ssltoolbox.datasets.label_list import load_label_list

Budget = int | float

FIELD = 'label_curve'
KEYS = ('labels', 'draw', 'against', 'metrics')
_LIST = re.compile(
    r'^(?P<head>(?:.*_)?)\d+(?P<unit>[a-z]*)(?:_(?P<kind>seed|fold)\d+)?(?P<tail>\.json)?$'
)


@dataclass(frozen=True)
class Labelling:
    """How a config is told which images are labelled.

    Args:
        unit: What a budget counts, such as ``'images'``.
        template: Label list, with ``{budget}`` and, for the fold, ``{seed}``; empty
            where the labels are drawn or counted.
        parts: Fields with a data set of which a share is drawn by its ``seed``.
        drawn: Field whose value are as many of ``values`` as the budget says.
        values: What is drawn from, such as the numbers of the training patients.
    """

    unit: str
    template: str = ''
    parts: tuple[str, ...] = ()
    drawn: str = ''
    values: Sequence[Any] = ()

    def options(self, budget: Budget, seed: int) -> dict[str, Any]:
        """Fields of the config that choose the labels of a fold."""
        if self.drawn:
            return {self.drawn: self._draw(budget, seed)}
        if self.template:
            return {'labels': filled(self.template, budget, seed)}
        seeds = {f'{part}.seed': seed for part in self.parts}
        return {'labels': budget, **(seeds if isinstance(budget, float) else {})}

    def folds_differ(self, budgets: Sequence[Budget]) -> bool:
        """Whether another fold has other labels, not only other weights to begin."""
        if self.template:
            return '{seed}' in self.template
        shares = bool(self.parts) and all(isinstance(each, float) for each in budgets)
        return bool(self.drawn) or shares

    def _draw(self, budget: Budget, seed: int) -> list[Any]:
        if not isinstance(budget, int) or not 1 <= budget <= len(self.values):
            raise ConfigError(
                f'{budget} {self.unit}: {self.drawn} is drawn from {len(self.values)} '
                f'values, so give whole numbers from 1 to {len(self.values)}'
            )
        order = random.Random(seed).sample(list(self.values), len(self.values))
        return sorted(order[:budget])


def number_of_labels(text: str) -> Budget:
    """Read an argument: a number of labels, or a share, which has a decimal point."""
    value = float(text) if '.' in text else int(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f'{text} is not above 0')
    return value


def filled(value: Any, budget: Budget, seed: int) -> Any:
    """Put budget and seed into a text; other braces are those of dictionaries.

    >>> filled('{budget}images_seed{seed}.json', 10, 2)
    '10images_seed2.json'
    """
    if not isinstance(value, str):
        return value
    return value.replace('{budget}', str(budget)).replace('{seed}', str(seed))


def labelling_of(cfg: Config) -> Labelling:
    """Read from a config how its labels are chosen.

    ``label_curve = dict(labels=...)`` names the lists, ``dict(draw=dict(field=...,
    values=[...]))`` a field and what is drawn for it. Without them ``labels`` decides:
    a list named like ``10images_fold0.json`` stands for all such lists, a share is
    drawn anew for each fold, and a number counts from the start of the file.

    Raises:
        ConfigError: Nothing in the config says so.
    """
    told = curve_field(cfg)
    if draw := told.get('draw'):
        if set(draw) != {'field', 'values'}:
            raise ConfigError(
                f'{FIELD}.draw is dict(field=..., values=[...]), got the keys '
                f'{", ".join(draw) or "none"}'
            )
        unit = draw['field'].rpartition('.')[2]
        return Labelling(unit, drawn=draw['field'], values=tuple(draw['values']))
    labels = told.get('labels', cfg.get('labels'))
    if isinstance(labels, str):
        return _of_lists(labels)
    if labels is None:
        raise ConfigError(
            f'{cfg.filename} does not say how it takes a number of labels: it has no '
            f'labels, so add {FIELD} = dict(labels=...) or dict(draw=...) to it'
        )
    return Labelling('labels', parts=parts_of(cfg))


def parts_of(cfg: Config) -> tuple[str, ...]:
    """Name the fields of a config whose data set takes ``labels``, by its own seed."""
    return tuple(
        name
        for name, value in cfg._cfg_dict.to_dict().items()
        if isinstance(value, dict) and value.get('labels') == '${labels}'
    )


def _of_lists(labels: str) -> Labelling:
    folder, slash, name = labels.rpartition('/')
    if '{budget}' in labels:
        unit = re.search(r'\{budget\}([a-z]*)', labels)
        return Labelling(unit[1] or 'labels', labels)
    found = _LIST.match(name)
    if found is None:
        raise ConfigError(
            f'labels = {labels!r}: its name tells no number of labels, as '
            f"10images_fold0.json does; add {FIELD} = dict(labels='...{{budget}}..."
            "{seed}.json') to the config"
        )
    fold = f'_{found["kind"]}{{seed}}' if found['kind'] else ''
    stem = f'{found["head"]}{{budget}}{found["unit"]}{fold}{found["tail"] or ""}'
    return Labelling(found['unit'] or 'labels', f'{folder}{slash}{stem}')


def curve_field(cfg: Config) -> dict[str, Any]:
    """Return the field ``label_curve`` of a config; empty without one.

    Raises:
        ConfigError: It has a key that nothing reads.
    """
    told = cfg._cfg_dict.to_dict().get(FIELD) or {}
    if unknown := sorted(set(told) - set(KEYS)):
        raise ConfigError(
            f'{FIELD}: nothing reads {", ".join(unknown)}; its keys are '
            f'{", ".join(KEYS)}'
        )
    return told


def require_lists(cfg: Config) -> None:
    """Refuse a config whose label list is not here or damaged.

    Args:
        cfg: A config with the options of a fold, not resolved.

    Raises:
        FileNotFoundError: There is no such list.
        ValueError: It is no label list.
    """
    nothing = {name: {} for name in stage_names(cfg)}
    labels = resolve(cfg, nothing, keep={'labels'}).get('labels')
    if isinstance(labels, str):
        load_label_list(labels)
