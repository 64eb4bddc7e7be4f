"""Generate the toy persons: a small pose data set in the layout of COCO.

Persons of capsules with the 17 keypoints of COCO (Lin et al., ECCV 2014, arXiv
1405.0312). Seen from behind, a left limb lies where a right one lies from the front:
the sides must be learnt from face, hair and feet.
"""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ssltoolbox.datasets.splits import label_order, take_count
from ssltoolbox.testing.drawing.folder import (
    Product,
    check_counts,
    check_size_and_seed,
    write_once,
)
from ssltoolbox.testing.drawing.labels import label_lists
from ssltoolbox.testing.drawing.record import Recorder, annotation_file
from ssltoolbox.testing.drawing.scene import Instance, Scene, compose
from ssltoolbox.utils.json_file import write_json

from .annotations import CATEGORY
from .sitter import COLOURS, person

PRODUCT = Product('toy persons', marker='toy_persons.json', images='images')
VERSION = 1
"""Grows with every change of the drawn pixels or of the annotations."""

LABELLED = (20, 40, 80)
SEEDS = (0, 1, 2)
PAIR_SHARE = 0.2
"""Probability that a second person stands in the background."""


def generate(
    root: str | os.PathLike,
    num_train: int = 460,
    num_val: int = 50,
    num_test: int = 100,
    image_size: tuple[int, int] = (128, 192),
    seed: int = 0,
    progress: bool = True,
) -> Path:
    """Write the data set below ``root`` and return that folder.

    The folder appears at once and complete, or not at all. A complete set with the
    same parameters is reused as it is.

    Args:
        root (str or PathLike): New or empty folder, or one written by this function.
        num_train (int): Train images.
        num_val (int): Validation images.
        num_test (int): Test images.
        image_size (tuple): Smallest and largest image side in pixels, 64 to 1024.
        seed (int): Not negative; equal seeds give equal bytes.
        progress (bool): Show a bar with the remaining time.

    Returns:
        Path: ``root``, holding ``annotations/person_keypoints_<split>.json``,
        ``images/<split>`` and ``label_lists``.

    Raises:
        ValueError: if a parameter is out of range.
        FileExistsError: if ``root`` holds anything else than the same set.
    """
    counts = dict(train=num_train, val=num_val, test=num_test)
    check_counts(counts)
    check_size_and_seed(image_size, seed)
    params: dict[str, Any] = {f'num_{split}': count for split, count in counts.items()}
    params |= dict(version=VERSION, seed=seed, image_size=list(image_size))
    write = partial(_write, counts=counts, params=params, progress=progress)
    return write_once(root, PRODUCT, params, write)


def _write(root: Path, counts: dict, params: dict, progress: bool) -> None:
    for folder in (
        'annotations',
        'label_lists',
        *(f'images/{name}' for name in counts),
    ):
        (root / folder).mkdir(parents=True)
    recorder = Recorder(sum(counts.values()), progress)
    for split, (name, count) in enumerate(counts.items()):
        # A generator per image: a longer split starts with the shorter one.
        scenes = (
            draw(
                params['image_size'],
                np.random.default_rng([params['seed'], split, index]),
            )
            for index in range(count)
        )
        images, annotations = recorder.write(root / 'images' / name, scenes, _describe)
        content = annotation_file(
            'toy persons in the layout of COCO', [CATEGORY], images, annotations
        )
        write_json(root / 'annotations' / f'person_keypoints_{name}.json', content)
        if name == 'train':
            lists = label_lists(
                partial(_order, content),
                LABELLED,
                SEEDS,
                dataset='toy_persons',
                note='train images, nested within a seed',
            )
            for stem, labels in lists.items():
                labels.write(root / 'label_lists' / f'{stem}.json')
    recorder.bar.finish()


def _order(train: dict, seed: int) -> list[int]:
    return take_count(label_order(train, seed), len(train['images']))


def _describe(instance: Instance) -> dict:
    return dict(category_id=CATEGORY['id'], area=round(instance.area, 2))


def draw(image_size: Sequence[int], rng: np.random.Generator) -> Scene:
    """Draw one image with a person, at times a second one behind."""
    width, height = rng.integers(image_size[0], image_size[1] + 1, 2)
    sitters = [person] * (2 if rng.random() < PAIR_SHARE else 1)
    return compose(sitters, (int(width), int(height)), rng, COLOURS)
