"""Write pseudo-labelled keypoints as COCO JSON, for any tool that corrects those."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ssltoolbox.exchange.manifest import store_digest, write_manifest
from ssltoolbox.exchange.pool import Pool, least_sure, names_of
from ssltoolbox.semi.store import LabelStore
from ssltoolbox.utils.json_file import write_json

LABELS = 'labels.json'
DIGITS = 2
"""Of coordinates in the file. Labels that nobody moves keep all of theirs."""


def export_keypoints(
    store: str | Path, folder: str | Path, pool: Pool, count: int | None = None
) -> int:
    """Write ``labels.json`` and the record that an import compares it with.

    Images and instances are numbered from 1 on: ids of a store may be larger than
    programs in JavaScript can hold.

    Args:
        store: Folder of a :class:`~ssltoolbox.semi.store.LabelStore`.
        folder: Where to write.
        pool: The images that it labels.
        count: Only this many images, those with the least sure instance; None: all.

    Returns:
        Number of images.

    Raises:
        ValueError: The store is of other data.
    """
    labels = LabelStore.read(store)
    _check_pool(labels, pool)
    root, names = names_of({int(i): pool.files[int(i)] for i in labels.ids})
    means = labels.scores.mean(1)
    by_image: dict[str, float] = {}
    for i, mean in zip(labels.ids, means, strict=True):
        name = names[int(i)]
        by_image[name] = min(float(mean), by_image.get(name, np.inf))
    chosen = sorted(least_sure(by_image, count))
    images = [_image(number, root, name) for number, name in enumerate(chosen, 1)]
    by_name = {image['file_name']: image for image in images}
    rows = [row for row, i in enumerate(labels.ids) if names[int(i)] in by_name]
    rows.sort(key=lambda row: (names[int(labels.ids[row])], row))
    instances = {}
    annotations = []
    for number, row in enumerate(rows, 1):
        own_id = int(labels.ids[row])
        name = names[own_id]
        box = pool.boxes.get(own_id)
        entry = _annotation(number, by_name[name], labels, row, box)
        annotations.append(entry)
        instances[number] = dict(id=own_id, file_name=name, bbox=entry.get('bbox'))
    category = _category(pool.meta)
    info = dict(
        description='Pseudo labels to be corrected: see docs/exchange.md of ssltoolbox',
        store=store_digest(store),
        images_are_below=str(root),
    )
    write_json(
        Path(folder) / LABELS,
        dict(info=info, images=images, annotations=annotations, categories=[category]),
    )
    sizes = {i['file_name']: [i['width'], i['height']] for i in images}
    content = dict(images=sizes, instances=instances, keypoints=category['keypoints'])
    write_manifest(folder, store, 'keypoints', content)
    return len(images)


def exported_points(labels: LabelStore, row: int, size: Sequence[int]) -> np.ndarray:
    """(K, 3) x, y in image px and COCO's visibility of a label, as it is exported.

    0 is a joint without a label: the network found nothing, or only outside of the
    image, or a person took it out. Every other joint is 2.

    Args:
        labels: The store.
        row: Of the label.
        size: (width, height) of the image.
    """
    points = np.round(labels.keypoints[row].astype(float), DIGITS)
    found = (labels.scores[row] > 0) & inside(points, size)
    return np.column_stack([points * found[:, None], 2 * found])


def inside(points: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """(K,) bool, which of the points (K, 2) lie on pixels of an image."""
    return ((points >= -0.5) & (points <= np.asarray(size) - 0.5)).all(1)


def _annotation(
    number: int, image: dict, labels: LabelStore, row: int, box: np.ndarray | None
) -> dict[str, Any]:
    points = exported_points(labels, row, (image['width'], image['height']))
    entry: dict[str, Any] = dict(
        id=number,
        image_id=image['id'],
        category_id=1,
        iscrowd=0,
        keypoints=[int(v) if i % 3 == 2 else v for i, v in enumerate(points.ravel())],
        num_keypoints=int((points[:, 2] > 0).sum()),
        score=round(float(labels.scores[row].mean()), 4),
        corrected=bool(labels.corrected[row]),
    )
    if box is not None:
        x, y, right, bottom = (round(float(each), DIGITS) for each in box)
        width, height = round(right - x, DIGITS), round(bottom - y, DIGITS)
        entry.update(bbox=[x, y, width, height], area=round(width * height, DIGITS))
    return entry


def _image(number: int, root: Path, name: str) -> dict[str, Any]:
    try:
        with Image.open(root / name) as file:  # reads the header only
            width, height = file.size
    except OSError as error:
        raise ValueError(
            f'image {root / name} cannot be read ({error}): give the folder of the '
            'images, --cfg-options data_root=FOLDER'
        ) from None
    return dict(id=number, file_name=name, width=width, height=height)


def _category(meta: dict[str, Any]) -> dict[str, Any]:
    names = meta['keypoint_id2name']
    return dict(
        id=1,
        name=str(meta.get('dataset_name', 'pose')),
        supercategory='',
        keypoints=[names[k] for k in sorted(names)],
        skeleton=[[int(a) + 1, int(b) + 1] for a, b in meta.get('skeleton_links', [])],
    )


def _check_pool(labels: LabelStore, pool: Pool) -> None:
    ids = {int(i) for i in labels.ids}
    absent = ids - set(pool.files)
    count = len(pool.meta.get('keypoint_id2name', ()))
    if absent or labels.scores.shape[1] != count:
        raise ValueError(
            f'the store has {len(ids)} labels of {labels.scores.shape[1]} keypoints, '
            f'{len(absent)} of them of instances that the data set does not know, '
            f'which has {count} keypoints: give the config whose stage made the store '
            '(--config), with its data (--cfg-options data_root=FOLDER)'
        )
