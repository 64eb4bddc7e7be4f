"""Draw which toy animals are labelled: n images per species, lists nested."""

from collections.abc import Sequence

import numpy as np

from ssltoolbox.datasets.label_list import LabelList


def label_lists(
    train: dict, shots: Sequence[int], seeds: Sequence[int]
) -> dict[str, LabelList]:
    """Draw the images to label: the smaller list lies inside the larger.

    An image counts for the species of its first animal. A list longer than a
    species has images is left out.

    Args:
        train (dict): Content of the train annotation file.
        shots (Sequence[int]): Images per species.
        seeds (Sequence[int]): One independent draw each.

    Returns:
        dict: File stem, such as ``5shot_seed0``, to label list.
    """
    first: dict[int, int] = {}
    for ann in train['annotations']:
        first.setdefault(ann['image_id'], ann['category_id'])
    by_species = [
        sorted(i for i, c in first.items() if c == category['id'])
        for category in train['categories']
    ]
    lists = {}
    for seed in seeds:
        rng = np.random.default_rng(seed)
        orders = [rng.permutation(ids) for ids in by_species]
        for n in shots:
            if n <= min(len(order) for order in orders):
                lists[f'{n}shot_seed{seed}'] = LabelList(
                    ids=tuple(sorted(int(i) for order in orders for i in order[:n])),
                    dataset='toy_animals',
                    note=f'{n} train images per species, nested within a seed',
                    params=dict(images_per_species=n, seed=seed),
                )
    return lists
