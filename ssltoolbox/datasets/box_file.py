"""Where the animals or persons are: boxes from the usual kinds of files."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from ssltoolbox.datasets.coco_file import check_coco, without_gc
from ssltoolbox.utils.json_file import read_json

HINT = (
    'Give {"file.jpg": [[x, y, w, h], ...]}, a list of COCO detections with bbox, '
    'score, and file_name or image_id, or a COCO annotation file.'
)


Box = tuple[float, float, float, float]


class FoundBox(NamedTuple):
    """A box in an image.

    Args:
        id: Unique in its file, and the same whatever score is asked for.
        img_id: Id of the image, if the file gives one.
        file_name: Name of the image, if the file gives one; one of both is known.
        bbox: x, y, w, h in pixels.
        score: 1 where the file has none.
        category_id: None where the file has none.
    """

    id: int
    img_id: int | None
    file_name: str | None
    bbox: Box
    score: float
    category_id: int | None = None

    @property
    def corners(self) -> Box:
        """x1, y1, x2, y2, where x2 = x + w as detectors mean it."""
        x, y, width, height = self.bbox
        return (x, y, x + width, y + height)


def read_boxes(source: str | Path | dict | list) -> list[FoundBox]:
    """Read the boxes of many images.

    Args:
        source: JSON file or its content: ``{file_name: [[x, y, w, h], ...]}``; a list
            of COCO detections; or a COCO annotation file, without its crowds.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is none of these kinds, or an entry is wrong.
    """
    name, content = 'boxes', source
    if isinstance(source, str | Path):
        name = str(source)
        with without_gc():
            content = read_json(source, 'box file', HINT)
    if isinstance(content, list):
        return [_detection(*entry, name) for entry in enumerate(content)]
    if not isinstance(content, dict):
        raise _error(name, f'it is a {type(content).__name__}')
    if content.keys() & {'images', 'annotations'}:
        check_coco(content, name, required=('images', 'annotations'), hint=HINT)
        return list(_annotated(content))
    return list(_by_file(content, name))


def select_boxes(
    path: str | Path, min_score: float = 0.0, categories: Sequence[int] = ()
) -> list[FoundBox]:
    """Read the boxes that can be used, or say why there are none.

    Args:
        path: File of :func:`read_boxes`.
        min_score: Boxes with a lower score are left out.
        categories: Boxes of other categories are left out, such as all but persons
            by ``(1,)``. Boxes without a category stay, and with none given, all.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is wrong, or no box is left.
    """
    found = read_boxes(path)
    wanted = {None, *categories}
    of_kind = [b for b in found if not categories or b.category_id in wanted]
    if found and not of_kind:
        others = sorted({box.category_id for box in found})[:8]
        raise ValueError(
            f'{path}: none of {len(found)} boxes is of category '
            f'{", ".join(map(str, categories))}; there are boxes of {others}. Give the '
            'boxes of a detector of persons, or other categories.'
        )
    kept = [b for b in of_kind if b.score >= min_score and min(b.bbox[2:]) > 0]
    if not kept:
        best = max((box.score for box in of_kind), default=None)
        raise ValueError(
            f'{path}: none of {len(of_kind)} boxes has an area and a score of at least '
            f'{min_score}; the best score is {best}. Lower min_score, or give another '
            'file of boxes.'
        )
    return kept


def numbered_image(file_name: str) -> int | None:
    """Read the image id from a name such as 000000000785.jpg, as in COCO and AP-10K."""
    stem = PurePosixPath(file_name).stem
    return int(stem) if stem.isascii() and stem.isdigit() else None


def _annotated(coco: dict[str, Any]) -> Iterator[FoundBox]:
    names = {image['id']: image['file_name'] for image in coco['images']}
    for entry in coco['annotations']:
        if 'bbox' in entry and not entry.get('iscrowd'):
            x, y, width, height = entry['bbox']
            name = names[entry['image_id']]
            box = (x, y, width, height)
            category = entry.get('category_id')
            yield FoundBox(entry['id'], entry['image_id'], name, box, 1.0, category)


def _by_file(content: dict[str, Any], name: str) -> Iterator[FoundBox]:
    number = 0
    for file, boxes in content.items():
        if not isinstance(boxes, list):
            raise _error(name, f'entry {file!r} is no list of boxes')
        for box in boxes:
            yield FoundBox(
                number, None, file, *_numbers(box, 1.0, f'entry {file!r}', name)
            )
            number += 1


def _detection(number: int, entry: Any, name: str) -> FoundBox:
    place = f'detection {number}'
    fields = entry if isinstance(entry, dict) else {}
    file, image = fields.get('file_name'), fields.get('image_id')
    if not isinstance(file, str) and not isinstance(image, int):
        raise _error(name, f'{place} has no file_name or image_id')
    score = entry.get('score', 1.0)
    numbers = _numbers(entry.get('bbox'), score, place, name)
    return FoundBox(number, image, file, *numbers, entry.get('category_id'))


def _numbers(box: Any, score: Any, place: str, name: str) -> tuple[Box, float]:
    try:
        x, y, width, height = map(float, box)
        if math.isfinite(x + y + width + height + float(score)):
            return (x, y, width, height), float(score)
    except (TypeError, ValueError):
        pass
    raise _error(
        name,
        f'{place} has the box {box!r} and the score {score!r}, expected x, y, w, h and '
        'a score, all finite numbers',
    )


def _error(name: str, problem: str) -> ValueError:
    return ValueError(f'{name} gives no boxes: {problem}. {HINT}')
