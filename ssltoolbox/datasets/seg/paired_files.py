"""Find files that belong together because they have the same name."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from mmengine.logging import print_log

from ssltoolbox.utils.image_file import IMAGE_SUFFIXES, is_image, list_files

MASK_SUFFIX = '.png'
MAX_NAMED = 8


def files_by_name(
    folder: str | Path,
    sequences: Sequence[str] | None = None,
    suffixes: Sequence[str] = IMAGE_SUFFIXES,
) -> dict[str, str]:
    """List images, searched in depth, as ``{name without suffix: name}``.

    Files that are no image, by their suffix or their first bytes, are counted in a
    warning.

    Args:
        folder: Names are relative to it.
        sequences: Sub folders to take; None takes all.
        suffixes: What may follow the name; other images are left out.

    Raises:
        FileNotFoundError: The folder holds no image.
        ValueError: A sub folder has none, or two differ by their suffix alone.
    """
    names = [n for n in _images(folder) if n.lower().endswith(tuple(suffixes))]
    if sequences is not None:
        chosen = {s: [n for n in names if n.startswith(f'{s}/')] for s in sequences}
        for sequence, found in chosen.items():
            if not found:
                known = sorted({sequence_of(name) for name in names} - {''})
                raise ValueError(
                    f'sequences: {folder}/{sequence} holds no image; images are in '
                    f'{first(known) or "no sub folder"}'
                )
        names = [name for found in chosen.values() for name in found]
    by_stem: dict[str, str] = {}
    for name in dict.fromkeys(names):
        other = by_stem.setdefault(_without(name, suffixes), name)
        if other != name:
            raise ValueError(
                f'{folder}: {other} and {name} would have one mask: rename one'
            )
    return by_stem


def check_pairs(
    images: Mapping[str, str],
    masks: Mapping[str, str],
    places: str,
    all_masked: bool,
    suffixes: Sequence[str] = (MASK_SUFFIX,),
) -> None:
    """Refuse masks of no image, and images without a mask where all need one.

    Args:
        images: ``{name without suffix: name}``.
        masks: Alike.
        places: Names both folders, for the message.
        all_masked: Every image needs a mask.
        suffixes: Those of the masks, for the message.

    Raises:
        ValueError: Says how many they are, and names the first of them.
    """
    bare = sorted(images.keys() - masks.keys()) if all_masked else []
    alone = sorted(masks.keys() - images.keys())
    if not bare and not alone:
        return
    parts = [
        f'{len(left)} of {total} {what} of the same name (first: {left[0]})'
        for left, total, what in (
            (bare, len(images), f'images have no {" or ".join(suffixes)} mask'),
            (alone, len(masks), 'masks have no image'),
        )
        if left
    ]
    hint = 'Names and sub folders must be the same in both.'
    if bare:
        hint += ' With require_masks=False images without a mask stay unlabelled.'
    raise ValueError(f'{places} do not fit together: {", ".join(parts)}. {hint}')


def sequence_of(name: str) -> str:
    """Sub folder of a name, empty for none."""
    return name.rpartition('/')[0]


def first(names: Iterable[str]) -> str:
    """Name the first few."""
    names = list(names)
    return ', '.join(names[:MAX_NAMED] + ['...'] * (len(names) > MAX_NAMED))


def _images(folder: str | Path) -> list[str]:
    files = list_files(folder)
    names = [name for name in files if is_image(Path(folder, name))]
    others = sorted(set(files) - set(names))
    if not names:
        raise FileNotFoundError(
            f'{Path(folder).absolute()} holds no image; expected files ending in '
            f'{", ".join(IMAGE_SUFFIXES)}, got {len(files)} others '
            f'({first(others) or "none"})'
        )
    if others:
        print_log(
            f'{folder}: {len(others)} of {len(files)} files are no images and are '
            f'skipped (first: {others[0]})',
            'current',
            logging.WARNING,
        )
    return names


def _without(name: str, suffixes: Sequence[str]) -> str:
    """Name without its suffix, with its sub folder."""
    ends = [s for s in suffixes if name.lower().endswith(s)]
    return name[: -len(max(ends, key=len))]
