"""The part of a smaller frame that a depth network sees."""

from dataclasses import dataclass

import cv2
import numpy as np

ERODED = 5
"""Side of the square by which the mask shrinks, in pixels of the smaller frame."""


@dataclass(frozen=True)
class FrameWindow:
    """A window of a frame that was made smaller.

    It may reach beyond the frame, where it is black and masked.

    Attributes:
        left: First column, in pixels of the smaller frame.
        top: First row.
        width: Number of columns.
        height: Number of rows.
        downsampling: By which width and height of the frame are divided.
    """

    left: int
    top: int
    width: int
    height: int
    downsampling: float

    @classmethod
    def around(
        cls,
        mask: np.ndarray,
        downsampling: float,
        multiple: int,
        size: tuple[int, int] | None = None,
    ) -> 'FrameWindow':
        """Find the window that holds all that a mask shows.

        The size of what is valid grows to the next multiple, as in the original: by a
        whole one where it is a multiple already.

        Args:
            mask: (H, W) uint8 of the frame, 255 where it is valid.
            downsampling: See the attribute.
            multiple: Width and height are multiples of it, as the network needs.
            size: (width, height), the common size of several sequences; None for the
                smallest.

        Raises:
            ValueError: Nothing is left of the mask.
        """
        small = shrink(mask, downsampling) == 255
        if not small.any():
            raise ValueError(
                f'nothing of the mask is left, made smaller by {downsampling:g}: its '
                'pixels of 255 are too few, or mixed with others'
            )
        spans = []
        for axis, length in enumerate((None, None) if size is None else size):
            spans.append(_span(small.any(axis), multiple, length))
        (left, width), (top, height) = spans
        return cls(left, top, width, height, downsampling)

    @classmethod
    def from_numbers(cls, numbers: np.ndarray) -> 'FrameWindow':
        """Make a window of its five fields."""
        left, top, width, height, downsampling = numbers.tolist()
        return cls(int(left), int(top), int(width), int(height), downsampling)

    def cut(self, image: np.ndarray) -> np.ndarray:
        """Make an image (H, W[, 3]) of the frame smaller, and cut the window out."""
        small = shrink(image, self.downsampling)
        rows, columns = small.shape[:2]
        right, bottom = self.left + self.width, self.top + self.height
        inside = small[max(self.top, 0) : bottom, max(self.left, 0) : right]
        return cv2.copyMakeBorder(
            inside,
            max(-self.top, 0),
            max(bottom - rows, 0),
            max(-self.left, 0),
            max(right - columns, 0),
            cv2.BORDER_CONSTANT,
            value=0,
        )

    def cut_mask(self, mask: np.ndarray) -> np.ndarray:
        """Mask (h, w) uint8 of the window: eroded, for the rim of the frame is dark."""
        kernel = np.ones((ERODED, ERODED), np.uint8)
        rows, columns = shrink(mask, self.downsampling).shape
        whole = FrameWindow(0, 0, columns, rows, self.downsampling).cut(mask)
        eroded = cv2.erode(whole, kernel)
        return FrameWindow(self.left, self.top, self.width, self.height, 1).cut(eroded)

    def intrinsics(self, full: np.ndarray, half_pixel: bool = False) -> np.ndarray:
        """Camera matrix (3, 3) in pixels of the window.

        Args:
            full: (3, 3) in pixels of the frame.
            half_pixel: Take the principal point to where resizing takes it, ``(c +
                1/2) / s - 1/2``; the original divides it alone, which is 3/8 px off for
                s = 4. Sparse maps are made with the same matrix either way.
        """
        matrix = full.astype(float).copy()
        shift = 0.5 if half_pixel else 0.0
        matrix[0, 0] /= self.downsampling
        matrix[1, 1] /= self.downsampling
        centre = (full[:2, 2] + shift) / self.downsampling - shift
        matrix[:2, 2] = centre - (self.left, self.top)
        return matrix


def shrink(image: np.ndarray, downsampling: float) -> np.ndarray:
    """Divide width and height, bilinearly."""
    if downsampling == 1:
        return image
    scale = 1 / downsampling
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)


def _span(valid: np.ndarray, multiple: int, length: int | None) -> tuple[int, int]:
    """First index and length of a window along one side."""
    found = np.flatnonzero(valid)
    first, extent = int(found[0]), int(found[-1] - found[0])
    more = multiple - extent % multiple
    start, own = max(first - more // 2, 0), extent + more
    if length is None:
        # not beyond the frame, where it fits in
        return min(start, max(len(valid) - own, 0)), own
    start = max(start - (length - own) // 2, 0)
    return min(start + length, len(valid)) - length, length
