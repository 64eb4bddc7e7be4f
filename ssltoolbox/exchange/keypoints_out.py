"""Write pseudo-labelled keypoints as COCO JSON, for any tool that corrects those."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ssltoolbox.exchange.manifest import store_digest, write_manifest
from ssltoolbox.exchange.pool import Pool, least_sure, names_of
from ssltoolbox.semi.store import LabelStore
from ssltoolbox.utils.digest import settings_sha256
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
    of_rows = [names[int(i)] for i in labels.ids]
    chosen = sorted(_least_sure_images(labels, of_rows, count))
    images = {n: _image(number, root, n) for number, n in enumerate(chosen, 1)}
    rows = sorted(
        (row for row, name in enumerate(of_rows) if name in images),
        key=lambda row: (of_rows[row], row),
    )
    instances, annotations = {}, []
    for number, row in enumerate(rows, 1):
        own_id, name = int(labels.ids[row]), of_rows[row]
        box = pool.boxes.get(own_id)
        entry = _annotation(number, images[name], labels, row, box)
        annotations.append(entry)
        instances[number] = dict(id=own_id, file_name=name, bbox=entry.get('bbox'))
    category = _category(pool.meta)
    digest = settings_sha256(dict(store=store_digest(store), instances=instances))
    info = dict(
        description='Pseudo labels to be corrected: see docs/exchange.md of ssltoolbox',
        export=digest,
        images_are_below=str(root),
    )
    coco = dict(info=info, images=[*images.values()], annotations=annotations)
    write_json(Path(folder) / LABELS, dict(coco, categories=[category]))
    content = dict(
        export=digest,
        images={name: [i['width'], i['height']] for name, i in images.items()},
        instances=instances,
        keypoints=category['keypoints'],
    )
    write_manifest(folder, store, 'keypoints', content)
    return len(images)


def _least_sure_images(
    labels: LabelStore, names: Sequence[str], count: int | None
) -> set[str]:
    """Images by the mean score of their least sure instance."""
    lowest: dict[str, float] = {}
    for name, mean in zip(names, labels.scores.mean(1).tolist(), strict=True):
        lowest[name] = min(mean, lowest.get(name, mean))
    return least_sure(lowest, count)


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
