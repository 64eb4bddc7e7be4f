"""Read the stored dense pseudo label of an image."""

from mmcv.transforms import BaseTransform

from ssltoolbox.registry import TRANSFORMS
from ssltoolbox.semi.map_file import read_maps


@TRANSFORMS.register_module()
class LoadPseudoMap(BaseTransform):
    """Read the maps that a :class:`~ssltoolbox.semi.map_store.MapStore` keeps.

    It stands before the transform that makes the view, which moves the maps into it.

    Used keys: ``pseudo_maps``, path of the maps of image ``img_id``; a record without
    it, such as one with ground truth, passes unchanged.

    Added keys: ``pseudo_map`` (C, h, w) float32, in the plain view of the image.

    Raises:
        FileNotFoundError: The file is absent.
        ValueError: It is damaged, or of another image.
    """

    def transform(self, results: dict) -> dict:
        """Add the maps."""
        if results.get('pseudo_maps') is not None:
            maps = read_maps(results['pseudo_maps'], results['img_id'])
            results['pseudo_map'] = maps
        return results
