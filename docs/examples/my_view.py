"""Look at a part of an image."""

import numpy as np

from ssltoolbox.datasets.transforms.image_view import ImageView
from ssltoolbox.geometry.view import change_matrix
from ssltoolbox.registry import TRANSFORMS


@TRANSFORMS.register_module()
class ZoomView(ImageView):
    """A random part of the image, enlarged.

    Args:
        input_size: (w, h) of the view in pixels.
        max_zoom: Largest factor of size, at least 1.
        kwargs: Fields of ``ImageView``.
    """

    def __init__(self, input_size, max_zoom: float = 2.0, **kwargs) -> None:
        super().__init__(input_size, **kwargs)
        self.max_zoom = max_zoom

    def transform(self, results: dict) -> dict:
        """Draw a part, and look at it."""
        zoom = np.random.uniform(1, self.max_zoom)
        room = np.array(self.input_size) * (zoom - 1) / 2
        shift = np.random.uniform(-room, room)
        change = change_matrix(self.input_size, scale=zoom, translation=tuple(shift))
        return self.look(results, change)
