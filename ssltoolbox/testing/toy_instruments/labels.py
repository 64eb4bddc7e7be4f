"""Order the toy frames for labelling: as many of every video."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from ssltoolbox.datasets.label_list import LabelList
from ssltoolbox.testing.drawing.labels import label_lists as draw_lists


def label_lists(
    frames: Mapping[str, Sequence[int]], counts: Sequence[int], seeds: Sequence[int]
) -> dict[str, LabelList]:
    """Draw the frames to label: the smaller list lies inside the larger.

    A list longer than the data is left out.

    Args:
        frames (Mapping): Ids of the annotated frames of each training video.
        counts (Sequence[int]): Frames in total.
        seeds (Sequence[int]): One independent draw each.

    Returns:
        dict: File stem, such as ``8images_seed0``, to label list.
    """
    return draw_lists(
        partial(_order, list(frames.values())),
        counts,
        seeds,
        dataset='toy_instruments',
        note='train frames, the same number of every video as far as it goes, nested '
        'within a seed',
    )


def _order(videos: list[Sequence[int]], seed: int) -> list[int]:
    """Take the videos in turn, each in random order."""
    rng = np.random.default_rng(seed)
    queues = [rng.permutation(ids).tolist() for ids in videos]
    longest = max(len(queue) for queue in queues)
    return [queue[i] for i in range(longest) for queue in queues if i < len(queue)]
