"""Find the images, and groups of images, that two parts of the data share."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from .hash_files import hash_files
from .image_set import ImageSet
from .nearest import nearest
from .picture_hash import OK, UNREADABLE
from .settings import LeakSettings

EXPECTED = {('validation', 'test'): 'warn', ('labelled', 'unlabelled'): 'silent'}
"""What becomes of equal files where they are no leak."""


@dataclass(frozen=True)
class Finding:
    """Something that two parts share.

    Args:
        kind: ``'file'``, ``'copy'``, ``'similar'``, ``'group'`` or ``'id'``.
        first, second: Names of the parts; the second is the one to be kept apart.
        refused: Whether the run must not begin.
        count: How many images of ``second`` are concerned.
        of: How many it has, or had compared.
        examples: At most five pairs of files, first and second; names of groups.
        distances: Bits that differ, of each example that was compared.
    """

    kind: str
    first: str
    second: str
    refused: bool
    count: int
    of: int
    examples: list[tuple[str, str]] = field(default_factory=list)
    distances: list[int] = field(default_factory=list)


@dataclass
class Pictures:
    """Fingerprints of the images of a part.

    Args:
        files: Real paths of those that were compared.
        bits: (N, 256) bool.
        states: (N,) as of ``picture_hash``.
    """

    files: list[str]
    bits: np.ndarray
    states: np.ndarray

    @classmethod
    def of(cls, images: ImageSet, settings: LeakSettings) -> 'Pictures':
        """Hash the images, or an evenly spread part of too many."""
        files = images.files
        if len(files) > settings.max_images:
            chosen = np.linspace(0, len(files) - 1, settings.max_images)
            files = [files[i] for i in chosen.astype(int)]
        return cls(files, *hash_files(files, settings.cache_folder))

    @property
    def unreadable(self) -> list[str]:
        """Files that are no picture, or damaged."""
        return [self.files[i] for i in np.flatnonzero(self.states == UNREADABLE)]

    def usable(self, leave_out: set[str]) -> tuple[list[str], np.ndarray]:
        """Files and bits of the pictures that can be compared."""
        rows = [
            i
            for i in np.flatnonzero(self.states == OK)
            if self.files[i] not in leave_out
        ]
        return [self.files[i] for i in rows], self.bits[rows]


def compare(
    parts: Mapping[str, ImageSet],
    settings: LeakSettings,
    pictures: Callable[[str], Pictures] | None,
) -> Iterator[Finding]:
    """Compare labelled, unlabelled, validation and test images.

    Images that are trained on must not be test images, and labelled ones no validation
    images. Unlabelled validation images and a test on the validation images spoil less,
    and are told.

    Args:
        parts: ``{name: images}`` of these four.
        settings: Bounds.
        pictures: Gives the fingerprints of a part; None compares none.
    """
    for first, second in (
        ('labelled', 'test'),
        ('unlabelled', 'test'),
        ('labelled', 'validation'),
        ('unlabelled', 'validation'),
        ('validation', 'test'),
        ('labelled', 'unlabelled'),
    ):
        if not parts[first] or not parts[second]:
            continue
        grave = second == 'test' and first != 'validation'
        grave |= (first, second) == ('labelled', 'validation')
        names = first, second, grave
        yield from _by_file(parts[first], parts[second], *names)
        yield from _by_id(parts[first], parts[second], first, second)
        if first != 'validation' and second != 'unlabelled':
            yield from _by_group(parts[first], parts[second], *names)
        if pictures:
            yield from _by_picture(pictures(first), pictures(second), settings, *names)


def _by_file(
    one: ImageSet, two: ImageSet, first: str, second: str, grave: bool
) -> Iterator[Finding]:
    shared = sorted(one.ids.keys() & two.ids.keys())
    if shared and EXPECTED.get((first, second)) != 'silent':
        examples = [(file, file) for file in shared[:5]]
        yield Finding('file', first, second, grave, len(shared), len(two), examples)


def _by_id(one: ImageSet, two: ImageSet, first: str, second: str) -> Iterator[Finding]:
    """Images of equal id and name in another file, of one data root.

    Not refused: annotation files that were exported one by one number their images
    from 1 on, and frames of every video begin at 1.
    """
    ids = {id_: file for file, id_ in one.ids.items() if id_}
    shared = [
        (ids[id_], file)
        for file, id_ in two.ids.items()
        if id_ in ids and file not in one.ids
    ]
    if shared:
        yield Finding('id', first, second, False, len(shared), len(two), shared[:5])


def _by_group(
    one: ImageSet, two: ImageSet, first: str, second: str, grave: bool
) -> Iterator[Finding]:
    shared = set(one.groups.values()) & set(two.groups.values())
    # equal files have been told, and are in one group by nature
    other = [f for f, g in two.groups.items() if g in shared and f not in one.ids]
    if not other:
        return
    names = sorted({two.groups[file] for file in other})
    refused = grave and any(key != 'sequence' for key, *_ in names)
    shown = [(key, name) for key, name, _ in names[:5]]
    yield Finding('group', first, second, refused, len(other), len(two), shown)


def _by_picture(
    one: Pictures,
    two: Pictures,
    settings: LeakSettings,
    first: str,
    second: str,
    grave: bool,
) -> Iterator[Finding]:
    both = set(one.files) & set(two.files)
    (pool, bits), (queries, wanted) = one.usable(set()), two.usable(both)
    if not pool or not queries:
        return
    distances, rows = nearest(bits, wanted)
    copies = distances <= settings.max_copy
    alike = (distances <= settings.max_similar) & ~copies
    found = [('copy', copies, grave)]
    if second != 'unlabelled' and first != 'validation':
        found.append(('similar', alike, False))
    for kind, chosen, refused in found:
        numbers = np.flatnonzero(chosen)
        numbers = numbers[np.argsort(distances[numbers], kind='stable')]
        if len(numbers):
            yield Finding(
                kind,
                first,
                second,
                refused,
                len(numbers),
                len(two.files),
                [(pool[rows[i]], queries[i]) for i in numbers[:5]],
                distances[numbers[:5]].tolist(),
            )
