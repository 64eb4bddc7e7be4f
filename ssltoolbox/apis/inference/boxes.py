"""Boxes by image file, or the whole image where nothing is known."""

from collections import defaultdict
from pathlib import Path, PurePosixPath

import numpy as np

from ssltoolbox.datasets.box_file import FoundBox, numbered_image, read_boxes


class Boxes:
    """Look up the boxes of an image by its name.

    A box of width w starting at x ends at the pixel x + w - 1.

    Args:
        source (str | Path | dict, optional): JSON file or its content, as in
            :func:`~ssltoolbox.datasets.box_file.read_boxes`. Detections that have
            only an ``image_id`` belong to the image with that number as its name.
            None or ``'whole'`` stands for one box per image, the image itself.
        min_score (float): Detections with a lower score are left out, in [0, 1].

    Raises:
        FileNotFoundError: If the file does not exist.
        ValueError: If it is of another kind, or a box is wrong.
    """

    def __init__(
        self, source: str | Path | dict | list | None = None, min_score: float = 0.0
    ) -> None:
        self.whole = source is None or source == 'whole'
        self.name = source if isinstance(source, str | Path) else 'boxes'
        self._named: dict[str, list[FoundBox]] = defaultdict(list)
        self._numbered: dict[int | None, list[FoundBox]] = defaultdict(list)
        if source is None or source == 'whole':
            return
        for box in read_boxes(source):
            if box.score < min_score:
                continue
            if box.file_name is None:
                self._numbered[box.img_id].append(box)
            else:
                self._named[box.file_name].append(box)
        self._alike: dict[str, list[str]] = defaultdict(list)
        for name in self._named:
            self._alike[PurePosixPath(name).name].append(name)

    def of(self, file: str, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """Give the boxes of one image.

        Args:
            file (str): Its path, as in the file of boxes, longer or shorter.
            size (tuple[int, int]): Its (width, height) in px; boxes are clipped to it.

        Returns:
            tuple[np.ndarray, np.ndarray]: Boxes (N, 4) as x1, y1, x2, y2 in px, and
            their scores (N,). N is 0 for an image that is not in the file.
        """
        rows = [(0, 0, *size, 1)] if self.whole else self._rows(file)
        boxes = np.array(rows, np.float32).reshape(-1, 5)
        corners = np.stack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:4] - 1], axis=1)
        corners = corners.clip(0, np.array(size, np.float32) - 1)
        usable = (corners[:, 1] > corners[:, 0]).all(-1)
        return corners.reshape(-1, 4)[usable], boxes[usable, 4]

    def _rows(self, file: str) -> list[tuple[float, ...]]:
        return [(*box.bbox, box.score) for box in self._lookup(file)]

    def _lookup(self, file: str) -> list[FoundBox]:
        alike = self._alike.get(PurePosixPath(file).name, [])
        shorter = [name for name in alike if f'/{file}'.endswith(f'/{name}')]
        longer = [name for name in alike if name.endswith(f'/{file}')]
        if shorter:
            return self._named[max(shorter, key=len)]
        if len(longer) == 1:
            return self._named[longer[0]]
        return self._numbered.get(numbered_image(file), [])
