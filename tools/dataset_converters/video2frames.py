"""Write every n-th frame of videos as JPEG, for ssltoolbox.UnlabelledImages.

Frames go to <out>/<name of the video>/<frame number>.jpg. A run that was interrupted
goes on where it stopped; a finished one is not repeated.

Examples:
    python tools/dataset_converters/video2frames.py test_vid.mp4 --out frames
    python tools/dataset_converters/video2frames.py videos/*.mp4 --out frames --every 10
"""

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from rich.progress import Progress

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.utils.image_file import write_image
from ssltoolbox.utils.json_file import read_json, write_json


def decode(
    path: Path, every: int, skip: set[int]
) -> Iterator[tuple[int, np.ndarray | None]]:
    """Walk over every n-th frame; those in ``skip`` come as None, not decoded.

    Raises:
        ValueError: The file is no video that OpenCV can decode.
    """
    video = cv2.VideoCapture(str(path))
    number = 0
    try:
        while video.grab():
            if number % every == 0:
                frame = None
                if number not in skip:
                    _, frame = video.retrieve()
                yield number, frame
            number += 1
    finally:
        video.release()
    if not number:
        raise ValueError(f'{path}: no frame can be decoded; is it a video?')


def check_state(folder: Path, video: Path, every: int, quality: int) -> bool:
    """Compare with the last run into this folder; True if it was finished.

    Raises:
        ValueError: The folder holds frames of another video or other settings.
    """
    state = dict(
        video=video.name, bytes=video.stat().st_size, every=every, quality=quality
    )
    record = folder / 'frames.json'
    if record.exists():
        last = read_json(record, 'record of frames', f'Delete {folder}.')
        finished = last.pop('finished', False)
        if last != state:
            raise ValueError(
                f'{folder} was made with {json.dumps(last)}, now asked for '
                f'{json.dumps(state)}. Choose another --out or delete the folder.'
            )
        return finished
    write_json(record, dict(state, finished=False))
    return False


def extract(video: Path, out: Path, every: int, quality: int) -> None:
    """Write the frames of one video and print how many there are."""
    folder = out / video.stem
    if not video.is_file():
        raise FileNotFoundError(f'{video} does not exist.')
    if check_state(folder, video, every, quality):
        print(f'{folder}: finished before, nothing to do')
        return
    there = {int(path.stem) for path in folder.glob('[0-9]*.jpg')}
    length = int(cv2.VideoCapture(str(video)).get(cv2.CAP_PROP_FRAME_COUNT))
    count = 0
    with Progress() as progress:
        # headers of videos may lie about the length, or have none
        total = -(-length // every) if length > 0 else None
        bar = progress.add_task(video.name, total=total)
        for number, frame in decode(video, every, there):
            if frame is not None:
                write_image(folder / f'{number:08d}.jpg', frame, quality)
            count += 1
            progress.update(bar, completed=count)
    record = read_json(folder / 'frames.json', 'record of frames', '')
    write_json(folder / 'frames.json', dict(record, finished=True))
    print(f'{folder}: {count} frames, {len(there)} of them from an earlier run')


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run the tool; wrong input ends it with one sentence."""
    parser = command_line(__doc__)
    parser.add_argument('videos', type=Path, nargs='+')
    parser.add_argument('--out', type=Path, required=True, help='folder to write to')
    parser.add_argument('--every', type=int, default=1, help='take every n-th frame')
    parser.add_argument('--quality', type=int, default=95, help='of the JPEG, 1 to 100')
    args = parser.parse_args(argv)
    if args.every < 1 or not 1 <= args.quality <= 100:
        parser.error('--every is at least 1 and --quality from 1 to 100')
    stems = [video.stem for video in args.videos]
    if len(set(stems)) < len(stems):
        parser.error('two videos have the same name; write them to different folders')
    for video in args.videos:
        extract(video, args.out, args.every, args.quality)


if __name__ == '__main__':
    main()
