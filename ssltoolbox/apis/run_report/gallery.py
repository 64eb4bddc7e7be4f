"""A gallery of pseudo labels, as the page needs it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

THUMB = 160
"""Side of a picture in px, and its height where several are in a row."""
QUALITY = 72
CORRECTED = 'corrected by a person'
"""Fate of a label for which no network answers."""

VALUES: dict[str, tuple[str, str, int]] = {
    'confidence': ('confidence', 'how sure the network is', -1),
    'disagreement': ('disagreement', 'how far predictions differ', 1),
    'kept': ('kept', 'share that is learnt from', -1),
    'relabelled': ('re-labelled', 'share that got a new label', 0),
    'right': ('right', 'share of the used labels that are right', -1),
    'iou': ('IoU', 'intersection over union with the truth', -1),
    'error': ('error', 'distance from the truth', 1),
    'points': ('points', 'points of structure from motion', 0),
    'near': ('near', 'depth of the nearest 2 %', 0),
    'far': ('far', 'depth of the farthest 2 %', 0),
    'share': ('share', 'share of the pixels', 0),
    'step': ('iteration', 'iteration of the training', 0),
}
"""Name, meaning and which end is worse (-1: small, 1: large) of every number."""


@dataclass(frozen=True)
class Sample:
    """One pseudo label.

    Attributes:
        name: Of its image.
        fate: ``'kept'``, ``'dropped'`` or alike.
        values: Numbers by the names in ``VALUES``; None where there is none.
        picture: An encoded picture, WebP or JPEG; None where the image is absent.
        group: Species, sequence or alike; None where there is none.
        parts: ``{keypoint or class: {name of a number, or 'fate': value}}``.
    """

    name: str
    fate: str
    values: Mapping[str, float | None]
    picture: bytes | None = None
    group: str | None = None
    parts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Gallery:
    """Pseudo labels of one stage.

    Attributes:
        stage: Its name.
        title: What they are, such as ``'stored'``.
        samples: The pseudo labels.
        part: What parts are called, ``'joint'`` or ``'class'``.
        group: What groups are called, such as ``'species'``.
        tiles: What the parts of a picture show, from left to right.
        legend: ``{meaning: '#rrggbb'}``.
        meaning: What a number means here, where ``VALUES`` is too general.
        notes: What a reader should know of all of them.
    """

    stage: str
    title: str
    samples: Sequence[Sample]
    part: str = 'part'
    group: str = 'group'
    tiles: Sequence[str] = ()
    legend: Mapping[str, str] = field(default_factory=dict)
    meaning: Mapping[str, str] = field(default_factory=dict)
    notes: Sequence[str] = ()


def as_columns(gallery: Gallery) -> dict[str, Any]:
    """Turn a gallery into columns, which take a fraction of the space of records.

    Texts that come often are numbers in a list of names. Columns without any value are
    left out. Pictures are not in it.
    """
    samples = gallery.samples
    fates, groups = Names(), Names()
    fate = [fates[each.fate] for each in samples]
    group = [-1 if each.group is None else groups[each.group] for each in samples]
    keys = [k for k in VALUES if any(s.values.get(k) is not None for s in samples)]
    return dict(
        stage=gallery.stage,
        title=gallery.title,
        part=gallery.part,
        group=gallery.group,
        tiles=list(gallery.tiles),
        legend=dict(gallery.legend),
        notes=list(gallery.notes),
        name=[each.name for each in samples],
        fates=fates.all,
        fate=fate,
        groups=groups.all,
        groupOf=group if groups.all else [],
        about=[
            dict(
                key=key,
                label=VALUES[key][0],
                meaning=gallery.meaning.get(key, VALUES[key][1]),
                worse=VALUES[key][2],
            )
            for key in keys
        ],
        values={k: [each.values.get(k) for each in samples] for k in keys},
        **_part_columns(samples),
    )


def _part_columns(samples: Sequence[Sample]) -> dict[str, Any]:
    names, fates = Names(), Names()
    keys = {key for each in samples for part in each.parts.values() for key in part}
    for each in samples:
        for name in each.parts:
            names[name]

    def column(key: str) -> list[list]:
        rows = [[each.parts.get(n, {}).get(key) for n in names.all] for each in samples]
        if key != 'fate':
            return rows
        return [[None if v is None else fates[v] for v in row] for row in rows]

    found = {key: column(key) for key in sorted(keys)}
    return dict(parts=names.all, partFates=fates.all, partValues=found)


class Names:
    """Numbers of texts, in the order in which they come."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def __getitem__(self, name: str) -> int:
        return self.numbers.setdefault(name, len(self.numbers))

    @property
    def all(self) -> list[str]:
        """The texts, by their numbers."""
        return list(self.numbers)


def encode(image: np.ndarray) -> bytes:
    """Encode a picture of a gallery."""
    done, data = cv2.imencode('.webp', image, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
    if not done:
        raise ValueError(f'OpenCV cannot write WebP of an image {image.shape}')
    return data.tobytes()


def fitted(image: np.ndarray, side: int = THUMB) -> np.ndarray:
    """Scale an image so that its longer side is ``side``."""
    factor = side / max(image.shape[:2])
    width, height = (max(1, round(factor * n)) for n in image.shape[1::-1])
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(image, (width, height), interpolation=how)


def hexadecimal(bgr: Iterable[int]) -> str:
    """Write a colour of OpenCV as CSS does.

    >>> hexadecimal((0, 128, 255))
    '#ff8000'
    """
    blue, green, red = bgr
    return f'#{red:02x}{green:02x}{blue:02x}'


def rounded(value: float) -> float | None:
    """Round to four digits; None for what is no finite number."""
    return float(f'{value:.4g}') if abs(value) < float('inf') else None
