"""Pieces of our code that several drivers need."""

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from mmengine.config import Config

from ssltoolbox.codecs.batched_heatmap import BatchedHeatmapCodec
from ssltoolbox.datasets.pose.ap10k import APTenKDataset
from ssltoolbox.geometry.view import View, crop_matrix
from ssltoolbox.registry import MODELS  # noqa: F401  prepares the import of mmpose
from ssltoolbox.tasks.pose import PoseTask

from mmpose.codecs import MSRAHeatmap  # isort: skip

ROOT = Path(__file__).resolve().parents[3]
PIXEL_STD = 200
"""The original gives the sides of boxes in units of so many pixels."""


def converter(name: str):
    """A file of tools/model_converters as a module."""
    path = ROOT / f'tools/model_converters/{name}.py'
    spec = importlib.util.spec_from_file_location(f'golden_{name}_converter', path)
    tool = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = tool
    spec.loader.exec_module(tool)
    return tool


def metainfo() -> dict:
    return APTenKDataset(subset='train', lazy_init=True).metainfo


def published_codec() -> dict:
    """The codec of our configs."""
    return Config.fromfile(ROOT / 'configs/_base_/models/pose-hrnet-w32.py').codec


def pair(size) -> tuple[int, int]:
    """(w, h) of a size that may be given as one number."""
    return tuple(size) if isinstance(size, (list, tuple)) else (size, size)


def msra(input_size, heatmap_size, sigma: float | None = None) -> MSRAHeatmap:
    sigma = published_codec().sigma if sigma is None else sigma
    return MSRAHeatmap(pair(input_size), pair(heatmap_size), sigma=sigma)


def batched(*args, **kwargs) -> BatchedHeatmapCodec:
    return BatchedHeatmapCodec(msra(*args, **kwargs))


def ends_at_border(codec: BatchedHeatmapCodec, points) -> torch.Tensor:
    """Joints (B, K) whose Gaussian ends exactly one cell before the map.

    Ours have weight 0. The original keeps their weight, though their map is empty.
    """
    peak = (points.double() / torch.tensor(codec.stride) + 0.5).trunc()
    radius = int(3 * codec.sigma)
    low, high = peak - radius, peak + radius + 1
    near = ((low < torch.tensor(codec.heatmap_size)) & (high >= 0)).all(-1)
    return near & (high == 0).any(-1)


def pose_task(codec: MSRAHeatmap, kind: type = PoseTask) -> PoseTask:
    return kind(network=SimpleNamespace(head=SimpleNamespace(decoder=codec)))


def stride() -> tuple[int, int]:
    """Input pixels per heatmap cell of our configs."""
    codec = published_codec()
    return tuple(
        i // h for i, h in zip(codec.input_size, codec.heatmap_size, strict=True)
    )


def mirror(width: int) -> np.ndarray:
    """The matrix of a mirrored image."""
    return np.array([[-1.0, 0, width - 1], [0, 1, 0], [0, 0, 1]])


def square(matrix: np.ndarray) -> np.ndarray:
    """(3, 3) from (2, 3)."""
    return np.concatenate([matrix, [[0, 0, 1]]])


def view(matrices, size) -> View:
    return View(torch.from_numpy(np.stack(matrices)).double(), pair(size))


def crop_view(centers, scales, size) -> View:
    """Plain crops, from the original's centres and scales."""
    crops = [
        crop_matrix(tuple(center), tuple(scale * PIXEL_STD), 0.0, pair(size))
        for center, scale in zip(centers, scales, strict=True)
    ]
    return view(crops, size)
