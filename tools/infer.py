"""Find poses in an image, a folder or a video; draw them and write them as JSON.

    python tools/infer.py CONFIG CHECKPOINT photos/ --out results

Writes ``predictions.json`` (COCO-like) and the drawn pictures or video to ``--out``.
"""

import argparse
import warnings
from contextlib import ExitStack
from pathlib import Path

import cv2
from rich.console import Console
from rich.progress import Progress

from ssltoolbox.apis.boxes import Boxes
from ssltoolbox.apis.cli import add_trust_checkpoint, command_line, readable_errors
from ssltoolbox.apis.image_source import ImageSource
from ssltoolbox.apis.inferencer import PoseInferencer
from ssltoolbox.apis.pose_json import PoseJson
from ssltoolbox.semi.network_names import CHOICES
from ssltoolbox.utils.image_file import write_image
from ssltoolbox.visualization.overlay import draw_poses
from ssltoolbox.visualization.video import VideoFile

MAX_NAMED = 5


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = command_line(__doc__)
    add = parser.add_argument
    add('config', help='config of the trained model (ours or plain mmpose)')
    add('checkpoint', help='its checkpoint, a .pth file or URL')
    add('input', help='image, folder (searched in depth) or video')
    add('--out', required=True, help='folder for the results')
    add(
        '--which',
        choices=['auto', *CHOICES],
        default='auto',
        help='network to use; auto: the teacher or the ensemble if there is one',
    )
    add(
        '--boxes',
        default='whole',
        metavar='FILE',
        help='JSON with boxes: {"a.jpg": [[x, y, w, h]]}, COCO detections or COCO '
        'annotations; default: the whole image is one box. Not for networks that '
        'find all poses of a whole image',
    )
    add(
        '--score-thr',
        type=float,
        default=0.3,
        metavar='S',
        help='leave out detected boxes with a lower score (default %(default)s)',
    )
    add(
        '--kpt-thr',
        type=float,
        default=0.2,
        metavar='S',
        help='do not draw joints with a lower score (default %(default)s)',
    )
    add('--batch-size', type=int, default=16, metavar='N')
    add('--device', help='such as cuda:0 or cpu; default: the GPU if there is one')
    add('--stage', help='stage of a config with stages; default: the last one')
    add('--no-draw', action='store_true', help='write only the JSON')
    add_trust_checkpoint(parser)
    return parser.parse_args(argv)


def show_warnings(console: Console) -> None:
    """Print warnings as one plain line that does not break the progress bar."""

    def show(message, category, filename, lineno, file=None, line=None) -> None:
        console.print(f'warning: {message}', style='yellow', markup=False)

    warnings.showwarning = show


def picture_path(folder: Path, file: str) -> Path:
    """Name the drawn picture after its image, in a format that can be written."""
    known = Path(file).suffix.lower() in ('.jpg', '.jpeg', '.png')
    return folder / 'images' / (file if known else f'{file}.jpg')


def prepare(
    args: argparse.Namespace,
) -> tuple[ImageSource, Boxes, PoseInferencer, Path]:
    """Check everything that the user gave before the long work starts."""
    from ssltoolbox.apis.config import load_config

    boxes = Boxes(args.boxes, args.score_thr)
    source = ImageSource(args.input, upright=boxes.whole)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    config = load_config(args.config, stage=args.stage)
    inferencer = PoseInferencer(
        config, args.checkpoint, args.which, args.device, args.batch_size
    )
    return source, boxes, inferencer, out


def run(
    args: argparse.Namespace,
    source: ImageSource,
    boxes: Boxes,
    inferencer: PoseInferencer,
    out: Path,
    console: Console,
) -> PoseJson:
    """Find, draw and collect the poses."""
    info = {key: getattr(args, key) for key in ('config', 'checkpoint', 'which')}
    poses = PoseJson(inferencer.meta, info)
    with ExitStack() as stack:
        progress = stack.enter_context(Progress(console=console))
        video = None
        if source.videos and not args.no_draw:
            fps = cv2.VideoCapture(args.input).get(cv2.CAP_PROP_FPS)
            path = out / f'{Path(args.input).stem}.mp4'
            video = stack.enter_context(VideoFile(path, fps))
        task = progress.add_task('poses', total=len(source))
        for result in inferencer(source, boxes):
            poses.add(result)
            progress.advance(task)
            if args.no_draw:
                continue
            drawn = draw_poses(
                result.image,
                result.keypoints,
                result.scores,
                inferencer.meta,
                None if boxes.whole else result.boxes,
                args.kpt_thr,
            )
            if video is not None:
                video.write(drawn)
            else:
                write_image(picture_path(out, result.file), drawn)
        # What could not be read is done with, too.
        progress.update(task, completed=len(source))
    return poses


def summarise(
    poses: PoseJson,
    source: ImageSource,
    boxes: Boxes,
    takes_boxes: bool,
    drawn_from: float | None,
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
            more = ', ...' if len(files) > MAX_NAMED else ''
            named = ', '.join(files[:MAX_NAMED])
            lines.append(f'{what}: {len(files)} ({named}{more})')
    if drawn_from is not None:
        pale = sum(max(pose['keypoints'][2::3]) < drawn_from for pose in found)
        if pale:
            lines.append(
                f'not drawn, all joints below --kpt-thr {drawn_from:g}: {pale}'
            )
    return '\n'.join(lines)


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run the tool; wrong input, or no image that can be read, is an error."""
    args = parse_args(argv)
    console = Console(stderr=True)
    with warnings.catch_warnings():
        show_warnings(console)
        prepared = source, boxes, inferencer, out = prepare(args)
        poses = run(args, *prepared, console)
    drawn_from = None if args.no_draw else args.kpt_thr
    print(summarise(poses, source, boxes, inferencer.takes_boxes, drawn_from))
    if not poses.content['images']:
        raise ValueError('no image could be read, nothing is written')
    poses.write(out / 'predictions.json')
    print(f'written to {out}')


if __name__ == '__main__':
    main()
