"""Compare an ONNX graph under onnxruntime with the network that it was made of."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ssltoolbox.apis.exporting.onnx_graph import (
    DepthGraph,
    KeypointGraph,
    MaskGraph,
    NetworkGraph,
    Size,
    example_inputs,
)
from ssltoolbox.datasets.transforms.to_hsv import HSV

TOLERANCE = 1e-4
"""Of results up to 1; of larger ones, a share of the largest."""

BATCHES = (1, 3)
"""Sizes of the batches that are compared; the graph is traced with another one."""


def largest_difference(path: str | Path, graph: NetworkGraph, size: Size) -> float:
    """Run a graph under onnxruntime, and compare it with the network itself.

    The expected results come from the network and its own preprocessor, not from the
    graph's way of normalising.

    Args:
        path: The ``.onnx`` file.
        graph: What it was made of.
        size: (width, height) of the images.

    Returns:
        The largest difference, a share of the largest result if that exceeds 1.

    Raises:
        ValueError: It is larger than 1e-4.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        str(path), options, providers=['CPUExecutionProvider']
    )
    worst = 0.0
    for count in BATCHES:
        given = example_inputs(graph, size, count, seed=count)
        feed = {n: x.numpy() for n, x in zip(graph.inputs, given, strict=True)}
        found = session.run(list(graph.outputs), feed)
        wanted = expected(graph, *given)
        pairs = [(found[0], wanted)]
        if isinstance(graph, KeypointGraph):
            # of maps that differ by rounding, the highest cell may be another one
            points = graph.decode(torch.from_numpy(found[0]))
            pairs += zip(found[1:], points, strict=True)
        worst = max(worst, *(_difference(a, b.numpy()) for a, b in pairs))
    if not worst <= TOLERANCE:
        raise ValueError(
            f'onnxruntime gives other results than the network, by {worst:.1e} where '
            f'{TOLERANCE:.0e} is allowed: nothing was written. Try another --opset, or '
            'another version of torch'
        )
    return worst


@torch.no_grad()
def expected(
    graph: NetworkGraph, images: Tensor, valid: Tensor | None = None
) -> Tensor:
    """First result of a network as this toolbox computes it.

    Args:
        graph: Its graph, of which only the network is used.
        images: (B, 3, H, W) uint8 as the graph takes them.
        valid: (B, 1, H, W) uint8, of depth networks.
    """
    network = graph.network
    stored = images if graph.colours == HSV else images.flip(1)  # files are BGR
    given = network.data_preprocessor({'inputs': list(stored), 'data_samples': []})[
        'inputs'
    ]
    if isinstance(graph, DepthGraph):
        seen = (valid > 0).float()
        return network(given * seen, None, mode='tensor') * seen
    if isinstance(graph, MaskGraph):
        shape = tuple(images.shape[-2:])
        metas = [dict(img_shape=shape, ori_shape=shape, pad_shape=shape)] * len(images)
        return network.encode_decode(given, metas)
    return network(given, None, mode='tensor')


def _difference(found: np.ndarray, wanted: np.ndarray) -> float:
    if found.shape != wanted.shape:
        raise ValueError(
            f'onnxruntime gives results of shape {found.shape}, the network '
            f'{wanted.shape}: the graph does not take batches of any size'
        )
    scale = max(1.0, float(np.abs(wanted).max()))
    return float(np.abs(found - wanted).max()) / scale
