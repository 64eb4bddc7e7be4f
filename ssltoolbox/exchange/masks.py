"""Write pseudo-labelled masks as coloured PNGs, and read corrected ones back."""

import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from ssltoolbox.datasets.seg.codes import IGNORED
from ssltoolbox.exchange.class_colours import (
    WHITE,
    colours_of,
    read_coloured,
    write_coloured,
)
from ssltoolbox.exchange.manifest import (
    corrections,
    read_manifest,
    refuse_unknown,
    write_manifest,
)
from ssltoolbox.exchange.pool import least_sure
from ssltoolbox.semi.mask_store import MaskStore, mask_file, write_mask
from ssltoolbox.utils.digest import file_sha256
from ssltoolbox.utils.json_file import write_json
from ssltoolbox.utils.progress_bar import progress_bar

MASKS, CLASSES = 'masks', 'classes.json'
_OF_A_MASK = ('confidence', 'bytes', 'accepted', 'corrected')
"""What is known of an image that its mask decides."""


def export_masks(
    store: str | Path, folder: str | Path, count: int | None = None
) -> int:
    """Write ``masks/<image>.png``, ``classes.json``, and the record of both.

    Rejected images are written too: they are worth correcting most.

    Args:
        store: Folder of a :class:`~ssltoolbox.semi.mask_store.MaskStore`.
        folder: Where to write.
        count: Only this many images, the least sure ones; None: all.

    Returns:
        Number of images.
    """
    masks, folder = MaskStore.read(store), Path(folder)
    colours = _colours(masks)
    sure = {i: image['confidence'] for i, image in masks.images.items()}
    chosen = sorted(least_sure(sure, count))
    names = _file_names({i: masks.images[i].get('name', str(i)) for i in chosen})
    files = {}
    with progress_bar('masks', len(chosen)) as advance:
        for i in chosen:
            classes, _ = masks.load(i)
            path = folder / MASKS / names[i]
            write_coloured(path, classes, colours)
            size = list(classes.shape[::-1])
            files[names[i]] = dict(id=i, size=size, sha256=file_sha256(path))
            advance()
    told = [
        dict(id=i, name=name, colour=list(colour))
        for i, (name, colour) in enumerate(
            zip(masks.meta['classes'], colours, strict=True)
        )
    ]
    write_json(
        folder / CLASSES,
        dict(classes=told, ignored=dict(id=IGNORED, colour=list(WHITE))),
    )
    write_manifest(folder, store, 'masks', dict(masks=files))
    return len(chosen)


def import_masks(
    folder: str | Path,
    store: str | Path,
    out: str | Path,
    entry: Mapping[str, Any],
    checked: list[str],
) -> MaskStore:
    """Make a new store of a store and the corrected masks of its export.

    An image counts as corrected where a pixel has another class. Its confidence
    becomes 1, and it is accepted, whatever it was. All others stay as they are.

    Args:
        folder: What ``export_masks`` wrote, edited.
        store: Where it came from.
        out: Folder of the new store.
        entry: What ``meta.json`` is to say of the correction.
        checked: Names of masks, or of their images, that were looked at: they count as
            corrected even if nothing was changed.

    Raises:
        FileNotFoundError: A file is absent.
        ValueError: The folder is of another store, or has unknown masks, or masks of
            another size or with other classes.
    """
    masks, out = MaskStore.read(store), Path(out)
    about = read_manifest(folder, store, 'masks')
    changed = _changed(Path(folder), about, masks, checked)
    for kind in MaskStore.KINDS:
        (out / kind).mkdir(parents=True)
    images = {i: dict(image) for i, image in masks.images.items()}
    for i, image in images.items():
        if i not in changed:
            for kind in MaskStore.KINDS:
                shutil.copyfile(mask_file(store, kind, i), mask_file(out, kind, i))
            continue
        known = changed[i] != IGNORED
        write_mask(out, i, changed[i], known.astype(np.uint8) * 255)
        image.update(
            confidence=1.0,
            disagreement=0.0,
            kept=float(known.mean()),
            accepted=bool(known.any()),
            corrected=True,
        )
    entry = dict(entry, labels=len(changed), of=about['store'])
    meta = dict(masks.meta, corrections=corrections(masks.meta, entry))
    rest = [
        {k: v for k, v in image.items() if k not in _OF_A_MASK}
        | ({'corrected': True} if image.get('corrected') else {})
        for image in images.values()
    ]
    confidence = [image['confidence'] for image in images.values()]
    accepted = [image['accepted'] for image in images.values()]
    return MaskStore.write(out, images, confidence, accepted, meta, rest)


def _changed(
    folder: Path, about: Mapping[str, Any], masks: MaskStore, checked: list[str]
) -> dict[int, np.ndarray]:
    """Classes of the masks for which a person answers, by the id of the image."""
    files, colours = about['masks'], _colours(masks)
    here = {p.name for p in (folder / MASKS).glob('*') if not p.name.startswith('.')}
    refuse_unknown('masks', here, files, folder / MASKS)
    absent = sorted(set(files) - here)
    if absent:
        raise FileNotFoundError(
            f'{folder / MASKS} lacks {len(absent)} of {len(files)} masks (first: '
            f'{absent[0]}): put them back as they were exported, a mask that is not to '
            'be corrected stays as it is'
        )
    images = {masks.images[f['id']].get('name'): name for name, f in files.items()}
    looked_at = {images.get(name, name) for name in checked}
    refuse_unknown('image names', looked_at, files, 'list of checked images')
    changed = {}
    with progress_bar('masks', len(files)) as advance:
        for name, file in files.items():
            path = folder / MASKS / name
            advance()
            if file_sha256(path) == file['sha256'] and name not in looked_at:
                continue
            classes = read_coloured(path, colours)
            before, _ = masks.load(file['id'])
            if classes.shape != before.shape:
                raise ValueError(
                    f'mask {path} is {classes.shape[1]} x {classes.shape[0]} px, it '
                    f'was exported with {file["size"][0]} x {file["size"][1]}: correct '
                    'it in its own size'
                )
            if name in looked_at or not np.array_equal(classes, before):
                changed[file['id']] = classes
    return changed


def _colours(masks: MaskStore) -> list[tuple[int, int, int]]:
    if not masks.meta.get('classes'):
        raise ValueError(
            f'{masks.folder} does not name its classes: give classes in the metainfo '
            'of the data set, and run the stage that annotates again'
        )
    return colours_of(dict(classes=masks.meta['classes']))


def _file_names(names: Mapping[int, str]) -> dict[int, str]:
    """``<image>.png``, with the id where two images are called the same."""
    stems = {i: PurePosixPath(name).stem for i, name in names.items()}
    count = Counter(stems.values())
    return {
        i: f'{stem}.png' if count[stem] == 1 else f'{stem}_{i}.png'
        for i, stem in stems.items()
    }
