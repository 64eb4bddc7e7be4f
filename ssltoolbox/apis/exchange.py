"""Hand pseudo labels to a person, and take corrected ones back."""

import shutil
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ssltoolbox.apis.labelled_pool import open_pool
from ssltoolbox.exchange.keypoints_in import import_keypoints
from ssltoolbox.exchange.keypoints_out import export_keypoints
from ssltoolbox.exchange.manifest import read_names
from ssltoolbox.exchange.masks import export_masks, import_masks
from ssltoolbox.exchange.pool import Pool
from ssltoolbox.semi import map_store, mask_store, store
from ssltoolbox.semi.mask_store import MaskStore
from ssltoolbox.semi.store import LabelStore
from ssltoolbox.utils.atomic import atomic_folder
from ssltoolbox.utils.json_file import read_json
from ssltoolbox.utils.progress_bar import progress_bar

IMAGES = 'images'


def export_store(
    source: str | Path,
    out: str | Path,
    config: str | Path | None = None,
    options: dict[str, Any] | None = None,
    least_sure: int | None = None,
    copy_images: bool = False,
) -> int:
    """Write the labels of a store as files that other programs edit.

    Keypoints become COCO JSON, masks coloured PNGs.

    Args:
        source: Folder of a store.
        out: Folder to write to; it must not exist.
        config: Config with the stage that made the store; None takes the one beside
            it. Masks need none, unless images are copied.
        options: ``--cfg-options`` of the config.
        least_sure: Only this many images, the least sure ones; None: all.
        copy_images: Copy the images into ``images/``, too.

    Returns:
        Number of images.

    Raises:
        FileNotFoundError: The store, the config or the data are absent.
        FileExistsError: There is something at ``out``.
        ValueError: The store is of a kind that nobody can correct, or of other data.
    """
    keypoints = _kind(source) is LabelStore
    pool = open_pool(source, config, options) if keypoints or copy_images else None
    with atomic_folder(out) as folder:
        if keypoints:
            count = export_keypoints(source, folder, pool, least_sure)
        else:
            count = export_masks(source, folder, least_sure)
        if copy_images:
            _copy_images(folder, pool, keypoints)
    return count


def import_store(
    folder: str | Path,
    source: str | Path,
    out: str | Path,
    by: str = '',
    checked: str | Path | None = None,
    accept_deleted: bool = False,
) -> LabelStore | MaskStore:
    """Make a new store of a store and its corrected export.

    Args:
        folder: What :func:`export_store` wrote, edited.
        source: The store that it came from, which stays as it is.
        out: Folder of the new store; it must not exist.
        by: Who corrected, for ``meta.json``.
        checked: File of names of images that were looked at, one a line: they count as
            corrected even where nothing was changed.
        accept_deleted: Instances that are gone from a JSON lose their joints.

    Raises:
        FileNotFoundError: A file is absent.
        FileExistsError: There is something at ``out``.
        ValueError: The files do not fit the store.
    """
    names = read_names(checked)
    when = datetime.now(timezone.utc).isoformat(timespec='seconds')
    entry = dict(by=by, when=when)
    keypoints = _kind(source) is LabelStore
    with atomic_folder(out) as temporary:
        if keypoints:
            import_keypoints(folder, source, temporary, entry, names, accept_deleted)
        else:
            import_masks(folder, source, temporary, entry, names)
    return (LabelStore if keypoints else MaskStore).read(out)


def describe_store(source: str | Path) -> list[str]:
    """Say who made the labels of a store, one line each."""
    found = _kind(source).read(source)
    if isinstance(found, LabelStore):
        total, by_person = len(found.ids), int(found.corrected.sum())
    else:
        total, by_person = len(found.images), len(found.corrected)
    members = found.meta.get('members') or [found.meta]
    lines = [f'{total} labels: {total - by_person} by a network, {by_person} corrected']
    lines += [
        f'network: {member.get("checkpoint", member.get("source", "unknown"))} '
        f'({str(member.get("checkpoint_sha256", "no hash"))[:12]})'
        for member in members
    ]
    lines += [
        f'corrected: {each["labels"]} by {each["by"] or "a person"}, {each["when"]}'
        for each in found.meta.get('corrections', ())
    ]
    return lines


def _kind(folder: str | Path) -> type[LabelStore] | type[MaskStore]:
    """Which kind of store a folder holds."""
    hint = 'Give the folder of a store, such as work_dirs/RUN/pseudo_label/store.'
    meta = read_json(Path(folder) / 'meta.json', 'description of a store', hint)
    name = meta.get('format') if isinstance(meta, dict) else None
    if name == map_store.META.format:
        raise ValueError(
            f'{folder} holds maps of probabilities, which nobody can correct by hand. '
            'For classes of pixels make a store of masks (soft=False of the '
            'FusionJob); joints of whole images are labelled in an annotation file of '
            'the data set'
        )
    kinds = {store.META.format: LabelStore, mask_store.META.format: MaskStore}
    if name not in kinds:
        raise ValueError(f'{folder} is no store of pseudo labels. {hint}')
    return kinds[name]


def _copy_images(folder: Path, pool: Pool, keypoints: bool) -> None:
    """Copy the exported images, under the names that the export gives them."""
    if keypoints:
        content = read_json(folder / 'labels.json', 'export', '')
        root = Path(content['info']['images_are_below'])
        files = {i['file_name']: root / i['file_name'] for i in content['images']}
    else:
        masks = read_json(folder / 'exchange.json', 'export', '')['masks']
        sources = {name: pool.files[each['id']] for name, each in masks.items()}
        files = {f'{Path(n).stem}{p.suffix}': p for n, p in sources.items()}
    with progress_bar('images', len(files)) as advance:
        for name, path in files.items():
            target = folder / IMAGES / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            advance()
