"""Where the animals or persons are: boxes from the usual kinds of files."""

import math
from collections import defaultdict
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from ssltoolbox.datasets.coco_file import read_coco
from ssltoolbox.utils.json_file import read_json

HINT = (
    'Give {"file.jpg": [[x, y, w, h], ...]}, a list of COCO detections, or a COCO '
    'annotation file.'
)


class Boxes:
    """Boxes by image file, or the whole image where nothing is known.

    A box of width w starting at x ends at the pixel x + w - 1.

    Args:
        source (str | Path | dict, optional): JSON file or its content: ``{file_name:
            [[x, y, w, h], ...]}``; a list of COCO detections with ``bbox``,
            ``score`` and ``file_name`` or ``image_id`` (matched with the number in
            the file's name); or a COCO annotation file. None or ``'whole'`` stands
            for one box per image, the image itself.
        min_score (float): Detections with a lower score are left out, in [0, 1].

    Raises:
        FileNotFoundError: If the file does not exist.
        ValueError: If it is none of these kinds, or a box is wrong.
    """

    def __init__(
        self, source: str | Path | dict | None = None, min_score: float = 0.0
    ) -> None:
        self.whole = source is None or source == 'whole'
        self.name = source if isinstance(source, (str, Path)) else 'boxes'
        self.min_score = min_score
        self._found: dict[str | int, list[tuple[float, ...]]] = defaultdict(list)
        if not self.whole:
            self._collect(source)

    def of(self, file: str, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        """Give the boxes of one image.

        Args:
            file (str): Its path, as in the file of boxes or longer.
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
        path = PurePosixPath(file)
        for key in (file, path.name, int(path.stem) if path.stem.isdigit() else None):
            if key in self._found:
                return self._found[key]
        return []

    def _collect(self, source: str | Path | dict) -> None:
        content: Any = source
        if not isinstance(source, dict):
            content = read_json(source, 'file of boxes', HINT)
        if isinstance(content, list):
            self._collect_detections(content)
        elif isinstance(content, dict) and 'annotations' in content:
            self._collect_annotations(source)
        elif isinstance(content, dict):
            for file, boxes in content.items():
                if not isinstance(boxes, list):
                    raise self._error(f'entry {file!r} is no list of boxes')
                for box in boxes:
                    self._add((file,), box, 1.0, f'entry {file!r}')
        else:
            raise self._error(f'it is a {type(content).__name__}')

    def _collect_detections(self, detections: list) -> None:
        for number, entry in enumerate(detections):
            keys = []
            if isinstance(entry, dict):
                keys = [entry[k] for k in ('file_name', 'image_id') if k in entry]
            if not keys:
                raise self._error(f'detection {number} has no file_name or image_id')
            score = entry.get('score', 1.0)
            self._add(keys[:1], entry.get('bbox'), score, f'detection {number}')

    def _collect_annotations(self, source: str | Path | dict) -> None:
        content = source
        if not isinstance(source, dict):
            content = read_coco(source, required=('images', 'annotations'), hint=HINT)
        names = {image['id']: image['file_name'] for image in content['images']}
        for entry in content['annotations']:
            if 'bbox' in entry and not entry.get('iscrowd'):
                name = names[entry['image_id']]
                keys = {name, PurePosixPath(name).name}
                self._add(keys, entry['bbox'], 1.0, f'annotation {entry["id"]}')

    def _add(self, keys: Any, box: Any, score: float, place: str) -> None:
        try:
            row = tuple(float(value) for value in (*box[:4], score))
        except (TypeError, ValueError):
            row = ()
        if len(row) != 5 or not all(map(math.isfinite, row)):
            raise self._error(f'{place} has the box {box!r}, expected x, y, w, h')
        if row[4] >= self.min_score:
            for key in keys:
                self._found[key].append(row)

    def _error(self, problem: str) -> ValueError:
        return ValueError(f'{self.name} gives no boxes: {problem}. {HINT}')
