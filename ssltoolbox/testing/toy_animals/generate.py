"""Generate the toy animals: a small pose data set in the AP-10K layout.

Six species of articulated quadrupeds with the 17 AP-10K keypoints (Yu et al., NeurIPS
2021 Track on Datasets and Benchmarks, arXiv 2108.12617), so that every part of a
few-label experiment runs at once, without a download.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.utils import ProgressBar

from ssltoolbox.utils.image_file import write_image
from ssltoolbox.utils.json_file import write_json

from .annotations import (
    animal_record,
    annotation_file,
    file_name,
    image_record,
)
from .labels import label_lists
from .scene import Scene, compose
from .species import Species
from .zoo import pick_species

MARKER = 'toy_animals.json'
VERSION = 2
"""Grows with every change of the drawn pixels or of the annotations."""

SHOTS = (5, 10, 20)
SEEDS = (0, 1, 2)
PAIR_SHARE = 0.12
"""Probability that an image shows a second animal."""


def generate(
    root: str | os.PathLike,
    num_train: int = 420,
    num_val: int = 90,
    num_test: int = 90,
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
    root = Path(root).resolve()
    if _is_complete(root, params):
        return root
    root.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f'.{root.name}-', dir=root.parent))
    try:
        _write(draft, kinds, counts, params, progress)
        draft.chmod(0o755)
        _publish(draft, root, params)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return root


def _check(counts: dict, image_size: tuple[int, int], seed: int, kinds: int) -> None:
    for split, count in counts.items():
        if count < kinds:
            raise ValueError(
                f'num_{split}: expected at least one image for each of the {kinds} '
                f'species, got {count}'
            )
    low, high = image_size
    if not 64 <= low <= high <= 1024:
        raise ValueError(
            'image_size: expected smallest and largest side within 64 to 1024 '
            f'pixels, got {tuple(image_size)}'
        )
    if seed < 0:
        raise ValueError(f'seed: expected a whole number from 0 on, got {seed}')


def _is_complete(root: Path, params: dict) -> bool:
    """Tell if ``root`` holds the wanted set; refuse a folder with other content."""
    if root.is_dir() and not any(root.iterdir()) or not root.exists():
        return False
    marker = root / MARKER
    if not marker.is_file():
        raise FileExistsError(
            f'{root}: expected a new or empty folder or a set with {MARKER}, found '
            'other files. Choose another folder.'
        )
    found = json.loads(marker.read_text())
    if found != params:
        differing = {
            k: (found.get(k), v) for k, v in params.items() if found.get(k) != v
        }
        raise FileExistsError(
            f'{root}: holds toy animals with other parameters, as (found, wanted): '
            f'{differing}. Choose another folder or delete this one.'
        )
    wanted = sum(v for k, v in params.items() if k.startswith('num_'))
    present = len(list((root / 'data').glob('*.jpg')))
    if present != wanted:
        raise FileExistsError(
            f'{root}: expected {wanted} images in data, found {present}. Delete the '
            'folder and generate it again.'
        )
    return True


def _publish(draft: Path, root: Path, params: dict) -> None:
    """Move the finished set into place, or take the one of a faster process."""
    if root.is_dir():
        with suppress(OSError):
            root.rmdir()
    try:
        draft.rename(root)
    except OSError:
        if not _is_complete(root, params):
            raise


def _write(
    root: Path, kinds: tuple[Species, ...], counts: dict, params: dict, progress: bool
) -> None:
    for folder in ('annotations', 'data', 'label_lists'):
        (root / folder).mkdir()
    bar = ProgressBar(sum(counts.values())) if progress else None
    image_id = annotation_id = 0
    for split, (name, count) in enumerate(counts.items()):
        images, annotations = [], []
        for index in range(count):
            # A generator per image: a longer split starts with the shorter one.
            rng = np.random.default_rng([params['seed'], split, index])
            scene = draw(kinds, index, params['image_size'], rng)
            image_id += 1
            picture = np.ascontiguousarray(scene.image[..., ::-1])
            write_image(root / 'data' / file_name(image_id), picture, quality=93)
            images.append(image_record(image_id, scene))
            for animal in scene.animals:
                annotation_id += 1
                annotations.append(
                    animal_record(
                        annotation_id, image_id, kinds.index(animal.species) + 1, animal
                    )
                )
            if bar:
                bar.update()
        content = annotation_file(kinds, images, annotations)
        write_json(root / 'annotations' / f'ap10k-{name}-split1.json', content)
        if name == 'train':
            for stem, labels in label_lists(content, SHOTS, SEEDS).items():
                labels.write(root / 'label_lists' / f'{stem}.json')
    if bar:
        bar.file.write('\n')
    write_json(root / MARKER, params)


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
    return compose(shown, (int(width), int(height)), rng)
