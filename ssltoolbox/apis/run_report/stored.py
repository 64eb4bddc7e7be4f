"""Galleries of the pseudo labels that a stage stored."""

from collections.abc import Callable

from ssltoolbox.apis.run_report.gallery import Gallery
from ssltoolbox.apis.run_report.labelled_data import LabelledData, labelled_data
from ssltoolbox.apis.run_report.run import Run, StageRun
from ssltoolbox.apis.run_report.stored_keypoints import keypoint_gallery
from ssltoolbox.apis.run_report.stored_maps import map_gallery
from ssltoolbox.apis.run_report.stored_masks import mask_gallery
from ssltoolbox.utils.json_file import read_json

Advance = Callable[[int, int], None]
"""Told how many labels are done, of how many."""

KINDS: dict[str, Callable[[StageRun, LabelledData, int, Advance], Gallery]] = {
    'ssltoolbox-pseudo-labels': keypoint_gallery,
    'ssltoolbox-pseudo-maps': map_gallery,
    'ssltoolbox-pseudo-masks': mask_gallery,
}
"""How the labels of a kind of store are shown, by its ``format``."""


def stored_gallery(run: Run, stage: StageRun, most: int, advance: Advance) -> Gallery:
    """Show what a stage stored.

    Args:
        run: The run.
        stage: One with a store.
        most: Pseudo labels that are shown, evenly spread over the store.
        advance: Told how many labels are done, of how many.

    Raises:
        FileNotFoundError: The store is gone.
        ValueError: It is damaged, or of an unknown kind.
    """
    hint = f'Run the stage {stage.name} again (--stage {stage.name} --restart).'
    meta = read_json(stage.store / 'meta.json', 'pseudo-label store', hint)
    kind = meta.get('format') if isinstance(meta, dict) else None
    if kind not in KINDS:
        raise ValueError(
            f'{stage.store} is of the kind {kind!r}, a report knows {", ".join(KINDS)}'
        )
    return KINDS[kind](stage, labelled_data(run, stage), most, advance)
