"""Notice a checkpoint that was trained on other keypoints or classes."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.logging import print_log


def warn_of_other_joints(
    meta: Mapping[str, Any], layout: Mapping[str, Any] | None, checkpoint: str | Path
) -> None:
    """Warn where a checkpoint was trained on other keypoints or classes.

    Args:
        meta (Mapping): ``meta`` of the checkpoint.
        layout (Mapping | None): What the data sets of the config say, see
            :func:`ssltoolbox.apis.model.dataset_meta`.
        checkpoint (str | Path): For the message.
    """
    trained, wanted = _names(meta.get('dataset_meta')), _names(layout)
    if not trained or not wanted or trained == wanted:
        return
    what = 'keypoints' if 'keypoint_id2name' in (layout or {}) else 'classes'
    print_log(
        f'{checkpoint} was trained on other {what} ({", ".join(trained[:3])}, ...) '
        f'than those of the config ({", ".join(wanted[:3])}, ...): what it predicts '
        'will be named wrongly. Give the config with which it was trained',
        'current',
        logging.WARNING,
    )


def _names(meta: Mapping[str, Any] | None) -> list[str]:
    """Names of the keypoints, or of the classes of a segmentation."""
    meta = meta or {}
    return list(
        (meta.get('keypoint_id2name') or {}).values() or meta.get('classes', ())
    )
