"""Say exactly which images are labelled: lists of ids with a checksum."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ssltoolbox.utils.json_file import read_json, write_json

FORMAT = 'ssltoolbox-label-list'
VERSION = 1
KEYS = ('image_id', 'annotation_id')
SHIPPED = Path(__file__).parent / 'label_lists'
_HINT = 'Make a list with tools/make_split.py, or name a shipped one: {}.'


def ids_sha256(ids: Iterable[int]) -> str:
    """Fingerprint ids in their order: sha256 of them as text, joined by commas.

    >>> ids_sha256([1, 2])[:8]
    '17f8af97'
    """
    return hashlib.sha256(','.join(map(str, ids)).encode()).hexdigest()


def shipped_label_lists() -> list[str]:
    """Name the label lists that come with the package."""
    return sorted(path.name for path in SHIPPED.glob('*.json'))


@dataclass(frozen=True)
class LabelList:
    """Ids of the labelled images (or annotations), in the order of their file.

    Args:
        ids: The ids.
        key: What they are: ``'image_id'`` or ``'annotation_id'``.
        dataset: Name of the data set that they belong to.
        path: Where the list was read from, if it was.
        num_duplicates: How many repeated entries were dropped on loading.
        sha256: :func:`ids_sha256` of the entries of the file, repeated ones
            included; computed from ``ids`` when empty.
        note: A remark for people.
        params: How the list was made.
    """

    ids: tuple[int, ...]
    key: str = 'image_id'
    dataset: str = ''
    path: Path | None = None
    num_duplicates: int = 0
    sha256: str = ''
    note: str = ''
    params: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.key not in KEYS:
            raise ValueError(f'key of a label list is one of {KEYS}, got {self.key!r}')
        if not self.sha256:
            object.__setattr__(self, 'sha256', ids_sha256(self.ids))

    def __len__(self) -> int:
        return len(self.ids)

    def check(
        self,
        known_ids: Iterable[int],
        forbidden_ids: Iterable[int] = (),
        what: str = 'train annotations',
    ) -> None:
        """Refuse a list that does not fit its data or leaks evaluation data.

        Args:
            known_ids: All ids that can be labelled.
            forbidden_ids: Ids of the validation and test images.
            what: Name of the data of ``known_ids``, for the message.

        Raises:
            ValueError: Ids are unknown, or belong to evaluation data.
        """
        name = self.path or 'label list'
        forbidden = set(forbidden_ids)
        leaked = [i for i in self.ids if i in forbidden]
        if leaked:
            raise ValueError(
                f'{name}: {len(leaked)} of {len(self)} ids belong to the validation or '
                f'test data (first: {_first(leaked)}). Training on them would spoil '
                'the evaluation; use a list drawn from the training data.'
            )
        known = set(known_ids)
        unknown = [i for i in self.ids if i not in known]
        if unknown:
            raise ValueError(
                f'{name}: {len(unknown)} of {len(self)} ids are not in the {what} '
                f'(first: {_first(unknown)}). Use the list made for this data set '
                'and split, or make one with tools/make_split.py.'
            )

    def write(self, path: str | Path) -> None:
        """Write the list with its checksum and parameters, in one step."""
        record = dict(
            format=FORMAT,
            version=VERSION,
            key=self.key,
            dataset=self.dataset,
            note=self.note,
            params=self.params,
            sha256=ids_sha256(self.ids),
            ids=list(self.ids),
        )
        write_json(path, record)


def load_label_list(
    name_or_path: str | Path, drop_duplicates: bool = True
) -> LabelList:
    """Read a label list.

    Two formats are read: ours, with a checksum, and a plain JSON list of image
    ids, which is how ScarceNet (Li & Lee, CVPR 2023) published its lists.

    Args:
        name_or_path: A file, or the name of a list that comes with the package,
            such as ``'ap10k_split1_5shot'``.
        drop_duplicates: Keep only the first of repeated ids.

    Raises:
        FileNotFoundError: Neither a file nor the name of a shipped list.
        ValueError: Not a label list, or its ids do not match its checksum.
    """
    path = _find(name_or_path)
    hint = _HINT.format(', '.join(shipped_label_lists()))
    data = read_json(path, 'label list', hint)
    head = _check_head(data, path) if isinstance(data, dict) else {}
    ids = _check_ids(data['ids'] if head else data, path)
    sha256 = ids_sha256(ids)
    if head.get('sha256', sha256) != sha256:
        raise ValueError(
            f'label list {path}: the {len(ids)} ids do not match the sha256 in the '
            'file; it was edited or damaged. Restore the file, or make a new list '
            'with tools/make_split.py.'
        )
    kept = tuple(dict.fromkeys(ids)) if drop_duplicates else tuple(ids)
    return LabelList(
        ids=kept,
        key=head.get('key', 'image_id'),
        dataset=head.get('dataset', ''),
        path=path,
        num_duplicates=len(ids) - len(kept),
        sha256=sha256,
        note=head.get('note') or '',
        params=head.get('params') or {},
    )


def _find(name_or_path: str | Path) -> Path:
    path = Path(name_or_path)
    if path.exists() or path.name != str(name_or_path):
        return path
    shipped = SHIPPED / (path.name if path.suffix == '.json' else f'{path.name}.json')
    return shipped if shipped.exists() else path


def _check_head(data: dict, path: Path) -> dict:
    if data.get('format') != FORMAT:
        raise ValueError(
            f'{path} is not a label list: expected "format": "{FORMAT}" or a plain '
            f'list of ids, got an object with the keys {sorted(data)[:8]}.'
        )
    if data.get('version') != VERSION:
        raise ValueError(
            f'label list {path} has version {data.get("version")!r}, this release '
            f'reads version {VERSION}. Update ssltoolbox or make the list again.'
        )
    missing = [name for name in ('key', 'ids', 'sha256') if name not in data]
    if missing:
        raise ValueError(f'label list {path} lacks the fields {missing}.')
    if data['key'] not in KEYS:
        raise ValueError(
            f'label list {path}: "key" is one of {KEYS}, got {data["key"]!r}.'
        )
    return data


def _check_ids(ids: Any, path: Path) -> list[int]:
    if not isinstance(ids, list):
        raise ValueError(
            f'label list {path}: expected a list of integer ids, got '
            f'{type(ids).__name__}.'
        )
    for place, entry in enumerate(ids):
        if type(entry) is not int:
            raise ValueError(
                f'label list {path}: entry {place} is {entry!r}, expected an integer.'
            )
    if not ids:
        raise ValueError(f'label list {path} is empty: nothing would be labelled.')
    return ids


def _first(ids: list[int]) -> str:
    return ', '.join(map(str, ids[:5])) + (', ...' if len(ids) > 5 else '')
