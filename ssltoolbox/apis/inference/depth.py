"""Find the depth in an image, a folder or a video, and write what was found."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from mmengine import Config
from rich.console import Console
from rich.progress import Progress

from ssltoolbox.apis.inference.depth_files import DepthFiles
from ssltoolbox.apis.inference.depth_inferencer import DepthInferencer, frame_source
from ssltoolbox.apis.inference.depth_result import DepthResult
from ssltoolbox.apis.inference.drawn_files import counted, drawn_video, picture_path
from ssltoolbox.apis.inference.image_source import ImageSource
from ssltoolbox.apis.inference.result_files import provenance
from ssltoolbox.utils.digest import file_sha256
from ssltoolbox.utils.image_file import write_image
from ssltoolbox.utils.ply import Encoding
from ssltoolbox.visualization.depth import draw_depth


def infer_depth(
    config: Config,
    checkpoint: str,
    given: str | Path,
    out: str | Path,
    draw: bool,
    console: Console,
    clouds: Encoding | None = None,
    stride: int = 1,
    **fields: Any,
) -> str:
    """Write depth, clouds of points and drawn pictures of all inputs.

    Depth that an earlier call with the same settings has written is kept.

    Args:
        config: Config of the network.
        checkpoint: Its weights.
        given: Image, folder or video.
        out: Folder for the results.
        draw: Draw the depth beside its picture.
        console: Where the progress is shown.
        clouds: How clouds of points are written, None for none.
        stride: Clouds have the points of every n-th row and column.
        **fields: Fields of
            :class:`~.depth_inferencer.DepthInferencer`.

    Returns:
        What was done, in a few lines.

    Raises:
        FileNotFoundError: An input, the config or the checkpoint does not exist.
        ValueError: No image can be read, the camera is not known and clouds are asked
            for, or the folder holds other results.
    """
    if stride < 1:
        raise ValueError(f'stride must be 1 or more, got {stride}')
    source = frame_source(str(given))
    inferencer = DepthInferencer(config, checkpoint, **fields)
    if clouds:
        _require_cameras(inferencer, source)
    mask = fields.get('mask')
    settings = dict(
        input=str(Path(given).resolve()),
        network=provenance(config, checkpoint),
        which=fields.get('which', 'auto'),
        mask=mask and file_sha256(mask),
        **{key: fields.get(key) for key in ('intrinsics', 'downsampling', 'size')},
        use_sfm=fields.get('use_sfm', True),
    )
    files = DepthFiles(out, source, settings, clouds, stride)
    count, scaled = _run(inferencer, source, files, draw, console)
    if not count:
        raise ValueError('no image could be read, nothing is written')
    files.finish()
    lines = [f'depth: {count} frames, {scaled} of them in the unit of their points']
    if files.resumed:
        lines.append(f'of these from an earlier run: {files.resumed}')
    if source.unreadable:
        lines.append(counted('could not be read', source.unreadable))
    return '\n'.join(lines)


def _require_cameras(inferencer: DepthInferencer, source: ImageSource) -> None:
    absent = [
        name
        for name, item in source.items
        if isinstance(item, Path) and not inferencer.windows.knows_camera(item)
    ]
    if absent:
        raise ValueError(
            f'{counted("the camera is not known", absent)}: clouds of points need '
            '--intrinsics FX FY CX CY in pixels of the pictures, or a file '
            'camera_intrinsics_per_view beside them'
        )


def _run(
    inferencer: DepthInferencer,
    source: ImageSource,
    files: DepthFiles,
    draw: bool,
    console: Console,
) -> tuple[int, int]:
    """Predict, draw and write; gives the number of all and of the scaled frames."""
    count = scaled = 0
    with ExitStack() as stack:
        progress = stack.enter_context(Progress(console=console))
        video = None
        if source.videos and draw:
            video = stack.enter_context(drawn_video(files.out, source))
        task = progress.add_task('depth', total=len(source))
        for result in inferencer(source, files.read):
            if video is not None:
                video.write(beside(result))
            elif draw:
                path = picture_path(files.out, result.file)
                if not (result.known and path.exists()):
                    write_image(path, beside(result))
            files.write(result)
            count, scaled = count + 1, scaled + (result.unit == 'sfm')
            progress.advance(task)
        # what could not be read is done with, too
        progress.update(task, completed=len(source))
    return count, scaled


def beside(result: DepthResult) -> np.ndarray:
    """The picture, and its depth from blue, near, to red, far: (h, 2 w, 3) uint8."""
    return np.hstack([result.image, draw_depth(result.depth, result.valid)])
