"""Find poses in an image, a folder or a video, and write what was found."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

from mmengine import Config
from rich.console import Console
from rich.progress import Progress

from ssltoolbox.apis.inference.boxes import Boxes
from ssltoolbox.apis.inference.drawn_files import counted, drawn_video, picture_path
from ssltoolbox.apis.inference.image_source import ImageSource
from ssltoolbox.apis.inference.pose_inferencer import PoseInferencer
from ssltoolbox.apis.inference.pose_json import PoseJson
from ssltoolbox.apis.inference.pose_result import PoseResult
from ssltoolbox.utils.image_file import write_image
from ssltoolbox.visualization.overlay import draw_poses


def infer_poses(
    config: Config,
    checkpoint: str,
    given: str,
    out: str | Path,
    boxes: Boxes,
    info: dict[str, Any],
    draw_from: float | None,
    console: Console,
    **fields: Any,
) -> str:
    """Write ``predictions.json`` (COCO-like) and the drawn pictures or video.

    Args:
        config: Config of the network.
        checkpoint: Its weights.
        given: Image, folder or video.
        out: Folder for the results.
        boxes: Boxes of the images, or whole images.
        info: What made the poses, for the JSON.
        draw_from: Joints of a lower score are not drawn; None draws nothing.
        console: Where the progress is shown.
        **fields: Fields of :class:`~.pose_inferencer.PoseInferencer`.

    Returns:
        What was found, in a few lines.

    Raises:
        FileNotFoundError: An input, the config or the checkpoint does not exist.
        ValueError: No image can be read.
    """
    source, out = ImageSource(given, upright=boxes.whole), Path(out)
    out.mkdir(parents=True, exist_ok=True)
    inferencer = PoseInferencer(config, checkpoint, **fields)
    poses = PoseJson(inferencer.meta, info)
    with ExitStack() as stack:
        progress = stack.enter_context(Progress(console=console))
        video = None
        if source.videos and draw_from is not None:
            video = stack.enter_context(drawn_video(out, source))
        task = progress.add_task('poses', total=len(source))
        for result in inferencer(source, boxes):
            poses.add(result)
            progress.advance(task)
            if draw_from is None:
                continue
            drawn = _draw(result, inferencer.meta, boxes, draw_from)
            if video is not None:
                video.write(drawn)
            else:
                write_image(picture_path(out, result.file), drawn)
        # what could not be read is done with, too
        progress.update(task, completed=len(source))
    if not poses.content['images']:
        raise ValueError('no image could be read, nothing is written')
    poses.write(out / 'predictions.json')
    return _summary(poses, source, boxes, inferencer.takes_boxes, draw_from)


def _draw(
    result: PoseResult, meta: dict[str, Any], boxes: Boxes, draw_from: float
) -> Any:
    shown = None if boxes.whole else result.boxes
    return draw_poses(
        result.image, result.keypoints, result.scores, meta, shown, draw_from
    )


def _summary(
    poses: PoseJson,
    source: ImageSource,
    boxes: Boxes,
    takes_boxes: bool,
    draw_from: float | None,
) -> str:
    """Say in a few lines what was found, and what was left out or not drawn."""
    images, found = poses.content['images'], poses.content['annotations']
    filled = {pose['image_id'] for pose in found}
    empty = [image['file_name'] for image in images if image['id'] not in filled]
    lines = [f'poses: {len(found)} in {len(images)} images']
    for what, files in (
        ('could not be read', source.unreadable),
        (f'without a box in {boxes.name}' if takes_boxes else 'nothing found', empty),
    ):
        if files:
            lines.append(counted(what, files))
    if draw_from is not None:
        pale = sum(max(pose['keypoints'][2::3]) < draw_from for pose in found)
        if pale:
            lines.append(f'not drawn, all joints below --kpt-thr {draw_from:g}: {pale}')
    return '\n'.join(lines)
