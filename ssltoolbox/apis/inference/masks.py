"""Segment an image, a folder or a video, and write what was found."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from mmengine import Config
from rich.console import Console
from rich.progress import Progress

from ssltoolbox.apis.inference.drawn_files import counted, drawn_video, picture_path
from ssltoolbox.apis.inference.image_source import ImageSource
from ssltoolbox.apis.inference.result_files import provenance
from ssltoolbox.apis.inference.seg_files import SegFiles
from ssltoolbox.apis.inference.seg_inferencer import SegInferencer
from ssltoolbox.utils.image_file import write_image
from ssltoolbox.visualization.dense import draw_classes
from ssltoolbox.visualization.overlay import class_palette


def infer_masks(
    networks: Sequence[tuple[Config, str]],
    given: str | Path,
    out: str | Path,
    draw: bool,
    console: Console,
    **fields: Any,
) -> str:
    """Write masks, areas and drawn pictures of all inputs.

    Masks that an earlier call with the same settings has written are kept.

    Args:
        networks: Config and checkpoint of each network of the ensemble.
        given: Image, folder or video.
        out: Folder for the results.
        draw: Draw the masks over their pictures.
        console: Where the progress is shown.
        **fields: Fields of :class:`~.seg_inferencer.SegInferencer`.

    Returns:
        What was done, in a few lines.

    Raises:
        FileNotFoundError: An input, a config or a checkpoint does not exist.
        ValueError: No image can be read, or the folder holds other results.
    """
    source = ImageSource(given, upright=False)
    (config, checkpoint), *members = networks
    inferencer = SegInferencer(config, checkpoint, members=members, **fields)
    settings = dict(
        input=str(Path(given).resolve()),
        networks=[provenance(*pair) for pair in networks],
        weights=inferencer.weights,
        views=inferencer.views,
        which=fields.get('which', 'auto'),
    )
    files = SegFiles(out, source, inferencer.meta, settings)
    count = _run(inferencer, source, files, draw, console)
    if not count:
        raise ValueError('no image could be read, nothing is written')
    files.finish()
    lines = [f'masks: {count} of {", ".join(files.classes)}']
    if files.resumed:
        lines.append(f'of these from an earlier run: {files.resumed}')
    if source.unreadable:
        lines.append(counted('could not be read', source.unreadable))
    return '\n'.join(lines)


def _run(
    inferencer: SegInferencer,
    source: ImageSource,
    files: SegFiles,
    draw: bool,
    console: Console,
) -> int:
    """Predict, draw and write; gives the number of images and frames."""
    palette, count = class_palette(inferencer.meta), 0
    with ExitStack() as stack:
        progress = stack.enter_context(Progress(console=console))
        video = None
        if source.videos and draw:
            video = stack.enter_context(drawn_video(files.out, source))
        task = progress.add_task('masks', total=len(source))
        for result in inferencer(source, files.read):
            if video is not None:
                video.write(draw_classes(result.image, result.classes, palette))
            elif draw:
                path = picture_path(files.out, result.file)
                if result.confidence is not None or not path.exists():
                    drawn = draw_classes(result.image, result.classes, palette)
                    write_image(path, drawn)
            files.write(result)
            count += 1
            progress.advance(task)
        # what could not be read is done with, too
        progress.update(task, completed=len(source))
    return count
