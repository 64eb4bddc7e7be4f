"""A pool of unlabelled images with the probabilities that a stage stored."""

from collections.abc import Sequence

from ssltoolbox.datasets.few_shot_images import FewShotImageDataset
from ssltoolbox.registry import DATASETS


@DATASETS.register_module()
class StoredMapDataset(FewShotImageDataset):
    """The images of a pool that have an accepted entry in a ``MapStore``.

    They stay unlabelled; ``pseudo_maps`` of a record is the file of its maps, which
    ``ssltoolbox.LoadPseudoMap`` reads.

    Args:
        dataset: Config of the pool, a ``ssltoolbox.FewShotImageDataset``.
        store: Folder of the :class:`~ssltoolbox.semi.map_store.MapStore`.
        pipeline: Transforms of a sample.

    Raises:
        ValueError: The store is of other images, or all of them were rejected.
    """

    def __init__(self, dataset: dict, store: str, pipeline: Sequence = ()) -> None:
        fields = {key: value for key, value in dataset.items() if key != 'type'}
        fields = {**fields, 'pseudo_labels': store, 'pipeline': pipeline}
        super().__init__(**fields)
