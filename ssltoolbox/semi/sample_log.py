"""A bounded number of pseudo labels of a training, kept for its report."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ssltoolbox.utils.atomic import write_text
from ssltoolbox.utils.image_file import write_image

FOLDER = 'label_samples'
"""Where they are in the folder of a training."""
LIST = 'samples.jsonl'
TILE = 160
"""Height of a picture in px."""


class SampleLog:
    """One line of JSON and one picture per sample, spread over the whole training.

    When there would be more than ``most``, whole steps are left out, and those that
    stay are spread as evenly as can be. What a resumed training does again takes the
    place of what it did before, so that it leaves the files of an uninterrupted one.

    Args:
        folder: Of the samples; it is made when there is something to keep.
        most: Samples that are kept (>= 1).
    """

    def __init__(self, folder: str | Path, most: int) -> None:
        self.folder, self.most = Path(folder), most

    def add(
        self,
        step: int,
        facts: Sequence[Mapping[str, Any]],
        pictures: Sequence[Sequence[np.ndarray]],
    ) -> None:
        """Keep the samples of a step.

        Args:
            step: Iterations that are done, from 1.
            facts: What is known of each sample, plain values.
            pictures: Of each sample some (H, W, 3) uint8 BGR images, which are put
                side by side.
        """
        try:
            before = [each for each in read_samples(self.folder) if each['step'] < step]
        except ValueError:
            before = []  # a training must not end for it
        mine = []
        for i, (fact, tiles) in enumerate(zip(facts, pictures, strict=True)):
            file = f'iter_{step:06d}_{i:02d}.jpg'
            write_image(self.folder / file, side_by_side(tiles, TILE), quality=80)
            mine.append({'step': step, 'file': file, **fact})
        kept = thinned([*before, *mine], self.most)
        lines = (json.dumps(each, allow_nan=False) + '\n' for each in kept)
        write_text(self.folder / LIST, ''.join(lines))
        files = {each['file'] for each in kept}
        for path in self.folder.glob('iter_*.jpg'):
            if path.name not in files:
                path.unlink()


def read_samples(folder: str | Path) -> list[dict[str, Any]]:
    """Read the list of samples; there are none where there is no list.

    Raises:
        ValueError: A line of it is damaged; names the file.
    """
    path = Path(folder) / LIST
    if not path.is_file():
        return []
    try:
        found = [json.loads(line) for line in path.read_text('utf-8').splitlines()]
        for each in found:
            int(each['step']), str(each['file']), str(each['fate'])
            dict(each['values'])
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(
            f'{path} is damaged or not one of ours ({error!r}): delete it, the report '
            'is made without it'
        ) from None
    return found


def thinned(samples: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """Leave out whole steps until there are at most so many samples.

    The first and the last step stay; each time the step goes whose neighbours are
    nearest to each other.

    >>> rows = [{'step': step} for step in (1, 2, 4, 6)]
    >>> [row['step'] for row in thinned(rows, 3)]
    [1, 4, 6]
    """
    steps = sorted({each['step'] for each in samples})
    while len(samples) > most and len(steps) > 2:
        inner = range(1, len(steps) - 1)
        gone = steps.pop(min(inner, key=lambda i: steps[i + 1] - steps[i - 1]))
        samples = [each for each in samples if each['step'] != gone]
    return samples


def side_by_side(tiles: Sequence[np.ndarray], height: int) -> np.ndarray:
    """Put pictures into a row of the given height."""
    scaled = []
    for tile in tiles:
        width = max(1, round(tile.shape[1] * height / tile.shape[0]))
        shrinks = height < tile.shape[0]
        how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        scaled.append(cv2.resize(tile, (width, height), interpolation=how))
    return np.hstack(scaled)
