"""Read joints from a table."""

import csv
from pathlib import Path

import numpy as np

from ssltoolbox.datasets.pose.whole_image import WholeImagePoseDataset
from ssltoolbox.registry import DATASETS
from ssltoolbox.utils.digest import name_id


@DATASETS.register_module()
class TableOfJoints(WholeImagePoseDataset):
    """Whole images with one instance each: rows of ``image, x1, y1, x2, y2, ...``.

    A joint without numbers is not visible. An image without any is un-annotated.
    """

    def load_data_list(self) -> list[dict]:
        """Read the table; images are beside it."""
        folder = Path(self.ann_file).parent
        with open(self.ann_file, encoding='utf-8', newline='') as file:
            return [self._row(folder, *row) for row in csv.reader(file)]

    def _row(self, folder: Path, name: str, *cells: str) -> dict:
        numbers = np.array([float(cell or 'nan') for cell in cells]).reshape(-1, 2)
        visible = np.isfinite(numbers).all(1, keepdims=True)
        joints = np.concatenate([np.nan_to_num(numbers), visible], 1)[None]
        path = str(folder / name)
        return self._record(
            name_id(name), path, name, joints=joints if visible.any() else None
        )
