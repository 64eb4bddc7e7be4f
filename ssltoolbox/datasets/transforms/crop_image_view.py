"""Look at the largest part of an image that has the shape of the network's input."""

from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

from ssltoolbox.geometry.warp import cell_matrix
from ssltoolbox.registry import TRANSFORMS

from .image_view import MASKS, ImageView, RandomImageView

if TYPE_CHECKING:
    _View = ImageView
else:
    _View = object


class _Cropped(_View):
    """Cut a window out of the image and resize it; then look at it as at an image."""

    def look(self, results: dict, change: np.ndarray | None = None) -> dict:
        self._check(results)
        height, width = results['img'].shape[:2]
        x, y, w, h = window((width, height), self.input_size, self._place())
        size = self.input_size
        cut = results['img'][y : y + h, x : x + w]
        # anti-aliased, as OpenCV's resize is not
        results['img'] = np.array(Image.fromarray(cut).resize(size, Image.BILINEAR))
        for key in MASKS:
            if key in results:
                part = results[key][y : y + h, x : x + w]
                matrix = cell_matrix(size, (w, h), 'areas').numpy()
                results[key] = cv2.warpAffine(
                    part,
                    matrix[:2],
                    size,
                    flags=cv2.INTER_NEAREST,
                    borderMode=cv2.BORDER_REPLICATE,
                )
        results = super().look(results, change)
        to_window = np.eye(3)
        to_window[:2, 2] = -x, -y
        resized = cell_matrix(size, (w, h), 'areas').numpy()
        results['view'] = results['view'] @ resized @ to_window
        results.update(native_shape=(height, width), ori_shape=(size[1], size[0]))
        return results

    def _place(self) -> np.ndarray:
        raise NotImplementedError

    def _check(self, results: dict) -> None:
        left = [k for k in ('keypoints', 'pseudo_map') if k in results]
        if left:
            raise ValueError(
                f'{type(self).__name__} cannot move {left[0]} of '
                f'{results.get("img_path", "an image")}: use ImageView, which '
                'sees the whole image'
            )


def window(
    image: tuple[int, int], size: tuple[int, int], place: np.ndarray
) -> tuple[int, int, int, int]:
    """Corner (x, y), width and height of the largest window of a shape, whole pixels.

    Args:
        image: (W, H) in pixels.
        size: (w, h), of which the ratio counts.
        place: Share (x, y) of the room around the window that lies left and above.

    >>> window((90, 60), (64, 48), np.array([0.5, 0.5]))
    (5, 0, 80, 60)
    """
    scale = min(whole / part for whole, part in zip(image, size, strict=True))
    w, h = (max(int(scale * part), 1) for part in size)
    x, y = (int(p * (a - b)) for p, a, b in zip(place, image, (w, h), strict=True))
    return x, y, w, h


@TRANSFORMS.register_module()
class CropImageView(_Cropped, ImageView):
    """Look at the middle of an image, without a change of its aspect ratio.

    What does not fit is cut off, so that a network evaluated by it says nothing about
    all of the image: ``ori_shape`` becomes that of the view, so that predictions and
    masks, which must have been loaded before, are compared in it. The default
    of the configs, :class:`~.image_view.ImageView`, squashes images instead.

    Keys as :class:`~.image_view.ImageView`, but for keypoints and ``pseudo_map``,
    which are refused; adds ``native_shape`` (H, W) of the whole image. The resized
    image is anti-aliased.

    Args:
        input_size: (w, h) of the view in pixels.
        kwargs: Fields of :class:`~.image_view.ImageView`.

    Source: validation of Semi-Seg; same pixels.
    """

    def _place(self) -> np.ndarray:
        return np.array([0.5, 0.5])


@TRANSFORMS.register_module()
class RandomCropImageView(_Cropped, RandomImageView):
    """Look at a window of the image at a random place, mirrored and turned at random.

    Args:
        input_size: (w, h) of the view in pixels.
        kwargs: Fields of :class:`~.image_view.RandomImageView`. The window is turned,
            so that its corners show ``border``; in Semi-Seg the image is, before.
    """

    def _place(self) -> np.ndarray:
        return np.random.rand(2)
