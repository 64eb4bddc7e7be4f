"""Read the label files of DeepLabCut and Lightning Pose (CSV)."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

Point = tuple[float, float, int]


@dataclass
class Table:
    """Labels of one CSV file.

    Attributes:
        path: The file.
        names: Names of the K keypoints.
        rows: Image path, and K points (x, y, v) in pixels; v is 2, or 0 where the
            point is not labelled.
    """

    path: Path
    names: list[str]
    rows: list[tuple[str, list[Point]]]


def read_table(path: Path) -> Table:
    """Read one CSV file with the header rows scorer, bodyparts, coords.

    The image path is in the first column, or in the three that newer versions of
    DeepLabCut write. Empty cells and NaN are points without a label.

    Raises:
        ValueError: Not such a file, or a cell is wrong; the line is named.
    """
    try:
        with open(path, newline='', encoding='utf-8-sig') as file:
            lines = list(csv.reader(file))
    except (csv.Error, UnicodeDecodeError) as error:
        raise ValueError(f'{path} is no CSV text file: {error}') from None
    first, names = _read_header(lines, path)
    width = first + 2 * len(names)
    rows = []
    for number, line in enumerate(lines[3:], start=4):
        if not any(line):
            continue
        where = f'{path}, line {number}'
        if len(line) != width:
            raise ValueError(f'{where} has {len(line)} cells, expected {width}.')
        image = '/'.join(cell for cell in line[:first] if cell).replace('\\', '/')
        points = [
            _point(line[place : place + 2], f'{where}, body part {name}')
            for name, place in zip(names, range(first, width, 2), strict=True)
        ]
        rows.append((image, points))
    if not rows:
        raise ValueError(f'{path} has no row below its header.')
    return Table(path, names, rows)


def _read_header(lines: Sequence[list[str]], path: Path) -> tuple[int, list[str]]:
    """Find the first column of coordinates, and the names of the keypoints."""
    heads = [line[0] if line else '' for line in lines[:3]]
    if heads[1:2] == ['individuals']:
        raise ValueError(
            f'{path} labels several individuals (4 header rows); only files with one '
            'animal per image are read. Export each individual to a file of its own.'
        )
    if heads != ['scorer', 'bodyparts', 'coords']:
        raise ValueError(
            f'{path} is no label file: its first three rows should start with scorer, '
            f'bodyparts and coords, they start with {heads}.'
        )
    coords = lines[2]
    first = next((i for i, cell in enumerate(coords) if i and cell), len(coords))
    if 'likelihood' in coords:
        raise ValueError(f'{path} has likelihoods: these are predictions, no labels.')
    names = lines[1][first::2]
    if coords[first:] != ['x', 'y'] * len(names) or lines[1][first + 1 :: 2] != names:
        raise ValueError(f'{path}: expected a column x and a column y per body part.')
    if not names or len(set(names)) < len(names) or '' in names:
        raise ValueError(f'{path}: body parts are missing or repeated: {names}')
    return first, names


def _point(cells: Sequence[str], where: str) -> Point:
    try:
        x, y = (float(cell) if cell.strip() else math.nan for cell in cells)
    except ValueError:
        raise ValueError(f'{where}: {cells} are no numbers.') from None
    if math.isnan(x) and math.isnan(y):
        return 0, 0, 0
    if not (math.isfinite(x) and math.isfinite(y)):
        raise ValueError(f'{where}: x and y are both given or both empty, got {cells}.')
    return x, y, 2
