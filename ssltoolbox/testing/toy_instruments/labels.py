"""Draw which toy frames are labelled: as many of every video, lists nested."""

from collections.abc import Mapping, Sequence

import numpy as np

from ssltoolbox.datasets.label_list import LabelList


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
    lists = {}
    for seed in seeds:
        order = _order(list(frames.values()), np.random.default_rng(seed))
        for count in counts:
            if count <= len(order):
                lists[f'{count}images_seed{seed}'] = LabelList(
                    ids=tuple(sorted(order[:count])),
                    dataset='toy_instruments',
                    note=f'{count} train frames, the same number of every video as '
                    'far as it goes, nested within a seed',
                    params=dict(images=count, seed=seed),
                )
    return lists


def _order(videos: list[Sequence[int]], rng: np.random.Generator) -> list[int]:
    """Take the videos in turn, each in random order."""
    queues = [rng.permutation(ids).tolist() for ids in videos]
    longest = max(len(queue) for queue in queues)
    return [queue[i] for i in range(longest) for queue in queues if i < len(queue)]
