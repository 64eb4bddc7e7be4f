"""Read corrected COCO JSON back into a store, and refuse what does not fit."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ssltoolbox.datasets.coco_file import read_coco
from ssltoolbox.exchange.keypoints_out import LABELS, exported_points, inside
from ssltoolbox.exchange.manifest import corrections, read_manifest, refuse_unknown
from ssltoolbox.semi.store import LabelStore

MOVED = 0.1
"""Pixels from which on a point was moved: tools round, and no hand moves by less."""


def import_keypoints(
    folder: str | Path,
    store: str | Path,
    out: str | Path,
    entry: Mapping[str, Any],
    checked: list[str],
    accept_deleted: bool = False,
) -> LabelStore:
    """Make a new store of a store and the corrected ``labels.json`` of its export.

    An instance counts as corrected where a joint was moved by 0.1 px or more, taken
    out, or put in. Then the person answers for all of its joints, whose scores become
    1, and 0 of those without a label. All others stay as they are, bit by bit.

    Args:
        folder: What ``export_keypoints`` wrote, edited.
        store: Where it came from.
        out: Folder of the new store.
        entry: What ``meta.json`` is to say of the correction.
        checked: Names of images that were looked at; their instances count as
            corrected even if nothing was changed.
        accept_deleted: Instances that are gone lose all of their joints.

    Raises:
        FileNotFoundError: A file is absent.
        ValueError: The file is of another store, has unknown ids or other joints,
            lacks instances, or its images have other sizes.
    """
    labels = LabelStore.read(store)
    about = read_manifest(folder, store, 'keypoints')
    path = Path(folder) / LABELS
    given = _read(path, about, len(about['keypoints']))
    refuse_unknown('image names', checked, about['images'], 'list of checked images')
    rows = dict(zip(labels.ids.tolist(), range(len(labels.ids)), strict=True))
    points, scores = labels.keypoints.copy(), labels.scores.copy()
    corrected, touched = labels.corrected.copy(), 0
    gone = [n for n in about['instances'] if int(n) not in given]
    if gone and not accept_deleted:
        raise ValueError(
            f'{path} lacks {len(gone)} of {len(about["instances"])} instances (first: '
            f'annotation {gone[0]}): if they were deleted on purpose, give '
            '--accept-deleted, and they will count as instances without joints'
        )
    for number, instance in about['instances'].items():
        row = rows[instance['id']]
        size = about['images'][instance['file_name']]
        before = exported_points(labels, row, size)
        after = given.get(int(number), np.zeros_like(before))
        moved = _moved(before, after)
        if not moved.any() and instance['file_name'] not in checked:
            continue
        labelled = after[:, 2] > 0
        points[row] = np.where((moved & labelled)[:, None], after[:, :2], points[row])
        scores[row], corrected[row] = labelled, True
        touched += 1
    entry = dict(entry, labels=touched, of=about['store'])
    meta = dict(labels.meta, corrections=corrections(labels.meta, entry))
    return LabelStore.write(out, labels.ids, points, scores, meta, corrected)


def _moved(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """(K,) bool, joints that a person changed: tools clear those without a label."""
    labelled = (before[:, 2] > 0) & (after[:, 2] > 0)
    far = np.abs(before[:, :2] - after[:, :2]).max(1) >= MOVED
    # that it is hidden, 1, is said by a person too
    return (before[:, 2] != after[:, 2]) | (labelled & far)


def _read(path: Path, about: Mapping[str, Any], count: int) -> dict[int, np.ndarray]:
    """``{number: (K, 3)}`` of all annotations, checked against what was exported."""
    coco = read_coco(path, count, hint='Save it again in the COCO keypoint format.')
    info = coco.get('info')
    told = info.get('export') if isinstance(info, dict) else None
    if told not in (None, about['export']):
        raise ValueError(
            f'{path} is of another export than this folder: put each corrected file '
            'back into its own folder'
        )
    _check_images(coco['images'], about['images'], path)
    _check_categories(coco['categories'], about['keypoints'], path)
    refuse_unknown(
        'annotation ids',
        [a['id'] for a in coco['annotations']],
        map(int, about['instances']),
        path,
    )
    images = {image['id']: image for image in coco['images']}
    boxes = defaultdict(list)
    for instance in about['instances'].values():
        boxes[instance['file_name']].append(instance['bbox'])
    return {
        annotation['id']: _points(annotation, images, about, boxes, path)
        for annotation in coco['annotations']
    }


def _check_images(images: list, known: Mapping[str, list[int]], path: Path) -> None:
    refuse_unknown('images', [i['file_name'] for i in images], known, path)
    for image in images:
        size, name = [image.get('width'), image.get('height')], image['file_name']
        if size != known[name]:
            raise ValueError(
                f'{path}: image {name} is {size[0]} x {size[1]} px, it was exported '
                f'with {known[name][0]} x {known[name][1]}: coordinates of another '
                'size do not fit. Correct the images in their own size'
            )


def _check_categories(categories: list, names: list[str], path: Path) -> None:
    for category in categories:
        if category.get('keypoints', names) != names:
            raise ValueError(
                f'{path} has the keypoints {category["keypoints"]}, exported were '
                f'{names}: joints must be neither renamed, lost nor put into another '
                'order'
            )


def _points(
    annotation: dict,
    images: Mapping[int, dict],
    about: Mapping[str, Any],
    boxes: Mapping[str, list],
    path: Path,
) -> np.ndarray:
    number = annotation['id']
    if 'keypoints' not in annotation:
        raise ValueError(f'{path}: annotation {number} has lost its keypoints')
    image, exported = images[annotation['image_id']], about['instances'][str(number)]
    name = exported['file_name']
    if image['file_name'] != name or _renumbered(annotation, exported, boxes[name]):
        raise ValueError(
            f'{path}: annotation {number} is not that of the export, which lies in '
            f'{name} at {exported["bbox"]}: the tool gave other ids. '
            'Let it keep them'
        )
    points = np.array(annotation['keypoints'], float).reshape(-1, 3)
    if not np.isin(points[:, 2], (0, 1, 2)).all():
        raise ValueError(
            f'{path}: annotation {number} has a visibility that is not 0, 1 or 2'
        )
    size = image['width'], image['height']
    outside = ~inside(points[:, :2], size) & (points[:, 2] > 0)
    if outside.any():
        joint = about['keypoints'][int(outside.argmax())]
        raise ValueError(
            f'{path}: annotation {number} has {joint!r} outside of its image: move it '
            'into the image, or set its visibility to 0'
        )
    return points


def _renumbered(annotation: dict, exported: dict, boxes: list) -> bool:
    """Whether its box is that of another instance of the same image."""
    box, own = annotation.get('bbox'), exported['bbox']
    if box is None or own is None or np.allclose(box, own, atol=1):
        return False
    return any(np.allclose(box, other, atol=0.05) for other in boxes)
