"""Generate the toy polyps: a small segmentation set in the layout of Semi-Seg.

Endoscopic images of several patients with exact masks, so that an experiment with few
labels runs at once, without a download. Polyps take their colour from the mucosa around
them, and mounds, red patches and stool share some of their properties: a network needs
to see several patients to tell them apart.
"""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ssltoolbox.testing.drawing.folder import (
    Product,
    check_counts,
    check_seed,
    write_once,
)
from ssltoolbox.testing.drawing.labels import label_lists
from ssltoolbox.testing.drawing.progress import Bar
from ssltoolbox.utils.atomic import write_text
from ssltoolbox.utils.digest import name_id
from ssltoolbox.utils.image_file import write_image

from .patient import sample_patient
from .picture import Picture, draw

# 'Images/...' and 'unlabeled_images/...', but not 'Labels/...'.
PRODUCT = Product('toy polyps', 'toy_polyps.json', '.', pattern='*[Ii]mages/**/*.png')
VERSION = 2
"""Grows with every change of the drawn pixels or of the files."""

COUNTS = dict(train=240, valid=40, test=80, unlabelled=60)
LABELLED = (10, 20, 40)
SEEDS = (0, 1, 2)
PER_PATIENT = 8
"""Images of a patient; the last one of a split may have fewer."""
POLYP = 255
"""Value of a polyp in a mask."""
CODES = f'background,0\npolyp,{POLYP}'  # a line break at the end would be a third class


def generate(
    root: str | os.PathLike,
    num_train: int = COUNTS['train'],
    num_valid: int = COUNTS['valid'],
    num_test: int = COUNTS['test'],
    num_unlabelled: int = COUNTS['unlabelled'],
    seed: int = 0,
    progress: bool = True,
) -> Path:
    """Write the data set below ``root`` and return that folder.

    The folder appears at once and complete, or not at all. A complete set with the
    same parameters is reused as it is.

    Args:
        root (str or PathLike): New or empty folder, or one written by this function.
        num_train (int): Train images.
        num_valid (int): Validation images.
        num_test (int): Test images.
        num_unlabelled (int): Images without a mask, of further patients.
        seed (int): Not negative; equal seeds give equal bytes.
        progress (bool): Show a bar with the remaining time.

    Returns:
        Path: ``root``, holding ``codes.txt``, ``Images/<split>``, ``Labels/<split>``,
        ``unlabeled_images`` and ``label_lists`` of the train images. A file is named
        by its patient and its place among the images of that patient: ``p003_02.png``.

    Raises:
        ValueError: if a parameter is out of range.
        FileExistsError: if ``root`` holds anything else than the same set.
    """
    counts = dict(
        train=num_train, valid=num_valid, test=num_test, unlabelled=num_unlabelled
    )
    check_counts(counts)
    check_seed(seed)
    params: dict[str, Any] = {f'num_{split}': count for split, count in counts.items()}
    params |= dict(version=VERSION, seed=seed)
    write = partial(_write, counts=counts, seed=seed, progress=progress)
    return write_once(root, PRODUCT, params, write)


def _write(root: Path, counts: dict[str, int], seed: int, progress: bool) -> None:
    write_text(root / 'codes.txt', CODES)
    bar = Bar(sum(counts.values()), progress)
    for number, (split, count) in enumerate(counts.items()):
        for name, picture in pictures(seed, number, count):
            _save(root, split, name, picture)
            bar.update()
    lists = label_lists(
        partial(_order, [name for name, _ in _places(0, counts['train'])]),
        LABELLED,
        SEEDS,
        dataset='toy_polyps',
        note='train images, nested within a seed',
    )
    for stem, labels in lists.items():
        labels.write(root / 'label_lists' / f'{stem}.json')
    bar.finish()


def _save(root: Path, split: str, name: str, picture: Picture) -> None:
    image = np.ascontiguousarray(picture.image[..., ::-1])
    if split == 'unlabelled':
        write_image(root / 'unlabeled_images' / name, image)
        return
    write_image(root / 'Images' / split / name, image)
    write_image(root / 'Labels' / split / name, np.uint8(POLYP) * picture.mask)


def pictures(seed: int, split: int, count: int) -> Iterator[tuple[str, Picture]]:
    """Draw the images of a split, with their names; a longer one starts as a shorter.

    Args:
        seed (int): Of the data set.
        split (int): Number of the split.
        count (int): How many images.
    """
    for name, (patient, place) in _places(split, count):
        # From 1 on, since a generator does not tell [.., 0] from [..].
        person = sample_patient(np.random.default_rng([seed, split, patient]))
        rng = np.random.default_rng([seed, split, patient, place])
        yield name, draw(rng, person)


def _places(split: int, count: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """Name the images of a split; no patient of another one has the same number."""
    for index in range(count):
        patient, place = (number + 1 for number in divmod(index, PER_PATIENT))
        yield f'p{split}{patient:02d}_{place:02d}.png', (patient, place)


def _order(names: list[str], seed: int) -> list[int]:
    """Shuffle the ids that the images have in the folder layout."""
    order = np.random.default_rng(seed).permutation(len(names))
    return [name_id(names[index]) for index in order]
