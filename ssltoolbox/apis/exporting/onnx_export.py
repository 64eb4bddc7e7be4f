"""Write one network of a run as an ONNX graph, and say beside it how to feed it."""

import json
import warnings
from dataclasses import dataclass, field
from importlib.util import find_spec
from inspect import signature
from io import BytesIO
from pathlib import Path

import torch
from mmengine.config import Config

from ssltoolbox.apis.complexity import input_size
from ssltoolbox.apis.exporting.foreign_types import as_plain, foreign_types
from ssltoolbox.apis.exporting.onnx_check import largest_difference
from ssltoolbox.apis.exporting.onnx_description import describe
from ssltoolbox.apis.exporting.onnx_graph import (
    NetworkGraph,
    Size,
    example_inputs,
    graph_of,
)
from ssltoolbox.apis.exporting.source import ExportSource, open_source
from ssltoolbox.apis.inference.depth_config import window_settings
from ssltoolbox.checkpoints.network_names import Which
from ssltoolbox.datasets.transforms.to_hsv import HSV
from ssltoolbox.utils.atomic import atomic_path, write_text

OPSET = 17
OPSETS = range(13, 21)
"""What torch's tracing exporter writes."""

_TRACED: dict = (
    {'dynamo': False} if 'dynamo' in signature(torch.onnx.export).parameters else {}
)
"""Chooses that exporter: it takes seconds where torch's other one takes minutes, and is
the only one of all versions of torch that can be installed beside this toolbox."""


@dataclass
class ExportedGraph:
    """What was written.

    Args:
        graph: Path of the ``.onnx`` file.
        description: Path of the JSON that says how to feed it; the graph's metadata
            hold the same text.
        which: Name of the network, ``'plain'`` of a run that has only one.
        difference: Largest difference between onnxruntime and torch; None where
            onnxruntime is not installed.
        notes: What differs from the trained model, one line each.
    """

    graph: Path
    description: Path
    which: str
    difference: float | None
    notes: list[str] = field(default_factory=list)


def export_onnx(
    checkpoint: str | Path,
    out: str | Path,
    which: Which = 'auto',
    config: str | Path | Config | None = None,
    size: Size | None = None,
    opset: int = OPSET,
) -> ExportedGraph:
    """Write one network of a run as an ONNX graph with a batch of any size.

    It takes 8-bit images of one size; what it gives depends on the network, see
    :mod:`~.onnx_graph`. Where onnxruntime is installed, its results are
    compared with those of the network before the files are put in place.

    Args:
        checkpoint: File of a semi-supervised or a plain run.
        out: Folder to write to.
        which: As in :func:`~ssltoolbox.apis.exporting.source.open_source`.
        config: Config of the run; None takes the text in the checkpoint.
        size: (width, height) of the images in px; None takes that of the config.
        opset: Version of ONNX's operators, 13 to 20.

    Raises:
        RuntimeError: A package is absent.
        FileNotFoundError: The checkpoint or the config does not exist.
        ValueError: The config does not tell the size, torch does not write
            the opset, or onnxruntime gives other results.
        CheckpointError: The file lacks the network or does not fit the config.
    """
    _need_package()
    if opset not in OPSETS:
        raise ValueError(
            f'--opset must be {OPSETS[0]} to {OPSETS[-1]}, which torch writes, got '
            f'{opset}'
        )
    source, out = open_source(checkpoint, which, config), Path(out)
    size = checked_size(source, size)
    colours = colours_of(source.config)
    graph = graph_of(source.model, source.kind, colours)
    if (getattr(source.model, 'test_cfg', None) or {}).get('flip_test'):
        source.notes.append(
            'the flip test is left out: for it, run mirrored images too and average'
        )
    about = describe(source, graph, size, opset)
    text = json.dumps(about, indent=1, ensure_ascii=False)
    exported = ExportedGraph(
        out / f'{source.stem}.onnx',
        out / f'{source.stem}.onnx.json',
        source.which,
        None,
        source.notes,
    )
    with atomic_path(exported.graph) as temporary:
        write_graph(graph, temporary, size, opset, {'ssltoolbox': text})
        if find_spec('onnxruntime'):
            exported.difference = largest_difference(temporary, graph, size)
        write_text(exported.description, text + '\n')
    return exported


def write_graph(
    graph: NetworkGraph, path: Path, size: Size, opset: int, metadata: dict[str, str]
) -> None:
    """Trace a graph and write it with its weights into one file.

    Args:
        graph: What is exported.
        path: The file.
        size: (width, height) of the images.
        opset: Version of ONNX's operators.
        metadata: Texts that the file carries.
    """
    import onnx

    example = example_inputs(graph, size, count=2)
    names = (*graph.inputs, *graph.outputs)
    traced = BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        # of the exporter about itself, and of shapes that are fixed but for the batch
        warnings.simplefilter('ignore')
        torch.onnx.export(
            graph,
            example,
            traced,
            input_names=list(graph.inputs),
            output_names=list(graph.outputs),
            dynamic_axes={name: {0: 'batch'} for name in names},
            opset_version=opset,
            **_TRACED,
        )
    model = onnx.load_from_string(traced.getvalue())
    for key, value in metadata.items():
        model.metadata_props.add(key=key, value=value)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def colours_of(config: Config) -> str:
    """``'hsv'`` where the config's pipelines turn images into that, else ``'rgb'``."""
    loaders = [config.get(f'{subset}_dataloader') for subset in ('test', 'val')]
    types = set(foreign_types(as_plain(loaders)))
    return HSV if 'ssltoolbox.ToHSV' in types else 'rgb'


def checked_size(source: ExportSource, size: Size | None) -> Size:
    """(width, height) of the images that the graph takes.

    Raises:
        ValueError: Nobody knows, or the codec or the network wants another one.
    """
    codec = (source.network.get('head') or {}).get('decoder') or {}
    fixed = tuple(codec['input_size']) if codec.get('input_size') else None
    if size and fixed and tuple(size) != fixed:
        raise ValueError(
            f'--input-size {size[0]} {size[1]}: the codec of this network is made for '
            f'{fixed[0]} {fixed[1]}, leave it out'
        )
    found = size or fixed or _size_of(source)
    width, height = found
    divisor = getattr(source.model.data_preprocessor, 'pad_size_divisor', 1) or 1
    if width % divisor or height % divisor:
        raise ValueError(
            f'--input-size {width} {height}: images would be padded to multiples of '
            f'{divisor} px, and the graph pads nothing; choose such a size'
        )
    return int(width), int(height)


def _size_of(source: ExportSource) -> Size:
    try:
        if source.kind == 'depth':
            found = window_settings(source.config)[1]
            if found is None:
                raise ValueError('the frames of the data set decide')
            return found
        height, width = input_size(source.config)
    except ValueError as error:
        raise ValueError(
            f'cannot tell the size of the images ({error}): give --input-size W H'
        ) from None
    return width, height


def _need_package() -> None:
    if not find_spec('onnx'):
        raise RuntimeError(
            'ONNX files need the package onnx, and onnxruntime to check them: '
            'pip install "ssltoolbox[onnx]"'
        )
