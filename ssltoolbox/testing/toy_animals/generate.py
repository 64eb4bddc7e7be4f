"""Generate the toy animals: a small pose data set in the AP-10K layout.

Six species of articulated quadrupeds with the 17 AP-10K keypoints (Yu et al., NeurIPS
2021 Track on Datasets and Benchmarks, arXiv 2108.12617), so that every part of a
few-label experiment runs at once, without a download.
"""

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ssltoolbox.testing.drawing.folder import Product, check_size_and_seed, write_once
from ssltoolbox.testing.drawing.record import Recorder, annotation_file
from ssltoolbox.testing.drawing.scene import Instance, Scene, compose
from ssltoolbox.utils.json_file import write_json

from .annotations import categories
from .labels import label_lists
from .sitter import COATS, animal
from .species import Species
from .zoo import pick_species

PRODUCT = Product('toy animals', marker='toy_animals.json', images='data')
VERSION = 2
"""Grows with every change of the drawn pixels or of the annotations."""

SHOTS = (5, 10, 20)
SEEDS = (0, 1, 2)
PAIR_SHARE = 0.12
"""Probability that an image shows a second animal."""


def generate(
    root: str | os.PathLike,
    num_train: int = 1260,
    num_val: int = 90,
    num_test: int = 180,
    image_size: tuple[int, int] = (128, 160),
    seed: int = 0,
    species: Sequence[str] | None = None,
    progress: bool = True,
) -> Path:
    """Write the data set below ``root`` and return that folder.

    The folder appears at once and complete, or not at all. A complete set with the
    same parameters is reused as it is.

    Args:
        root (str or PathLike): New or empty folder, or one written by this function.
        num_train (int): Train images, at least one per species.
        num_val (int): Validation images.
        num_test (int): Test images.
        image_size (tuple): Smallest and largest image side in pixels, 64 to 1024.
        seed (int): Not negative; equal seeds give equal bytes.
        species (Sequence[str], optional): Names to draw, all six by default.
        progress (bool): Show a bar with the remaining time.

    Returns:
        Path: ``root``, holding ``annotations``, ``data`` and ``label_lists``.

    Raises:
        ValueError: if a parameter is out of range.
        FileExistsError: if ``root`` holds anything else than the same set.
    """
    kinds = pick_species(species)
    counts = dict(train=num_train, val=num_val, test=num_test)
    _check(counts, image_size, seed, len(kinds))
    params: dict[str, Any] = {f'num_{split}': count for split, count in counts.items()}
    params |= dict(version=VERSION, seed=seed, image_size=list(image_size))
    params['species'] = [s.name for s in kinds]
    write = partial(_write, kinds=kinds, params=params, progress=progress)
    return write_once(root, PRODUCT, params, write)


def _check(counts: dict, image_size: tuple[int, int], seed: int, kinds: int) -> None:
    check_size_and_seed(image_size, seed)
    for split, count in counts.items():
        if count < kinds:
            raise ValueError(
                f'num_{split}: expected at least one image for each of the {kinds} '
                f'species, got {count}'
            )


def _write(
    root: Path, kinds: tuple[Species, ...], params: dict, progress: bool
) -> None:
    for folder in ('annotations', 'data', 'label_lists'):
        (root / folder).mkdir()

    def describe(instance: Instance) -> dict:
        _, _, width, height = instance.box
        category_id = kinds.index(instance.kind) + 1
        return dict(category_id=category_id, area=width * height)

    names = ('train', 'val', 'test')
    recorder = Recorder(sum(params[f'num_{name}'] for name in names), progress)
    for split, name in enumerate(names):
        # A generator per image: a longer split starts with the shorter one.
        scenes = (
            draw(
                kinds,
                index,
                params['image_size'],
                np.random.default_rng([params['seed'], split, index]),
            )
            for index in range(params[f'num_{name}'])
        )
        images, annotations = recorder.write(root / 'data', scenes, describe)
        content = annotation_file(
            'toy animals in the AP-10K layout', categories(kinds), images, annotations
        )
        write_json(root / 'annotations' / f'ap10k-{name}-split1.json', content)
        if name == 'train':
            for stem, labels in label_lists(content, SHOTS, SEEDS).items():
                labels.write(root / 'label_lists' / f'{stem}.json')
    recorder.bar.finish()


def draw(
    kinds: Sequence[Species],
    index: int,
    image_size: Sequence[int],
    rng: np.random.Generator,
) -> Scene:
    """Draw image ``index`` of a split; the species take turns."""
    width, height = rng.integers(image_size[0], image_size[1] + 1, 2)
    shown = [kinds[index % len(kinds)]]
    if rng.random() < PAIR_SHARE:
        shown.append(kinds[int(rng.integers(len(kinds)))])
    sitters = [partial(animal, species) for species in shown]
    return compose(sitters, (int(width), int(height)), rng, COATS)
