"""Draw which images of a generated set are labelled: lists nested within a seed."""

from collections.abc import Callable, Sequence

from ssltoolbox.datasets.label_list import LabelList


def label_lists(
    order: Callable[[int], Sequence[int]],
    counts: Sequence[int],
    seeds: Sequence[int],
    dataset: str,
    note: str,
) -> dict[str, LabelList]:
    """Draw the images to label: the smaller list lies inside the larger.

    A list longer than the data is left out.

    Args:
        order (Callable): Gives all ids in the order of a seed; lists are its heads.
        counts (Sequence[int]): Numbers of images.
        seeds (Sequence[int]): One independent draw each.
        dataset (str): Name of the data set.
        note (str): A remark for people, which follows the number of images.

    Returns:
        dict: File stem, such as ``20images_seed0``, to label list.
    """
    lists = {}
    for seed in seeds:
        ids = order(seed)
        for count in counts:
            if count <= len(ids):
                lists[f'{count}images_seed{seed}'] = LabelList(
                    ids=tuple(sorted(ids[:count])),
                    dataset=dataset,
                    note=f'{count} {note}',
                    params=dict(images=count, seed=seed),
                )
    return lists
