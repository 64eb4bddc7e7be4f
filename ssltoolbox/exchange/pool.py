"""The images that a store labels."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ssltoolbox.datasets.multi_source import sources_of


@dataclass(frozen=True)
class Pool:
    """The images that were labelled.

    Attributes:
        files: File of each sample's image, by id.
        boxes: (x1, y1, x2, y2) of each sample in image px, by id, where it has one.
        meta: Meta information of the data set.
    """

    files: dict[int, Path]
    boxes: dict[int, np.ndarray]
    meta: dict[str, Any]

    @classmethod
    def of(cls, dataset) -> 'Pool':
        """List the samples of a data set, without reading their images."""
        files, boxes = {}, {}
        for record in _records(dataset):
            files[int(record['id'])] = Path(record['img_path'])
            if 'bbox' in record:
                boxes[int(record['id'])] = np.asarray(record['bbox'])[0]
        return cls(files, boxes, dict(dataset.metainfo))


def _records(dataset) -> Iterable[dict[str, Any]]:
    for source in sources_of(dataset):
        for index in range(len(source)):
            yield source.get_data_info(index)


def names_of(files: dict[int, Path]) -> tuple[Path, dict[int, str]]:
    """Folder that all files share, and their names below it, with ``/``."""
    folders = {path.absolute().parent for path in files.values()}
    root = next(iter(folders))
    while not all(folder.is_relative_to(root) for folder in folders):
        root = root.parent
    return root, {
        i: path.absolute().relative_to(root).as_posix() for i, path in files.items()
    }


def least_sure(scores: dict[Any, float], count: int | None) -> set:
    """Those of the lowest scores; all of them if ``count`` is None.

    >>> sorted(least_sure({'a': 0.9, 'b': 0.1, 'c': 0.5}, 2))
    ['b', 'c']

    Raises:
        ValueError: The count is not positive.
    """
    if count is not None and count < 1:
        raise ValueError(f'--least-sure must be at least 1 image, got {count}')
    return set(sorted(scores, key=lambda each: (scores[each], each))[:count])
