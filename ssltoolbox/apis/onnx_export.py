"""Write one network of a run as an ONNX graph, and say beside it how to feed it."""

import json
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from importlib.util import find_spec
from io import StringIO
from pathlib import Path

import torch
from mmengine.config import Config

from ssltoolbox.apis.complexity import input_size
from ssltoolbox.apis.depth_config import window_settings
from ssltoolbox.apis.export_source import ExportSource, open_source
from ssltoolbox.apis.export_types import as_plain, foreign_types
from ssltoolbox.apis.onnx_check import largest_difference
from ssltoolbox.apis.onnx_description import describe
from ssltoolbox.apis.onnx_graph import (
    NetworkGraph,
    Size,
    example_inputs,
    graph_of,
)
from ssltoolbox.datasets.transforms.to_hsv import HSV
from ssltoolbox.semi.network_names import Which
from ssltoolbox.utils.atomic import atomic_path, write_text

OPSET = 18
"""The lowest that torch's exporter writes without converting it down."""

PACKAGES = ('onnx', 'onnxscript')


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
    :mod:`~ssltoolbox.apis.onnx_graph`. Where onnxruntime is installed, its results are
    compared with those of the network before the files are put in place.

    Args:
        checkpoint: File of a semi-supervised or a plain run.
        out: Folder to write to.
        which: As in :func:`~ssltoolbox.apis.export_source.open_source`.
        config: Config of the run; None takes the text in the checkpoint.
        size: (width, height) of the images in px; None takes that of the config.
        opset: Version of ONNX's operators, at least 18.

    Raises:
        RuntimeError: A package is absent.
        FileNotFoundError: The checkpoint or the config does not exist.
        ValueError: The config does not tell the size, the opset is too low, or
            onnxruntime gives other results.
        CheckpointError: The file lacks the network or does not fit the config.
    """
    _need_packages()
    if opset < OPSET:
        raise ValueError(f'--opset must be at least {OPSET}, got {opset}')
    source, stem = open_source(checkpoint, which, config), Path(out)
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
        stem / f'{source.stem}.onnx',
        stem / f'{source.stem}.onnx.json',
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
    batch = torch.export.Dim('batch')
    with redirect_stdout(StringIO()):  # what the exporter says of its progress
        program = torch.onnx.export(
            graph,
            example,
            input_names=graph.inputs,
            output_names=graph.outputs,
            dynamic_shapes=tuple({0: batch} for _ in example),
            opset_version=opset,
            dynamo=True,
            verbose=False,
        )
    model = program.model_proto
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


def _need_packages() -> None:
    absent = [name for name in PACKAGES if not find_spec(name)]
    if absent:
        raise RuntimeError(
            f'ONNX files need the packages {", ".join(PACKAGES)}, '
            f'{" and ".join(absent)} is absent: pip install "ssltoolbox[onnx]"'
        )
