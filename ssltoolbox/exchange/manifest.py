"""What ties a folder that a person corrects to the store that it came from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ssltoolbox.utils.digest import file_sha256
from ssltoolbox.utils.json_file import read_json, write_json

NAME = 'exchange.json'
FORMAT, VERSION = 'ssltoolbox-exchange', 1


def store_digest(store: str | Path) -> str:
    """Hash that tells a store from every other one."""
    return file_sha256(Path(store) / 'meta.json')


def write_manifest(
    folder: str | Path, store: str | Path, kind: str, content: Mapping[str, Any]
) -> None:
    """Write the file that no person edits.

    Args:
        folder: What is exported.
        store: Where it comes from.
        kind: ``'keypoints'`` or ``'masks'``.
        content: What an import compares with.
    """
    about = dict(format=FORMAT, version=VERSION, kind=kind, store=store_digest(store))
    write_json(Path(folder) / NAME, {**about, **content})


def read_manifest(folder: str | Path, store: str | Path, kind: str) -> dict[str, Any]:
    """Read the file, and compare it with the store.

    Raises:
        FileNotFoundError: The folder has none.
        ValueError: It is damaged, of another store, or of labels of another kind.
    """
    path = Path(folder) / NAME
    hint = 'Give a folder that tools/exchange.py export made, with all of its files.'
    about = read_json(path, 'record of an export', hint)
    known = isinstance(about, dict) and about.get('format') == FORMAT
    if not known or about.get('version') != VERSION:
        raise ValueError(
            f'{path} is no record of an export that this version reads. {hint}'
        )
    if about.get('kind') != kind or about.get('store') != store_digest(store):
        raise ValueError(
            f'{folder} was exported of another store than {store}, or the store was '
            'made anew since: give the store from which it was exported'
        )
    return about


def read_names(path: str | Path | None) -> list[str]:
    """Read a list of image names, one a line; empty lines and ``#`` are left out.

    Raises:
        FileNotFoundError: There is no such file.
    """
    if path is None:
        return []
    if not Path(path).is_file():
        raise FileNotFoundError(
            f'list of checked images {path} does not exist: write the names of the '
            'images into it, one a line'
        )
    lines = (line.strip() for line in Path(path).read_text('utf-8').splitlines())
    return [line for line in lines if line and not line.startswith('#')]


def refuse_unknown(what: str, found: Any, known: Any, origin: str | Path) -> None:
    """Refuse names or ids that were not exported.

    Raises:
        ValueError: There are some; names the first five.
    """
    unknown = sorted(set(found) - set(known))
    if unknown:
        shown = ', '.join(str(each) for each in unknown[:5])
        raise ValueError(
            f'{origin}: {len(unknown)} unknown {what} ({shown}), which were not '
            'exported: take them out, or give the folder that belongs to this store. '
            'Annotations of your own belong into an annotation file, not into a store '
            'of pseudo labels'
        )


def corrections(meta: Mapping[str, Any], entry: Mapping[str, Any]) -> list[dict]:
    """Earlier corrections that a store's ``meta.json`` names, and a further one."""
    return [*meta.get('corrections', ()), dict(entry)]
