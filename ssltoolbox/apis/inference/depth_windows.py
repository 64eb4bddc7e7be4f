"""Cut out of any picture what training would cut out of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from ssltoolbox.apis.inference.depth_view import DepthView, SparseDepth
from ssltoolbox.apis.inference.image_source import Frame
from ssltoolbox.datasets.depth.cache import prepared
from ssltoolbox.datasets.depth.frame_window import FrameWindow
from ssltoolbox.datasets.depth.prepare import PreparedSequence, SfmSettings
from ssltoolbox.datasets.depth.sfm_files import read_intrinsics
from ssltoolbox.datasets.depth.sfm_sequence import SfmSequence, read_mask_file
from ssltoolbox.datasets.depth.sparse_maps import sparse_maps

MASK = 'undistorted_mask.bmp'
INTRINSICS = 'camera_intrinsics_per_view'
POSES = 'motion.yaml'


@dataclass(frozen=True)
class _Known:
    """What the user, and files beside a picture, say of full frames."""

    mask: np.ndarray | None = None
    mask_file: str = ''
    intrinsics: np.ndarray | None = None
    sequence: PreparedSequence | None = None


class DepthWindows:
    """The windows of pictures, by the settings of training.

    Files of a sequence are used where they lie beside a picture:
    ``undistorted_mask.bmp``, ``camera_intrinsics_per_view``, and where there is a
    ``motion.yaml``, all that structure from motion found. Without a mask all of a
    picture is valid.

    Args:
        settings: As in training.
        size: (width, height) of the window, as in training; None for what holds all
            that is valid.
        mask: Of all pictures, instead of those beside them: an image that is 255 where
            it shows the scene.
        intrinsics: fx, fy, cx, cy of all pictures in their pixels, instead of those
            beside them.
        use_sfm: Use what structure from motion found.

    Raises:
        FileNotFoundError: There is no such mask.
        ValueError: The mask is no image or empty, the camera is none, or the network
            cannot take the size.
    """

    def __init__(
        self,
        settings: SfmSettings,
        size: Sequence[int] | None = None,
        mask: str | Path | None = None,
        intrinsics: Sequence[float] | None = None,
        use_sfm: bool = True,
    ) -> None:
        if size is not None:
            _check_size(size, settings.multiple)
        self.settings, self.use_sfm = settings, use_sfm
        self.size = None if size is None else (size[0], size[1])
        self._given = _Known()
        if mask is not None:
            self._given = _Known(read_mask_file(Path(mask)), str(mask))
        if intrinsics is not None:
            matrix = camera_matrix(intrinsics)
            self._given = replace(self._given, intrinsics=matrix)
        self._beside = lru_cache(maxsize=8)(self._read_beside)
        self._windows: dict[tuple, tuple[FrameWindow, np.ndarray]] = {}

    def knows_camera(self, path: Path | None) -> bool:
        """Whether the intrinsics of a picture are known, by files that are there."""
        beside = path is not None and (path.parent / INTRINSICS).is_file()
        return beside or self._given.intrinsics is not None

    def look(self, frame: Frame, path: Path | None) -> DepthView:
        """Cut the window out of a picture.

        Args:
            frame: The picture.
            path: Its file, or that of its video; None if it has none.

        Raises:
            FileNotFoundError: A file of its sequence is absent.
            ValueError: Its size is not that of its mask, or a file of its sequence is
                damaged.
        """
        known = self._given if path is None else self._beside(path.parent)
        window, mask = self._window(known, frame)
        intrinsics = known.intrinsics
        if intrinsics is not None:
            intrinsics = window.intrinsics(intrinsics, self.settings.half_pixel)
        sparse = None
        if path and known.sequence:
            sparse = _sparse_depth(known.sequence, path)
        return DepthView(window.cut(frame.image), mask, window, intrinsics, sparse)

    def _window(self, known: _Known, frame: Frame) -> tuple[FrameWindow, np.ndarray]:
        shape = frame.image.shape[:2]
        key = known.mask_file, shape
        if key in self._windows:
            return self._windows[key]
        mask = np.full(shape, 255, np.uint8) if known.mask is None else known.mask
        if mask.shape != shape:
            raise ValueError(
                f'{frame.file} has {shape[1]} x {shape[0]} px and its mask '
                f'{known.mask_file} {mask.shape[1]} x {mask.shape[0]}: give the mask '
                'of these pictures, or take it away if all of them is valid'
            )
        settings = self.settings
        window = FrameWindow.around(
            mask, settings.downsampling, settings.multiple, self.size
        )
        return self._windows.setdefault(key, (window, window.cut_mask(mask)))

    def _read_beside(self, folder: Path) -> _Known:
        known, per_view = self._given, self.settings.intrinsics_per_view
        if self.use_sfm and (folder / POSES).is_file():
            raw = SfmSequence.read(folder, self.settings.suffix, per_view)
            if known.mask is not None:
                raw = replace(raw, mask=known.mask)
            if known.intrinsics is not None:
                raw = replace(raw, intrinsics=known.intrinsics)
            sequence = prepared(raw, self.settings, self.size, None)
            file = known.mask_file or str(folder / MASK)
            return _Known(raw.mask, file, raw.intrinsics, sequence)
        if known.mask is None and (mask := folder / MASK).is_file():
            known = replace(known, mask=read_mask_file(mask), mask_file=str(mask))
        if known.intrinsics is None and (lens := folder / INTRINSICS).is_file():
            known = replace(known, intrinsics=read_intrinsics(lens, per_view))
        return known


def camera_matrix(numbers: Sequence[float]) -> np.ndarray:
    """Matrix (3, 3) of fx, fy, cx, cy.

    Raises:
        ValueError: These are not four finite numbers, of which two are positive.
    """
    values = np.asarray(numbers, float)
    if values.shape != (4,) or not np.isfinite(values).all() or min(values[:2]) <= 0:
        raise ValueError(
            'intrinsics are fx, fy, cx, cy in pixels of the full picture, the first '
            f'two above 0, got {numbers}'
        )
    fx, fy, cx, cy = values
    return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1]])


def _check_size(size: Sequence[int], multiple: int) -> None:
    if len(size) != 2 or min(size) < 1 or any(side % multiple for side in size):
        raise ValueError(
            f'width and height of the window must be multiples of {multiple}, with '
            f'which the network was trained, got {tuple(size)}'
        )


def _sparse_depth(sequence: PreparedSequence, path: Path) -> SparseDepth | None:
    """Depth of the points of a frame, if it is a registered one that shows some."""
    if not path.stem.isdecimal():
        return None
    found = np.flatnonzero(sequence.frames == int(path.stem))
    if not len(found):
        return None
    view = int(found[0])
    maps = sparse_maps(sequence, view, view)
    if not maps.depth_weight.any():
        return None
    return SparseDepth(maps.depth, maps.depth_weight, sequence.scale)
