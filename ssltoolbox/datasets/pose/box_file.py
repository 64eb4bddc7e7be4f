"""List the boxes of unlabelled images: detections, annotations, or none."""

import hashlib
from collections.abc import Iterable
from math import isfinite
from pathlib import Path
from typing import Any, NamedTuple

from ssltoolbox.datasets.coco_file import read_coco
from ssltoolbox.utils.json_file import read_json

HINT = (
    'Expected a list of COCO detections with bbox, score, and image_id or file_name; '
    'or a COCO annotation file.'
)


class FoundBox(NamedTuple):
    """A box in an image.

    Args:
        id: Unique in its file, and the same whatever score is asked for.
        img_id: Id of the image.
        file_name: The image, relative to the folder of images.
        bbox: x, y, w, h in pixels.
        score: 1 for annotated boxes.
    """

    id: int
    img_id: int
    file_name: str
    bbox: tuple[float, ...]
    score: float


def name_id(file_name: str) -> int:
    """Make an id from a name, so that new images do not change the ids of others."""
    digest = hashlib.sha256(file_name.encode()).digest()
    return int.from_bytes(digest[:8], 'big') >> 1


def read_boxes(path: str | Path, id_to_name: dict[int, str]) -> list[FoundBox]:
    """Read boxes from a list of COCO detections or a COCO annotation file.

    Args:
        path: The JSON file.
        id_to_name: File names of the ``image_id`` in detections without file_name.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: Another kind of file, a wrong entry, or an unknown image.
    """
    content = read_json(path, 'box file', HINT)
    if isinstance(content, dict):
        return _annotated(read_coco(path, required=('images', 'annotations')))
    if not isinstance(content, list):
        raise ValueError(f'box file {path} is a {type(content).__name__}. {HINT}')
    return [
        _detection(place, entry, id_to_name, path)
        for place, entry in enumerate(content)
    ]


def numbered_names(names: Iterable[str]) -> dict[int, str]:
    """Read the image id from names such as 000000000785.jpg, as COCO and AP-10K do."""
    found: dict[int, str] = {}
    for name in names:
        stem = Path(name).stem
        if stem.isascii() and stem.isdigit():
            found[int(stem)] = name
    return found


def _annotated(coco: dict[str, Any]) -> list[FoundBox]:
    names = {image['id']: image['file_name'] for image in coco['images']}
    return [
        FoundBox(a['id'], a['image_id'], names[a['image_id']], tuple(a['bbox']), 1.0)
        for a in coco['annotations']
        if 'bbox' in a and not a.get('iscrowd')
    ]


def _detection(
    place: int, entry: Any, id_to_name: dict[int, str], path: str | Path
) -> FoundBox:
    where = f'{path}: detection number {place}'
    try:
        bbox = tuple(float(value) for value in entry['bbox'])
        score = float(entry.get('score', 1.0))
        if len(bbox) != 4 or not isfinite(sum(bbox) + score):
            raise ValueError
    except (TypeError, KeyError, ValueError, AttributeError):
        raise ValueError(
            f'{where} has no bbox of four finite numbers x, y, w, h and score. {HINT}'
        ) from None
    name = entry.get('file_name')
    if name is None:
        name = id_to_name.get(entry.get('image_id'))
    if name is None:
        raise ValueError(
            f'{where}: no image is known for image_id {entry.get("image_id")!r}. Give '
            'an annotation file with the images of these ids as image_names.'
        )
    return FoundBox(place, entry.get('image_id', name_id(name)), name, bbox, score)
