"""Write every n-th frame of videos as JPEG, a pool of unlabelled images.

Frames go to <out>/<name of the video>/<frame number>.jpg. A run that was interrupted
goes on where it stopped; a finished one is not repeated. ssltoolbox.UnlabelledImages
reads them for networks of one instance, ssltoolbox.UnlabelledFrames for whole images.

Examples:
    python tools/dataset_converters/video2frames.py test_vid.mp4 --out frames
    python tools/dataset_converters/video2frames.py videos/*.mp4 --out frames --every 10
"""

from pathlib import Path

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.utils.video_frames import write_frames


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
        done = write_frames(
            video, args.out / video.stem, '{:08d}'.format, args.every, args.quality
        )
        print(done.summary())


if __name__ == '__main__':
    main()
