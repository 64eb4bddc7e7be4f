"""Keypoints from a table: one row per animal, in a CSV file."""

import csv
from pathlib import Path
from typing import Any

import numpy as np

from ssltoolbox.datasets.box_file import numbered_image
from ssltoolbox.datasets.pose.base import FileIds, TopdownPoseDataset
from ssltoolbox.registry import DATASETS

PLACE = ('image', 'left', 'top', 'right', 'bottom')
"""Columns before the joints, of which each has two: ``<name>_x`` and ``<name>_y``."""


@DATASETS.register_module()
class TablePoseDataset(TopdownPoseDataset):
    """Animals of a CSV file with the columns of :data:`PLACE` and of the joints.

    Coordinates are pixels of the image; an empty cell is a joint without a label.
    Images are numbered by their names, such as ``000000000785.jpg``.

    Args:
        kwargs: As of ``TopdownPoseDataset``.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A column is absent.
    """

    @classmethod
    def ids_in_file(cls, path: str | Path) -> FileIds:
        """List the images of a file, so that evaluation images are not trained on."""
        return dict(image_id=[numbered_image(row['image']) for row in read_table(path)])

    def load_data_list(self) -> list[dict[str, Any]]:
        """Make a record of every row."""
        self._require_root()
        rows = read_table(self.ann_file)
        names = [f'{name}_{axis}' for name in self._joints() for axis in 'xy']
        absent = [name for name in (*PLACE, *names) if name not in rows[0]]
        if absent:
            raise ValueError(
                f'{self.ann_file} has no column {absent[0]!r}: expected '
                f'{", ".join(PLACE)}, and x and y of each joint of the metainfo'
            )
        return [self._record(number, row, names) for number, row in enumerate(rows)]

    def _joints(self) -> list[str]:
        names = self._metainfo['keypoint_id2name']
        return [names[number] for number in range(len(names))]

    def _record(self, number: int, row: dict, names: list[str]) -> dict[str, Any]:
        left, top, right, bottom = (float(row[name]) for name in PLACE[1:])
        places = np.array([float(row[n] or 'nan') for n in names]).reshape(-1, 2)
        return self._instance(
            number,
            numbered_image(row['image']),
            str(Path(self.data_prefix['img'], row['image'])),
            (left, top, right, bottom),
            np.nan_to_num(places),
            np.isfinite(places).all(1),
            area=(right - left) * (bottom - top),
        )


def read_table(path: str | Path) -> list[dict[str, str]]:
    """Read the rows of a CSV file.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It has no row.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f'table {path} does not exist: check ann_file')
    with Path(path).open(newline='', encoding='utf-8') as file:
        rows = list(csv.DictReader(file))
    if not rows:
        raise ValueError(f'{path} has no rows: expected one for each animal')
    return rows
