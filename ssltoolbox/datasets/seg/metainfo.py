"""Check what a segmentation data set is told about its classes."""

from typing import Any

from .codes import IGNORED, check_codes


def check_metainfo(metainfo: dict[str, Any]) -> dict[str, Any]:
    """Refuse classes without names, and colours or codes for others.

    Args:
        metainfo: ``classes``, and if wanted ``palette`` and ``codes``.

    Returns:
        The same, with ``codes`` in tuples where there are any.

    Raises:
        ValueError: Says what does not fit.
    """
    classes, palette = metainfo.get('classes') or (), metainfo.get('palette') or []
    if isinstance(classes, str) or not 2 <= len(classes) <= IGNORED:
        raise ValueError(
            f'metainfo needs the names of two or more classes, at most {IGNORED}, such '
            f"as classes=('background', 'instrument'), got {classes!r}"
        )
    if palette and len(palette) != len(classes):
        raise ValueError(
            f'metainfo has {len(classes)} classes and a palette of {len(palette)} '
            'colours: give one [R, G, B] for each class, or no palette'
        )
    codes = metainfo.get('codes')
    if codes is None:
        return {key: value for key, value in metainfo.items() if key != 'codes'}
    if len(codes) != len(classes):
        raise ValueError(
            f'metainfo has {len(classes)} classes and codes of {len(codes)}: give a '
            'list of raw values for each class, such as [[0], [255]], or no codes '
            'where masks hold class ids'
        )
    return {**metainfo, 'codes': check_codes(codes)}
