"""Read the mask that is hidden from a training, to judge its pseudo labels."""

from ssltoolbox.registry import TRANSFORMS

from .load_mask import LoadMask

LABEL = ('seg_map_path', 'codes')
HIDDEN = 'truth_'
"""In front of the names of what a method must not learn from."""


def hide_mask(record: dict) -> dict:
    """Rename the mask of a record: nothing but diagnostics may look at it."""
    for key in LABEL:
        if key in record:
            record[HIDDEN + key] = record.pop(key)
    return record


@TRANSFORMS.register_module()
class LoadHiddenMask(LoadMask):
    """Read the mask of an unlabelled record for diagnostics, where there is one.

    It costs the reading of a file for each unlabelled image. Without this transform
    the quality of pseudo labels is not measured, and nothing else changes.

    Used keys: ``truth_seg_map_path``, as
    :class:`~ssltoolbox.datasets.few_shot_images.FewShotImageDataset` renames it, and
    those of :class:`~.load_mask.LoadMask`.

    Added keys: ``truth_seg_map`` (H, W) uint8, which a view moves as a mask.

    Args:
        kwargs: Fields of :class:`~.load_mask.LoadMask`.
    """

    def transform(self, results: dict) -> dict:
        """Add the hidden mask."""
        if results.get(HIDDEN + LABEL[0]) is None:
            return results
        shown = {key: results[HIDDEN + key] for key in LABEL if HIDDEN + key in results}
        read = super().transform({**results, **shown, 'labelled': True})
        results['truth_seg_map'] = read['gt_seg_map']
        return results
