"""Make a resolved config run for two steps, anywhere, on generated data."""

import copy
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from ssltoolbox.apis.checking.trial_data import (
    GeneratedSamples,
    is_labelled,
    kind_of,
    layout_of,
    made_up_layout,
    reader_of,
    sources_of,
)
from ssltoolbox.datasets.multi_source import source_pipelines

WEIGHTS = ('checkpoint', 'load_from', 'init_student')
"""Fields that name files of weights."""

STRIDE = 32
"""Crops stay multiples of this, the coarsest stride of usual backbones."""


def replace_data(loader: Mapping, layout: dict[str, Any]) -> dict[str, Any]:
    """Put generated samples and a batch of two into a data loader's config."""
    dataset = loader['dataset']
    sources = sources_of(dataset)
    pipelines = source_pipelines(sources, dataset.get('pipeline'))
    size, kind = largest_input(dataset), kind_of(dataset)
    if kind != 'depth':  # of depth the window itself is generated, not the frame
        size = (size[0] * 5 // 4, size[1] * 5 // 4)
    generated = GeneratedSamples(
        {name: is_labelled(source) for name, source in sources.items()},
        [steps or [] for steps in pipelines],
        layout,
        size,
        kind,
        getattr(reader_of(dataset), 'MAX_INSTANCES', None) or 2,
    )
    batch_size = max(2, len(sources))
    sampler = dict(loader.get('sampler') or dict(type='DefaultSampler', shuffle=True))
    if 'batch_size' in sampler:
        sampler['batch_size'] = batch_size
    if 'epoch_length' in sampler:
        sampler['epoch_length'] = 2
    return dict(
        loader,
        dataset=generated,
        sampler=sampler,
        batch_size=batch_size,
        num_workers=0,
        persistent_workers=False,
    )


def layout_for(loader: Mapping, model: Mapping) -> tuple[dict[str, Any], str]:
    """Give the keypoint layout, and the name of the file where it is absent."""
    try:
        layout = layout_of(loader['dataset'])
        absent = ''
    except FileNotFoundError as error:
        layout, absent = None, str(error)
    if layout is None:
        head = model.get('student', model).get('head', {})
        codec = head.get('decoder') or {}
        count = codec.get('num_joints', head.get('out_channels', 17))
        layout = made_up_layout(count)
    return layout, absent


def shrink(cfg: dict[str, Any], max_side: int | None) -> tuple[dict[str, Any], float]:
    """Make crops and heatmaps smaller, so that a step is quick.

    Sides are rounded down to the stride, so the shape may change a little. Nothing is
    changed where heatmaps would not come out whole.

    Returns:
        The config, and the share of the pixels that is left.
    """
    cfg = copy.deepcopy(cfg)
    full = largest_input(cfg)
    if not max_side or max(full) <= max_side:
        return cfg, 1.0
    stride = _stride(cfg)
    wanted = (side * max_side // max(full) // stride * stride for side in full)
    shares = [
        Fraction(max(w, stride), side) for w, side in zip(wanted, full, strict=True)
    ]
    small = []
    for node, key in _sizes(cfg):
        small.append(
            [side * share for side, share in zip(node[key], shares, strict=True)]
        )
        step = 1 if key == 'heatmap_size' else stride
        if any(side % step for side in small[-1]):
            return cfg, 1.0
    for (node, key), sides in zip(_sizes(cfg), small, strict=True):
        node[key] = tuple(int(side) for side in sides)
    return cfg, float(shares[0] * shares[1])


def largest_input(node: Any) -> tuple[int, int]:
    """Give the largest crop (w, h) in a part of a config."""
    inputs = (tuple(n[key]) for n, key in _sizes(node) if key != 'heatmap_size')
    return max(inputs, default=(64, 64))


def _sizes(node: Any) -> Iterator[tuple[dict, str]]:
    if isinstance(node, dict):
        windows = ('size',) if _has_windows(node) else ()
        for key in ('input_size', 'heatmap_size', *windows):
            if isinstance(node.get(key), (list, tuple)) and len(node[key]) == 2:
                yield node, key
        for value in node.values():
            yield from _sizes(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from _sizes(value)


def _has_windows(node: Mapping) -> bool:
    """Whether a config is that of a data set of depth."""
    return str(node.get('type', '')).endswith('SfmDataset')


def _stride(cfg: Mapping) -> int:
    """What sides of crops are multiples of."""
    windows = (node for node, key in _sizes(cfg) if key == 'size')
    asked = [(node.get('settings') or {}).get('multiple', STRIDE) for node in windows]
    return max([STRIDE, *asked])


def weight_files(node: Any) -> Iterator[tuple[Mapping, str]]:
    """Walk over ``(dict, key)`` of all fields that name files of weights."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key in WEIGHTS and value and isinstance(value, str):
                yield node, key
            yield from weight_files(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from weight_files(value)


def absent_weights(cfg: Mapping) -> list[str]:
    """Say which files of weights are named but not here."""
    named = dict.fromkeys(node[key] for node, key in weight_files(cfg))
    local = [path for path in named if '://' not in path]
    return [f'file of weights {path}' for path in local if not Path(path).is_file()]


def without_weights(node: Any) -> Any:
    """Copy a config so that no file of weights is read."""
    if isinstance(node, Mapping):
        if node.get('type') == 'Pretrained':
            return None
        return {
            key: None if key in WEIGHTS else without_weights(value)
            for key, value in node.items()
        }
    if isinstance(node, (list, tuple)):
        return type(node)(without_weights(value) for value in node)
    return node
