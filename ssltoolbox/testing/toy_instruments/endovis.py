"""Write toy scenes in the layout of EndoVis'15, pose and segmentation."""

import os
from functools import partial
from pathlib import Path
from typing import Any

from ssltoolbox.datasets.pose.endovis_ids import frame_id, sequence_code
from ssltoolbox.testing.drawing.folder import Product, check_seed, write_once
from ssltoolbox.utils.atomic import write_text
from ssltoolbox.utils.json_file import write_json

from .annotations import SEQUENCES, Sequence15, entry, true_entry
from .labels import label_lists
from .output import Output, check_width, shares
from .scenario import surgery
from .video import video

PRODUCT = Product('toy instruments', marker='toy_instruments.json', images='frames')
VERSION = 1
"""Grows with every change of the drawn pixels or of the annotations."""

LABELLED = (8, 16, 32)
SEEDS = (0, 1, 2)
ASPECT = 720 / 576
COUNTED = dict(
    num_train='train', num_val='val', num_seen='test_seen', num_unseen='test_unseen'
)
"""Of what image set a number of frames is."""


def generate_endovis(
    root: str | os.PathLike,
    num_train: int = 240,
    num_val: int = 48,
    num_seen: int = 96,
    num_unseen: int = 96,
    annotated_every: int = 1,
    width: int = 180,
    seed: int = 0,
    progress: bool = True,
) -> Path:
    """Write the data set below ``root`` and return that folder.

    The folder appears at once and complete, or not at all. A complete set with the
    same parameters is reused as it is.

    Args:
        root (str or PathLike): New or empty folder, or one written by this function.
        num_train (int): Frames of train1 to train4 together.
        num_val (int): Frames of val1 and val2.
        num_seen (int): Frames of test1 to test4, instruments as in training.
        num_unseen (int): Frames of test5 and test6, other instruments.
        annotated_every (int): Annotate only each n-th frame of the training videos;
            about 5 in the original. Label lists name annotated frames only.
        width (int): Of the images in pixels; their height is 4/5 of it.
        seed (int): Not negative; equal seeds give equal bytes.
        progress (bool): Show a bar with the remaining time.

    Returns:
        Path: ``root``, holding ``frames/<sequence>``, ``masks/<sequence>`` with the
        classes of ``take.CLASSES``, ``<split>_labels``, ``truth`` (every frame and
        joint, hidden ones marked ``occluded``), ``label_lists`` and ``image_sets``.

    Raises:
        ValueError: if a parameter is out of range.
        FileExistsError: if ``root`` holds anything else than the same set.
    """
    check_width(width)
    check_seed(seed)
    if annotated_every < 1:
        raise ValueError(
            'annotated_every: expected a whole number from 1 on (1: all frames), got '
            f'{annotated_every}'
        )
    params: dict[str, Any] = dict(num_train=num_train, num_val=num_val)
    params |= dict(num_seen=num_seen, num_unseen=num_unseen)
    lengths = _lengths(params)
    params |= dict(annotated_every=annotated_every, width=width, seed=seed)
    params |= dict(layout='endovis', version=VERSION)
    write = partial(_write, params=params, lengths=lengths, progress=progress)
    return write_once(root, PRODUCT, params, write)


def _lengths(counts: dict[str, int]) -> dict[str, int]:
    """Return the frames of each sequence."""
    lengths = {}
    for name, total in counts.items():
        members = [s.name for s in SEQUENCES if s.image_set == COUNTED[name]]
        lengths |= zip(members, shares(name, total, len(members)), strict=True)
    return lengths


def _write(root: Path, params: dict, lengths: dict, progress: bool) -> None:
    output = Output(sum(lengths.values()), progress)
    every: dict[str, list[int]] = {}
    stems: dict[int, str] = {}
    sets: dict[str, list[str]] = {}
    for sequence in SEQUENCES:
        step = params['annotated_every'] if sequence.split == 'train' else 1
        numbers = range(1, lengths[sequence.name] + 1)
        _write_sequence(root, sequence, numbers, step, params, output)
        for number in numbers:
            stem = f'{sequence.name}/{sequence.frame_name(number)}'
            stems[frame_id(sequence.name, number)] = stem
            sets.setdefault(sequence.image_set, []).append(stem)
        if sequence.split == 'train':
            every[sequence.name] = [frame_id(sequence.name, n) for n in numbers[::step]]
    for name, labels in label_lists(every, LABELLED, SEEDS).items():
        labels.write(root / 'label_lists' / f'{name}.json')
        sets[name] = [stems[i] for i in labels.ids]
    for name, lines in sets.items():
        write_text(root / 'image_sets' / f'{name}.txt', '\n'.join(lines) + '\n')
    output.bar.finish()


def _write_sequence(
    root: Path, sequence: Sequence15, numbers: range, step: int, params: dict, output
) -> None:
    """Write pictures, masks, labels and truth of one video."""
    size = (params['width'], round(params['width'] / ASPECT))
    scenes = video(
        surgery(sequence.seen, sequence.pair),
        size,
        len(numbers),
        (params['seed'], sequence_code(sequence.name)),
    )
    folder = root / 'frames' / sequence.name
    paths = (folder / f'{sequence.frame_name(n)}.jpg' for n in numbers)
    labels, truth = [], []
    saved = output.save(scenes, paths, root / 'masks' / sequence.name)
    for number, instruments in zip(numbers, saved, strict=True):
        known = instruments if (number - 1) % step == 0 else []
        labels.append(entry(sequence, number, known))
        truth.append(true_entry(sequence, number, instruments))
    name = f'{sequence.name}_labels.json'
    write_json(root / f'{sequence.split}_labels' / name, labels)
    write_json(root / 'truth' / name, truth)
