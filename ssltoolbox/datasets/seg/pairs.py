"""Images of a published data set with the masks that belong to them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .paired_files import check_pairs, files_by_name

LOSSY = ('.jpg', '.jpeg', '.webp')


@dataclass(frozen=True)
class Pair:
    """An image and its masks.

    Args:
        name: New name, without suffix; may have a sub folder.
        image: The file.
        masks: Files of which the highest class of each pixel counts; none of them
            makes everything background.
        group: Patient or video, if known.
        kind: See :class:`~ssltoolbox.datasets.seg.image_list.Listed`.
    """

    name: str
    image: Path
    masks: tuple[Path, ...] = ()
    group: str = ''
    kind: str = ''


def find_pairs(images: Path, masks: Path, group_by: str = '') -> list[Pair]:
    """Pair the files of two folders by their names without suffix.

    Args:
        images: Searched in depth.
        masks: Alike; in any image format.
        group_by: A pattern searched in the name without suffix, whose first bracket is
            the patient or video; empty if unknown.

    Raises:
        FileNotFoundError: A folder is absent or has no image.
        ValueError: Files have no partner, or the pattern does not fit.
    """
    for folder in (images, masks):
        if not folder.is_dir():
            raise FileNotFoundError(f'folder {folder.absolute()} does not exist')
    found, known = files_by_name(images), files_by_name(masks)
    check_pairs(found, known, f'{images} and {masks}', True, ('image as',))
    return [
        Pair(name, images / file, (masks / known[name],), group_of(name, group_by))
        for name, file in sorted(found.items())
    ]


def group_of(name: str, pattern: str) -> str:
    """Patient or video of an image by its name; empty without a pattern.

    Raises:
        ValueError: The pattern is none, has no bracket, or does not match.
    """
    if not pattern:
        return ''
    try:
        found = re.search(pattern, name)
    except re.error as error:
        raise ValueError(f'cannot group by {pattern!r}: {error}') from None
    if not found or not found.groups():
        raise ValueError(
            f'{pattern!r} finds no group in {name!r}: it needs a bracket around the '
            'part of the name that the images of a patient or video share'
        )
    return found[1]


def snap_of(pairs: Sequence[Pair]) -> int:
    """Largest snap that the formats call for: 127 if a mask is lossy, else 0."""
    lossy = (m.suffix.lower() in LOSSY for pair in pairs for m in pair.masks)
    return 127 if any(lossy) else 0
