"""Read COCO-style annotation files, checked once, with errors that name the entry."""

import ctypes
import gc
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from math import isfinite
from pathlib import Path
from typing import Any

from ssltoolbox.utils.json_file import read_json

PARTS = ('images', 'annotations', 'categories')
_HINT = 'Check the path, or download the file again.'


@contextmanager
def without_gc() -> Iterator[None]:
    """Pause the cyclic collector while many objects are made, none of them cyclic.

    It would walk over millions of them again and again: half of the loading time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def release_memory() -> None:
    """Hand freed memory back to the system, which glibc does not do by itself.

    A parsed file is many times larger than the records that are kept of it.
    Elsewhere than on Linux nothing happens.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL('libc.so.6').malloc_trim(0)


def read_coco(
    path: str | Path,
    num_keypoints: int | None = None,
    required: Sequence[str] = PARTS,
    hint: str = _HINT,
) -> dict[str, Any]:
    """Read and check a COCO-style annotation file.

    Args:
        path: The file.
        num_keypoints: Keypoints that each annotated instance must have; None
            accepts any number.
        required: Lists that the file must have.
        hint: The next step for the user when the file cannot be read.

    Returns:
        The content; its ids are unique and refer to existing entries.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: Not JSON, not COCO-style, or an entry is wrong.
    """
    with without_gc():
        coco = read_json(path, 'annotation file', hint)
        check_coco(coco, path, num_keypoints, required, hint)
    return coco


def check_coco(
    coco: Any,
    path: str | Path,
    num_keypoints: int | None = None,
    required: Sequence[str] = PARTS,
    hint: str = _HINT,
) -> None:
    """Check the content of a COCO-style annotation file, as in :func:`read_coco`.

    Raises:
        ValueError: It is not COCO-style, or an entry is wrong; names ``path``.
    """
    _check_parts(coco, path, required, hint)
    images = _unique_ids(coco.get('images', ()), path, 'image')
    categories = _unique_ids(coco.get('categories', ()), path, 'category')
    _unique_ids(coco.get('annotations', ()), path, 'annotation')
    for image in coco.get('images', ()):
        if not isinstance(image.get('file_name'), str):
            raise ValueError(f'{path}: image {image["id"]} has no file_name.')
    for annotation in coco.get('annotations', ()):
        problem = _annotation_problem(annotation, num_keypoints)
        if not problem and annotation['image_id'] not in images:
            problem = f'belongs to image {annotation["image_id"]}, which is absent'
        if not problem and categories:
            if annotation.get('category_id') not in categories:
                problem = (
                    f'has category {annotation.get("category_id")!r}, which is '
                    'not in "categories"'
                )
        if problem:
            raise ValueError(f'{path}: annotation {annotation["id"]} {problem}.')


def usable_box(
    annotation: dict[str, Any], image: dict[str, Any]
) -> tuple[float, float, float, float] | None:
    """Clip the box of an instance, or say that the instance cannot be used.

    An instance is used when it is no crowd, has an area and a labelled keypoint,
    and its box is not empty after clipping. The last pixel of a box of width w is
    x + w - 1, as in ScarceNet (Li & Lee, CVPR 2023), so that the crops are equal.

    Returns:
        (x1, y1, x2, y2) in image pixels, or None.
    """
    keypoints = annotation.get('keypoints')
    if not keypoints or 'bbox' not in annotation or annotation.get('iscrowd'):
        return None
    x, y, width, height = annotation['bbox']
    if annotation.get('area', width * height) <= 0 or not any(keypoints[2::3]):
        return None
    x1, y1 = max(0, x), max(0, y)
    x2 = min(image['width'] - 1, x1 + max(0, width - 1))
    y2 = min(image['height'] - 1, y1 + max(0, height - 1))
    return (x1, y1, x2, y2) if x2 > x1 and y2 > y1 else None


def usable_instances(
    coco: dict[str, Any],
) -> Iterator[tuple[dict[str, Any], dict[str, Any], tuple[float, ...]]]:
    """Walk over the instances that can be trained on, image by image.

    The order is that of the images in the file, then that of the annotations:
    the order in which ScarceNet numbers its records. The annotations are taken out
    of ``coco``, so that the memory of each is free as soon as the caller lets go.

    Yields:
        The image, the annotation, and the box of :func:`usable_box`.

    Raises:
        ValueError: An image has no size.
    """
    by_image = defaultdict(list)
    while coco['annotations']:
        annotation = coco['annotations'].pop()
        by_image[annotation['image_id']].append(annotation)
    for image in coco['images']:
        if 'width' not in image or 'height' not in image:
            raise ValueError(f'image {image["id"]} has no width and height')
        found = by_image.pop(image['id'], [])
        while found:
            annotation = found.pop()
            box = usable_box(annotation, image)
            if box is not None:
                yield image, annotation, box


def select_categories(
    coco: dict[str, Any],
    species: Sequence[str] = (),
    families: Sequence[str] = (),
) -> set[int]:
    """Find the ids of the categories with one of these names or super-categories.

    Raises:
        ValueError: A name does not occur; the valid ones are listed.
    """
    chosen = set()
    for field, names in (('name', species), ('supercategory', families)):
        if isinstance(names, str):
            raise ValueError(f'expected a list of names, got the text {names!r}')
        ids = defaultdict(set)
        for category in coco['categories']:
            ids[category.get(field)].add(category['id'])
        for name in names:
            if name not in ids:
                what = 'species' if field == 'name' else 'family'
                valid = ', '.join(sorted(str(i) for i in ids if i is not None))
                raise ValueError(f'unknown {what} {name!r}; the data have: {valid}')
            chosen |= ids[name]
    return chosen


def _check_parts(coco: Any, path: Any, required: Sequence[str], hint: str) -> None:
    if not isinstance(coco, dict):
        raise ValueError(
            f'{path} is not a COCO-style annotation file: expected an object with '
            f'{", ".join(required)}, got {type(coco).__name__}. {hint}'
        )
    missing = [name for name in required if name not in coco]
    if missing:
        raise ValueError(
            f'{path} is not a COCO-style annotation file: it lacks '
            f'{", ".join(missing)}; it has {", ".join(list(coco)[:8]) or "nothing"}. '
            f'{hint}'
        )
    for name in PARTS:
        if not isinstance(coco.get(name, []), list):
            raise ValueError(f'{path}: "{name}" is not a list.')


def _unique_ids(entries: Sequence[Any], path: Any, what: str) -> set[int]:
    ids = set()
    for place, entry in enumerate(entries):
        if not isinstance(entry, dict) or type(entry.get('id')) is not int:
            raise ValueError(f'{path}: {what} number {place} has no integer id.')
        if entry['id'] in ids:
            raise ValueError(f'{path}: two entries have the {what} id {entry["id"]}.')
        ids.add(entry['id'])
    return ids


def _annotation_problem(annotation: dict, num_keypoints: int | None) -> str:
    if 'image_id' not in annotation:
        return 'has no image_id'
    box = annotation.get('bbox')
    if 'bbox' in annotation and not (_is_numbers(box) and len(box) == 4):
        return f'has the bbox {box!r}, expected four finite numbers x, y, w, h'
    if not isinstance(annotation.get('area', 0), int | float):
        return f'has the area {annotation["area"]!r}, expected a number'
    if 'keypoints' not in annotation:
        return ''
    keypoints = annotation['keypoints']
    if not _is_numbers(keypoints) or len(keypoints) % 3:
        return 'has keypoints that are no flat list of finite x, y, visibility'
    if num_keypoints is not None and len(keypoints) != 3 * num_keypoints:
        return (
            f'has {len(keypoints) // 3} keypoints, expected {num_keypoints}. Check '
            'that the file and the metainfo belong to the same data set'
        )
    return ''


def _is_numbers(values: Any) -> bool:
    # A sum is one fast call and fails on whatever is not a finite number.
    try:
        return isinstance(values, list) and isfinite(sum(values))
    except (TypeError, OverflowError):
        return False
