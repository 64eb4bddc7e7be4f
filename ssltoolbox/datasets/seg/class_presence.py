"""Find out which classes masks show, without the images."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from .codes import IGNORED, label_codes
from .mask_file import read_mask


def classes_in(record: Mapping[str, Any]) -> set[int]:
    """Class ids in the mask of a record, without what is ignored.

    Values that belong to no class count for the nearest one that does: whether they
    are allowed is for ``LoadMask`` to say.

    Raises:
        ValueError: The mask cannot be read.
    """
    mask = read_mask(record['seg_map_path'], snap=IGNORED)
    if record.get('codes') is not None:
        codes = label_codes(tuple(map(tuple, record['codes'])))
        mask, _ = codes.encode(mask, snap=IGNORED)
    return set(np.flatnonzero(np.bincount(mask.ravel())).tolist()) - {IGNORED}


def absent_classes(records: Iterable[Mapping[str, Any]], count: int) -> list[int]:
    """Ids of the classes that have no pixel in any mask.

    Masks are read until all classes were seen, which usually takes few.

    Args:
        records: Those without a ``seg_map_path`` are passed over.
        count: Number of classes.
    """
    missing = set(range(count))
    for record in records:
        if not missing:
            break
        if record.get('seg_map_path') is not None:
            missing -= classes_in(record)
    return sorted(missing)
