"""Fixed changes of an image, through which a trained network looks at it again.

The names with capitals are those of Semi-Seg. It names flips for the axis they turn
about: its ``H Flip`` exchanges top and bottom. Its sizes and spreads are the defaults;
two of its views are not ours, see :class:`Gamma` and :class:`Equalize`.
"""

import difflib
from typing import Any, ClassVar

import cv2
import numpy as np

from ssltoolbox.geometry.view import change_matrix
from ssltoolbox.registry import TRANSFORMS


class FixedView:
    """The image as it is; subclasses change its colours or its geometry.

    Attributes:
        name: What a branch of this view is called.
    """

    name: ClassVar[str]

    def recolour(self, image: np.ndarray) -> np.ndarray:
        """Change the image (H, W, 3) uint8 BGR, in its own size, into a new one."""
        return image

    def change(self, size: tuple[int, int]) -> np.ndarray | None:
        """Matrix (3, 3), pixels of the plain view -> of this one; None changes none.

        Args:
            size: (w, h) of both views in pixels.
        """
        return None


def fixed_view(name: str, original: str):
    """Register a view under a plain name and that of Semi-Seg."""

    def register(cls: type[FixedView]) -> type[FixedView]:
        cls.name = name
        return TRANSFORMS.register_module(name=[name, original])(cls)

    return register


def build_view(view: str | dict[str, Any]) -> tuple[str, FixedView]:
    """Build a view, and say what its branch is called.

    Args:
        view: A name, or ``dict(type=name, ...)`` with arguments; its field ``name``
            tells several of one type apart.

    Raises:
        ValueError: There is no view of this name, or it takes no such arguments.
    """
    config = dict(type=view) if isinstance(view, str) else dict(view)
    kind, name = str(config.get('type', '')), config.pop('name', None)
    found = TRANSFORMS.get(kind if '.' in kind else f'ssltoolbox.{kind}')
    if not (isinstance(found, type) and issubclass(found, FixedView)):
        names = {name.lower(): name for name in view_names()}
        near = difflib.get_close_matches(kind.lower(), names, 1)
        hint = f' Did you mean {names[near[0]]!r}?' if near else ''
        raise ValueError(
            f'there is no view {kind!r}; the views are {", ".join(view_names())}.{hint}'
        )
    try:
        built = found(**{k: v for k, v in config.items() if k != 'type'})
    except (TypeError, ValueError) as error:
        raise ValueError(f'view {kind!r}: {error}') from None
    return name or found.name, built


def view_names() -> list[str]:
    """Plain names of all views, each followed by that of Semi-Seg."""
    kinds = TRANSFORMS.module_dict.items()
    return [
        name
        for name, kind in kinds
        if isinstance(kind, type) and issubclass(kind, FixedView)
    ]


@fixed_view('flip_ud', 'H Flip')
class FlipUD(FixedView):
    """Exchange top and bottom."""

    def change(self, size: tuple[int, int]) -> np.ndarray:  # noqa: D102
        return change_matrix(size, vflip=True)


@fixed_view('flip_lr', 'V Flip')
class FlipLR(FixedView):
    """Exchange left and right."""

    def change(self, size: tuple[int, int]) -> np.ndarray:  # noqa: D102
        return change_matrix(size, hflip=True)


@fixed_view('rotate_180', 'H+V Flip')
class Rotate180(FixedView):
    """Turn by half a turn."""

    def change(self, size: tuple[int, int]) -> np.ndarray:  # noqa: D102
        return change_matrix(size, hflip=True, vflip=True)


@fixed_view('box_blur', 'Blurring')
class BoxBlur(FixedView):
    """Mean over a square.

    Args:
        size: Its side in pixels of the image.
    """

    def __init__(self, size: int = 5) -> None:
        self.size = _odd(size)

    def recolour(self, image: np.ndarray) -> np.ndarray:  # noqa: D102
        return cv2.blur(image, (self.size, self.size))


@fixed_view('mean_filter', '2D-Filter')
class MeanFilter(BoxBlur):
    """The same numbers as ``box_blur``: beside it, that view counts twice."""


@fixed_view('gamma', 'Gamma')
class Gamma(FixedView):
    """Raise grey levels, as shares of 255, to a power.

    Args:
        exponent: Above 1 the image gets darker. Semi-Seg has 1.0, which changes
            nothing.
    """

    def __init__(self, exponent: float = 1.5) -> None:
        if not 0 < exponent < np.inf:
            raise ValueError(f'exponent must be above 0, got {exponent}')
        levels = np.arange(256) / 255
        self.table = np.rint(255 * levels**exponent).astype(np.uint8)

    def recolour(self, image: np.ndarray) -> np.ndarray:  # noqa: D102
        return cv2.LUT(image, self.table)


@fixed_view('gaussian_blur', 'Gaussian Blur')
class GaussianBlur(FixedView):
    """Gaussian blur in a square window.

    Args:
        sigma: Standard deviation in pixels of the image.
        size: Side of the window in pixels. The default cuts the Gaussian off early,
            as in Semi-Seg, where it is nearly a mean.
    """

    def __init__(self, sigma: float = 4.0, size: int = 5) -> None:
        if not 0 < sigma < np.inf:
            raise ValueError(f'sigma must be above 0 pixels, got {sigma}')
        self.sigma, self.size = sigma, _odd(size)

    def recolour(self, image: np.ndarray) -> np.ndarray:  # noqa: D102
        return cv2.GaussianBlur(image, (self.size, self.size), self.sigma)


@fixed_view('median_blur', 'Median Blur')
class MedianBlur(FixedView):
    """Median over a square.

    Args:
        size: Its side in pixels of the image.
    """

    def __init__(self, size: int = 5) -> None:
        self.size = _odd(size)

    def recolour(self, image: np.ndarray) -> np.ndarray:  # noqa: D102
        return cv2.medianBlur(image, self.size)


@fixed_view('bilateral_filter', 'Bilateral Filter')
class BilateralFilter(FixedView):
    """Blur that keeps edges; by far the slowest of the views.

    Args:
        diameter: Of the neighbourhood in pixels of the image.
        sigma_colour: Spread over grey levels.
        sigma_space: Spread over pixels of the image.
    """

    def __init__(
        self, diameter: int = 9, sigma_colour: float = 75, sigma_space: float = 75
    ) -> None:
        if diameter < 1 or min(sigma_colour, sigma_space) <= 0:
            raise ValueError(
                'diameter must be 1 or more, sigma_colour and sigma_space above 0, got '
                f'{diameter}, {sigma_colour} and {sigma_space}'
            )
        self.arguments = diameter, sigma_colour, sigma_space

    def recolour(self, image: np.ndarray) -> np.ndarray:  # noqa: D102
        return cv2.bilateralFilter(image, *self.arguments)


@fixed_view('equalize', 'Equalize histogram')
class Equalize(FixedView):
    """Make the levels of the luminance equally frequent, and keep the colours.

    Semi-Seg's own refuses images with colours, and makes grey ones twice as wide.
    """

    def recolour(self, image: np.ndarray) -> np.ndarray:  # noqa: D102
        planes = list(cv2.split(cv2.cvtColor(image, cv2.COLOR_BGR2YCrCb)))
        planes[0] = cv2.equalizeHist(planes[0])
        return cv2.cvtColor(cv2.merge(planes), cv2.COLOR_YCrCb2BGR)


def _odd(size: int) -> int:
    if not isinstance(size, int) or size < 1 or size % 2 == 0:
        raise ValueError(f'size must be an odd number of pixels, got {size!r}')
    return size
