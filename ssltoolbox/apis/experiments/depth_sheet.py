"""Depth of several trained networks beside the truth, on some of the test frames."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from mmengine.config import Config
from mmengine.registry import DefaultScope

from ssltoolbox.apis.inference.depth_inferencer import DepthInferencer
from ssltoolbox.apis.inference.depth_result import DepthResult
from ssltoolbox.registry import DATASETS
from ssltoolbox.utils.image_file import write_image
from ssltoolbox.visualization.depth import draw_depth
from ssltoolbox.visualization.sheet import grid

Span = tuple[float, float]


def depth_sheet(
    networks: Mapping[str, tuple[Path, Path]], path: str | Path, count: int = 4
) -> None:
    """Write a picture: a row for each frame, with the frame, the truth and the depths.

    Frames are taken at equal steps from the test data of the first network. All depths
    of a row have one range of colours, blue near, red far: that of the truth, where the
    sequence is a rendered one, else that of the first network. Below each is its
    ``AbsRel`` at the points of the frame.

    Args:
        networks: Config and checkpoint of depth networks of the same data set, by their
            headings. The first config is a resolved one, as the folder of a stage has.
        path: Picture to write.
        count: How many frames, positive.

    Raises:
        ValueError: There is no network, or a frame cannot be read.
    """
    if not networks or count < 1:
        raise ValueError(
            'depth_sheet draws one or more frames of one or more networks, got '
            f'{count} and {len(networks)}'
        )
    frames = _frames(Config.fromfile(next(iter(networks.values()))[0]), count)
    found = {
        name: list(DepthInferencer(*files)([frame for frame, _ in frames]))
        for name, files in networks.items()
    }
    images, titles = [], []
    for row, (frame, truth) in enumerate(frames):
        results = [results[row] for results in found.values()]
        first = results[0]
        span = _span(first.depth if truth is None else truth, first.valid)
        images.append(first.image)
        titles.append(frame.name)
        if truth is not None:
            images.append(draw_depth(truth, first.valid, span))
            titles.append('')
        images += [draw_depth(r.depth, r.valid, span) for r in results]
        titles += [_error(result) for result in results]
    known = [] if frames[0][1] is None else ['truth']
    headings = ['frame', *known, *networks]
    sheet = grid(images, titles, cols=len(headings), cell=(240, 200), headings=headings)
    write_image(path, sheet)


def _frames(cfg: Config, count: int) -> list[tuple[Path, np.ndarray | None]]:
    """Files and true depths, in the window, at equal steps of the test data.

    Depths have the unit of structure from motion, as those of ``DepthInferencer``.
    """
    with DefaultScope.overwrite_default_scope(cfg.get('default_scope', 'mmpose')):
        dataset = DATASETS.build(cfg.test_dataloader.dataset)
    frames = []
    places = np.linspace(0, len(dataset) - 1, min(count, len(dataset))).astype(int)
    for place in dict.fromkeys(places.tolist()):
        sample = dataset[place]['data_samples']
        truth = None
        if 'truth' in sample:
            scale = dataset.get_data_info(place)['prepared'].scale
            truth = scale * sample.truth.data[0].numpy()
        frames.append((Path(sample.img_path), truth))
    return frames


def _span(depth: np.ndarray, valid: np.ndarray) -> Span:
    """Range of the colours; single pixels far off do not stretch it."""
    low, high = np.percentile(depth[valid], (5, 95))
    return float(low), float(high)


def _error(result: DepthResult) -> str:
    return '' if result.error is None else f'AbsRel {result.error:.3f}'
