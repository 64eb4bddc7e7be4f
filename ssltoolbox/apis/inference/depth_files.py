"""Depth maps, clouds of points and their description, as files."""

import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ssltoolbox.apis.inference.depth_result import DepthResult
from ssltoolbox.apis.inference.image_source import Frame, ImageSource
from ssltoolbox.apis.inference.result_files import ResultFiles
from ssltoolbox.datasets.depth.frame_window import FrameWindow
from ssltoolbox.utils.atomic import atomic_path
from ssltoolbox.utils.image_file import write_image
from ssltoolbox.utils.json_file import write_json
from ssltoolbox.utils.ply import Encoding, write_ply

DEPTH, CLOUDS, TABLE = 'depth', 'clouds', 'depth.json'
LEVELS = 2**16 - 1


class DepthFiles(ResultFiles):
    """Write the results of one inference to a folder, and go on where it stopped.

    - ``depth/<name>.npz``: all that is known, see :meth:`write`; frames of a video in
      ``depth/<video>/<number>.npz``.
    - ``depth/<name>.png``: depth in 16 bits, 0 where nothing is seen. ``depth.json``
      has the ``step`` by which to multiply its values.
    - ``clouds/<name>.ply``, if asked for.
    - ``depth.json``: a record per image or frame, written at the end; ``frame`` is the
      place in a video, and 0 for an image, whatever number its name has.
    - ``inference.json``: what made the depth.

    Args:
        out: The folder.
        source: All inputs; their names make those of the files.
        settings: All that depth depends on; plain values.
        clouds: How clouds are written, None for none.
        stride: Clouds have the points of every n-th row and column.

    Attributes:
        resumed (int): Depth maps that were there already.

    Raises:
        ValueError: The folder holds depth that was made otherwise.
    """

    kind = 'depth'
    owned = (DEPTH, TABLE)

    def __init__(
        self,
        out: str | Path,
        source: ImageSource,
        settings: Mapping[str, Any],
        clouds: Encoding | None = None,
        stride: int = 1,
    ) -> None:
        super().__init__(out, source, settings)
        self.clouds, self.stride, self.resumed = clouds, stride, 0
        self._records: list[dict[str, Any]] = []

    def read(self, frame: Frame) -> DepthResult | None:
        """Give the depth of a frame that is there already, else None."""
        path = self.path_of(DEPTH, frame.file, frame.index, '.npz')
        if not path.is_file() or not path.with_suffix('.png').is_file():
            return None
        try:
            with np.load(path, allow_pickle=False) as file:
                result = _from_arrays(frame, dict(file))
        except (ValueError, KeyError, TypeError, OSError, zipfile.BadZipFile):
            return None  # damaged, so made again
        if result.picture_size != frame.image.shape[1::-1]:
            return None  # the image was replaced
        self.resumed += 1
        return result

    def write(self, result: DepthResult) -> None:
        """Write depth, unless it is there already, and its cloud, if asked for.

        The arrays of the npz file are those of
        :class:`~.depth_result.DepthResult`: ``depth``, ``valid``,
        ``window`` (left, top, width, height, downsampling), ``picture_size``, and as
        far as they are known, ``intrinsics``, ``scale`` and ``error``.
        """
        self.record()
        target = (result.file, result.frame)
        step = _step(result)
        if not result.known:
            with atomic_path(self.path_of(DEPTH, *target, '.npz')) as path:
                np.savez(path, **_to_arrays(result))
            counts = np.clip(np.rint(result.depth / step), 1, LEVELS)
            picture = np.where(result.depth > 0, counts, 0).astype(np.uint16)
            write_image(self.path_of(DEPTH, *target, '.png'), picture)
        cloud = None
        if self.clouds:
            points = result.cloud(self.stride)
            cloud = self.path_of(CLOUDS, *target, '.ply')
            write_ply(cloud, points.points, points.colors, self.clouds)
        self._records.append(self._describe(result, step, cloud))

    def _describe(
        self, result: DepthResult, step: float, cloud: Path | None
    ) -> dict[str, Any]:
        seen = result.depth[result.depth > 0]
        low, middle, high = np.percentile(seen, (0, 50, 100)) if seen.size else (0,) * 3
        camera = result.intrinsics
        png = self.path_of(DEPTH, result.file, result.frame, '.png')
        return dict(
            file=result.file,
            frame=result.frame,
            png=png.relative_to(self.out).as_posix(),
            cloud=cloud and cloud.relative_to(self.out).as_posix(),
            step=step,
            unit=result.unit,
            scale=result.scale,
            AbsRel=result.error,
            nearest=float(low),
            median=float(middle),
            farthest=float(high),
            valid_pixels=int(result.valid.sum()),
            window=asdict(result.window),
            picture_size=list(result.picture_size),
            intrinsics=None if camera is None else camera.tolist(),
        )

    def finish(self) -> None:
        """Write what is known of all images."""
        write_json(self.out / TABLE, dict(frames=self._records))


def _step(result: DepthResult) -> float:
    """Depth of one level of the 16-bit picture."""
    return float(result.depth.max(initial=0)) / LEVELS or 1.0


def _to_arrays(result: DepthResult) -> dict[str, Any]:
    window = list(asdict(result.window).values())
    arrays = dict(
        depth=result.depth,
        valid=result.valid,
        window=np.array(window, float),
        picture_size=np.array(result.picture_size),
    )
    for key in ('intrinsics', 'scale', 'error'):
        value = getattr(result, key)
        if value is not None:
            arrays[key] = np.asarray(value)
    return arrays


def _from_arrays(frame: Frame, arrays: dict[str, Any]) -> DepthResult:
    window = FrameWindow.from_numbers(arrays['window'])
    numbers = {key: float(arrays[key]) for key in ('scale', 'error') if key in arrays}
    return DepthResult(
        file=frame.file,
        frame=frame.index,
        image=window.cut(frame.image),
        depth=arrays['depth'],
        valid=arrays['valid'],
        window=window,
        picture_size=tuple(arrays['picture_size'].tolist()),
        intrinsics=arrays.get('intrinsics'),
        known=True,
        **numbers,
    )
