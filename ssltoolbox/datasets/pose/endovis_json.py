"""Read the label files of EndoVis'15, past everything that is irregular in them."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ssltoolbox.datasets.pose.endovis_ids import frame_id
from ssltoolbox.datasets.pose.tool_points import Point, group_points
from ssltoolbox.utils.json_file import read_json

CLASSES = ('LeftClasperPoint', 'RightClasperPoint', 'HeadPoint', 'ShaftPoint',
           'EndPoint')  # fmt: skip
"""Classes of points in the order of the joints; all others are left out."""

IMAGE_SIZE = (720, 576)
"""Width and height of the videos, in px."""

HINT = (
    "The label files of EndoVis'15 are train_labels/train1_labels.json to "
    'test_labels/test6_labels.json of '
    'https://github.com/surgical-vision/EndoVisPoseAnnotation, put below data_root '
    'in these folders or in data_root itself.'
)


class Frame(NamedTuple):
    """One frame of a video.

    Args:
        id: Unique number, stable, see ``endovis_ids.py``.
        name: Unique name, such as ``'img_000060_raw_train1'``.
        tools: (N, 5, 3) float32: x, y in image pixels, visible 0 or 1. A missing
            joint is at 0. Instruments are sorted by their id.
        annotated: Whether somebody marked points in it.
    """

    id: int
    name: str
    tools: np.ndarray
    annotated: bool


@dataclass(frozen=True)
class EndoVisLabels:
    """Content of a label file, and what was irregular in it.

    Args:
        path: The file.
        frames: All frames, in the order of the file.
        found: How often each irregularity was met.
        ignored: Number of points by class that is no joint.
    """

    path: Path
    frames: list[Frame]
    found: Counter
    ignored: Counter

    def summary(self) -> str:
        """Say in one line what the file holds and what was irregular."""
        annotated = [frame for frame in self.frames if frame.annotated]
        tools = sum(len(frame.tools) for frame in annotated)
        parts = [f'{len(annotated)} of {len(self.frames)} frames annotated, {tools} '
                 'instruments']  # fmt: skip
        texts = {
            'without id': '{} points without id, given to the nearest instrument '
            'without such a point',
            'moved': '{} points with the id of another instrument, moved',
            'double': '{} double points left out',
            'outside': '{} points outside of the image left out',
            'missing': '{} joints missing',
        }
        parts += [t.format(self.found[k]) for k, t in texts.items() if self.found[k]]
        parts += [f'{n} of class {name} ignored' for name, n in self.ignored.items()]
        return f'{self.path.name}: {"; ".join(parts)}'


def label_file(root: str | Path, sequence: str) -> Path:
    """Find the label file of a sequence below the folder of the data.

    It is ``<split>_labels/<sequence>_labels.json``, as in the repository of the
    annotations, or lies in the folder itself.
    """
    name = f'{sequence}_labels.json'
    split = sequence.rstrip('0123456789')
    flat = Path(root) / name
    return flat if flat.is_file() else Path(root) / f'{split}_labels' / name


def read_endovis(
    path: str | Path,
    sequence: str | None = None,
    image_size: tuple[int, int] = IMAGE_SIZE,
) -> EndoVisLabels:
    """Read a label file.

    Args:
        path: The file.
        sequence: Name of the video, such as ``'train1'``; None takes it from the
            name of the file, ``<sequence>_labels.json``.
        image_size: Width and height of the frames in px; points outside are left out.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is not a label file; names the entry.
    """
    path = Path(path)
    sequence = sequence or path.stem.removesuffix('_labels')
    entries = read_json(path, 'label file', HINT)
    if not isinstance(entries, list) or not entries:
        what = type(entries).__name__ if entries else 'nothing'
        raise ValueError(f'{path}: expected a list of frames, got {what}. {HINT}')
    found, ignored, frames = Counter(), Counter(), []
    for place, entry in enumerate(entries):
        name = _frame_name(entry, path, place, sequence)
        points = []
        for mark in entry['annotations']:
            label = _check_mark(mark, path, name)
            if label not in CLASSES:
                ignored[label] += 1
                continue
            xy = np.array([mark['x'], mark['y']], np.float64)
            if ((xy < -0.5) | (xy > np.array(image_size) - 0.5)).any():
                found['outside'] += 1
            else:
                tool = mark.get('id')
                tool = None if tool is None else str(tool)
                points.append(Point(CLASSES.index(label), xy, tool))
        tools = _tools(points, found)
        number = int(re.search(r'\d+', name)[0])
        frames.append(Frame(frame_id(sequence, number), name, tools, bool(len(tools))))
    _check_unique(frames, path)
    return EndoVisLabels(path, frames, found, ignored)


def _tools(points: list[Point], found: Counter) -> np.ndarray:
    groups, irregular = group_points(points)
    found.update(irregular)
    tools = np.zeros((len(groups), len(CLASSES), 3), np.float32)
    for tool, name in zip(tools, sorted(groups), strict=True):
        for joint, xy in groups[name].items():
            tool[joint] = *xy, 1
    found['missing'] += int((tools[..., 2] == 0).sum())
    return tools


def _frame_name(entry: Any, path: Path, place: int, sequence: str) -> str:
    """Name a frame as the published program: up to the first dot, and the video."""
    needed = {'annotations': list, 'filename': str}
    for key, kind in needed.items():
        if not isinstance(entry, dict) or not isinstance(entry.get(key), kind):
            has = ', '.join(entry) if isinstance(entry, dict) else repr(entry)[:40]
            raise ValueError(
                f'{path}: entry {place} of the list has no {kind.__name__} '
                f'{key!r}, it has: {has}. {HINT}'
            )
    base = re.split(r'[\\/]', entry['filename'])[-1].split('.')[0]
    if not re.search(r'\d', base):
        raise ValueError(
            f'{path}: entry {place} has the file name {entry["filename"]!r}, expected '
            'one with the number of the frame, such as img_000060_raw.png.'
        )
    return f'{base}_{sequence}'


def _check_mark(mark: Any, path: Path, name: str) -> str:
    numbers = isinstance(mark, dict) and [mark.get('x'), mark.get('y')]
    usable = numbers and all(
        isinstance(n, int | float) and np.isfinite(n) for n in numbers
    )
    if not usable or not isinstance(mark.get('class'), str):
        raise ValueError(
            f'{path}: frame {name} has the point {mark!r}, expected a "class" and '
            'finite numbers "x" and "y".'
        )
    return mark['class']


def _check_unique(frames: list[Frame], path: Path) -> None:
    counts = Counter(frame.id for frame in frames)
    double = [frame.name for frame in frames if counts[frame.id] > 1]
    if double:
        raise ValueError(
            f'{path}: {len(double)} of {len(frames)} entries have the frame number of '
            f'another one (first: {double[0]}); keep one entry per frame.'
        )
