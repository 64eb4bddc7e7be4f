"""Prepare a sequence once: everything but its images, in the scale of training."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

import numpy as np

from .brightness import true_points
from .frame_window import FrameWindow
from .sfm_sequence import SfmSequence, read_frame


@dataclass(frozen=True)
class SfmSettings:
    """How sequences are prepared; the defaults are those of the TMI paper's program.

    Attributes:
        downsampling: By which width and height of the frames are divided.
        multiple: Width and height of what the network sees are multiples of it.
        inlier_share: Of the points of a view whose brightness is taken for right, see
            :mod:`~ssltoolbox.datasets.depth.brightness`; 1 keeps all points.
        visibility_window: A point counts in a view if it was found in one of that many
            views before it, or less than that many after it; None: in all views.
        scale: Unit of depth. ``'extent'``: the larger diagonal of the box of the
            points and of the box of the cameras, at least 1; ``'travel'``: the mean
            distance between consecutive cameras, as in the three-stage program.
        half_pixel: See :meth:`FrameWindow.intrinsics`.
        suffix: See :meth:`SfmSequence.read`.
        intrinsics_per_view: The same.
    """

    downsampling: float = 4.0
    multiple: int = 64
    inlier_share: float = 0.99
    visibility_window: int | None = 30
    scale: Literal['extent', 'travel'] = 'extent'
    half_pixel: bool = False
    suffix: str = ''
    intrinsics_per_view: int | None = None

    def __post_init__(self) -> None:
        window = self.visibility_window
        if (
            self.downsampling < 1
            or self.multiple < 1
            or not 0 < self.inlier_share <= 1
            or (window is not None and window < 1)
            or self.scale not in ('extent', 'travel')
        ):
            raise ValueError(
                'SfmSettings need downsampling 1 or more, multiple 1 or more, '
                'inlier_share in (0, 1], visibility_window None or 1 or more, and '
                f"scale 'extent' or 'travel', got {asdict(self)}"
            )

    @classmethod
    def read(cls, values: Mapping[str, Any] | None) -> 'SfmSettings':
        """Make them from fields of a config.

        Raises:
            TypeError: One of them has another name; the message says which is near.
        """
        known = [field.name for field in fields(cls)]
        for name in values or {}:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f'did you mean {near[0]!r}?' if near else ', '.join(known)
                raise TypeError(f'sfm_settings take no {name!r}; {hint}')
        return cls(**(values or {}))


@dataclass(frozen=True)
class PreparedSequence:
    """What training needs of a sequence besides its images.

    Attributes:
        frames: (V,) int64, number of each frame.
        window: Of the frames.
        mask: (h, w) uint8 of the window, 255 where it is valid.
        intrinsics: (3, 3) in pixels of the window.
        extrinsics: (V, 4, 4), world -> camera.
        points: (N, 3), those that are kept, in the unit of structure from motion.
        seen: (N, V) bool, in which views each was found.
        near: (N, V) bool, in which views each counts: see ``visibility_window``.
        scale: By which depths and translations are divided.
    """

    frames: np.ndarray
    window: FrameWindow
    mask: np.ndarray
    intrinsics: np.ndarray
    extrinsics: np.ndarray
    points: np.ndarray
    seen: np.ndarray
    near: np.ndarray
    scale: float

    def arrays(self) -> dict[str, Any]:
        """All of it, as arrays of numbers."""
        content = {key: getattr(self, key) for key in self.__dataclass_fields__}
        window = content.pop('window')
        return {**content, 'window': np.array(list(asdict(window).values()), float)}

    @classmethod
    def from_arrays(cls, arrays: dict[str, Any]) -> 'PreparedSequence':
        """Undo :meth:`arrays`."""
        content = {key: arrays[key] for key in cls.__dataclass_fields__}
        content['window'] = FrameWindow.from_numbers(content['window'])
        return cls(**{**content, 'scale': float(content['scale'])})


def prepare(
    sequence: SfmSequence, settings: SfmSettings, size: tuple[int, int] | None = None
) -> PreparedSequence:
    """Find window, true points and scale of a sequence.

    Args:
        sequence: As it is on disk.
        settings: How.
        size: (width, height) of the window; None for its own.

    Raises:
        ValueError: No point is left, or the camera does not move; names the folder.
    """
    window = FrameWindow.around(
        sequence.mask, settings.downsampling, settings.multiple, size
    )
    near = smooth_visibility(sequence.seen, settings.visibility_window)
    kept = kept_points(sequence, settings, window)
    if not kept.any():
        raise ValueError(
            f'{sequence.folder}: none of the {len(kept)} points is left, all lie '
            'outside of the mask or have a brightness that does not fit their depth. '
            'Check poses and intrinsics by tools/browse_sfm.py, or set inlier_share=1'
        )
    extrinsics = np.linalg.inv(sequence.poses)
    scale = unit_of_depth(sequence.points, extrinsics, sequence.poses, settings.scale)
    if not scale > 0:
        raise ValueError(
            f"{sequence.folder}: the camera does not move, so scale='travel' is 0: use "
            "scale='extent', or leave the sequence out"
        )
    return PreparedSequence(
        frames=np.array(sequence.frames, np.int64),
        window=window,
        mask=window.cut_mask(sequence.mask),
        intrinsics=window.intrinsics(sequence.intrinsics, settings.half_pixel),
        extrinsics=extrinsics,
        points=sequence.points[kept],
        seen=sequence.seen[kept],
        near=near[kept],
        scale=scale,
    )


def kept_points(
    sequence: SfmSequence, settings: SfmSettings, window: FrameWindow
) -> np.ndarray:
    """Which points have a brightness that fits their depth, (N,) bool."""
    if settings.inlier_share == 1:
        return np.ones(len(sequence.points), bool)
    return true_points(
        (window.cut(read_frame(path, sequence.mask)) for path in sequence.images),
        sequence.points,
        smooth_visibility(sequence.seen, settings.visibility_window),
        window.cut_mask(sequence.mask),
        np.linalg.inv(sequence.poses),
        window.intrinsics(sequence.intrinsics, settings.half_pixel),
        settings.inlier_share,
    )


def smooth_visibility(seen: np.ndarray, window: int | None) -> np.ndarray:
    """Let points count in views near those where they were found, (N, V) bool.

    Point n counts in view i if it was found in one of the views i - window to
    i + window - 1.
    """
    if window is None:
        return np.broadcast_to(seen.any(1, keepdims=True), seen.shape).copy()
    views = seen.shape[1]
    total = np.cumsum(np.pad(seen, ((0, 0), (1, 0))), 1)
    index = np.arange(views)
    low, high = np.maximum(index - window, 0), np.minimum(index + window, views)
    return total[:, high] > total[:, low]


def unit_of_depth(
    points: np.ndarray, extrinsics: np.ndarray, poses: np.ndarray, kind: str
) -> float:
    """Length by which depths are divided.

    Args:
        points: (N, 3).
        extrinsics: (V, 4, 4), world -> camera. The original measures the extent of
            their last columns, which are not the places of the cameras; it is a common
            factor of all depths of a sequence.
        poses: (V, 4, 4), camera -> world.
        kind: See :class:`SfmSettings`.
    """
    if kind == 'travel':
        steps = np.diff(poses[:, :3, 3], axis=0)
        return float(np.linalg.norm(steps, axis=1).sum() / len(poses))
    return max(1.0, *(_diagonal(each) for each in (extrinsics[:, :3, 3], points)))


def _diagonal(places: np.ndarray) -> float:
    return float(np.linalg.norm(places.max(0) - places.min(0)))


def common_size(
    sequences: Sequence[SfmSequence], settings: SfmSettings
) -> tuple[int, int]:
    """Smallest (width, height) that holds the windows of all sequences."""
    windows = [
        FrameWindow.around(each.mask, settings.downsampling, settings.multiple)
        for each in sequences
    ]
    return max(w.width for w in windows), max(w.height for w in windows)


def check_size(size: Sequence[int], multiple: int) -> None:
    """Refuse a size that is no multiple, and say which one is near.

    Args:
        size: (width, height) of what the network sees.
        multiple: See :class:`SfmSettings`.

    Raises:
        ValueError: It is none.
    """
    if len(size) == 2 and min(size) > 0 and not any(side % multiple for side in size):
        return
    near = [max(round(side / multiple), 1) * multiple for side in size[:2]]
    raise ValueError(
        f'input_size={tuple(size)}: width and height must be multiples of {multiple} '
        f'(sfm_settings.multiple), such as {tuple(near)}'
    )
