"""Lists of the images that belong to a part of a data set, and the classes they show.

A list is a COCO-style file: ``images`` with ``id``, ``file_name`` relative to the
folder of images and, where it is known, the ``group`` (patient, video) of each;
``categories``, every combination of classes that an image shows; and one annotation
per image that says which combination. That is what ``tools/make_split.py`` draws by.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ssltoolbox.datasets.coco_file import read_coco
from ssltoolbox.datasets.leaks.image_set import group_fields
from ssltoolbox.utils.digest import name_id

from .paired_files import first

_HINT = 'Lists of images are written by tools/make_split.py.'


def read_image_list(path: str | Path) -> dict[str, int]:
    """Read the ids of the listed images, by file name.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no list of images, or names one twice.
    """
    images = read_coco(path, required=('images',), hint=_HINT)['images']
    ids = {image['file_name']: image['id'] for image in images}
    if len(ids) < len(images):
        raise ValueError(f'{path}: two images have the same file_name. {_HINT}')
    return ids


def groups_in_list(path: str | Path) -> dict[str, dict[str, Any]]:
    """Name the groups of listed images by file name, as the fields of the list."""
    images = read_coco(path, required=('images',), hint=_HINT)['images']
    return {image['file_name']: group_fields(image) for image in images}


def ids_in_list(path: str | Path) -> dict[str, list[int]]:
    """List the ids in a file, as ``ids_in_file`` of the data sets does."""
    return dict(image_id=list(read_image_list(path).values()), annotation_id=[])


def take_listed(
    images: Mapping[str, str], listed: Mapping[str, int], path: str | Path
) -> dict[str, int]:
    """Take the images of a list.

    Args:
        images: ``{name without suffix: file name}``.
        listed: ``{file name: id}``.
        path: The list, for the message.

    Returns:
        ``{name without suffix: id}``.

    Raises:
        ValueError: A listed image is absent.
    """
    ids = {stem: listed[file] for stem, file in images.items() if file in listed}
    if len(ids) < len(listed):
        absent = sorted(listed.keys() - {images[stem] for stem in ids})
        raise ValueError(
            f'{path} names {len(absent)} images that the data set has not ('
            f'{first(absent)}); it has {first(sorted(images.values()))}. Check '
            'data_root and data_prefix, or draw the list anew with tools/make_split.py.'
        )
    return ids


def take_named(ids: Mapping[str, int], names: Sequence[str]) -> dict[str, int]:
    """Take images by their names without suffix.

    Raises:
        ValueError: An image is absent.
    """
    absent = [name for name in names if name not in ids]
    if absent:
        raise ValueError(
            f'names: {len(absent)} of {len(names)} images are absent '
            f'({first(absent)}); the data set has {first(sorted(ids))}'
        )
    return {name: ids[name] for name in names}


@dataclass(frozen=True)
class Listed:
    """What a list says of an image.

    Args:
        file_name: Relative to the folder of images.
        classes: Ids of the classes in its mask.
        group: Patient or video, which a division keeps whole; empty if unknown.
        kind: What else each part should have its share of, such as a diagnosis.
    """

    file_name: str
    classes: frozenset[int]
    group: str = ''
    kind: str = ''


def make_image_list(
    images: Sequence[Listed], names: Sequence[str], description: str
) -> dict[str, Any]:
    """Make a list that ``tools/make_split.py`` can draw from.

    Args:
        images: The images.
        names: Names of the classes, in the order of their ids.
        description: Name of the data set.

    Returns:
        The content of the file: a category for each combination of classes that an
        image shows, and one annotation per image.
    """
    found = {image: _combination(image, names) for image in images}
    categories = {name: n for n, name in enumerate(sorted(set(found.values())), 1)}
    entries, annotations = [], []
    for number, (image, name) in enumerate(found.items()):
        entry = dict(id=name_id(image.file_name), file_name=image.file_name)
        entries.append(entry | ({'group': image.group} if image.group else {}))
        category = dict(image_id=entry['id'], category_id=categories[name])
        annotations.append(dict(id=number, **category))
    return dict(
        info=dict(description=description),
        images=entries,
        annotations=annotations,
        categories=[dict(id=n, name=name) for name, n in categories.items()],
    )


def _combination(image: Listed, names: Sequence[str]) -> str:
    text = ' + '.join(names[class_] for class_ in sorted(image.classes)) or 'ignored'
    return f'{image.kind}: {text}' if image.kind else text
