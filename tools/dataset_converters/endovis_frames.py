"""Write the videos of the EndoVis 2015 challenge as frames, named as in its labels.

Videos are <folder>/.../Training/Dataset<K>/*.avi, and Dataset<K> below a folder of
any other name for tests, as the challenge hands them out. Frames are counted from 1
and go to <out>/frames/train<K>/img_000001_raw_train<K>.jpg and
<out>/frames/test<K>/img_0001_test<K>.jpg, where ssltoolbox.EndoVisDataset reads them
with data_root=<out>. Where <out> has the label files, labels without a frame are
counted. A run that was interrupted goes on where it stopped.

Examples:
    python tools/dataset_converters/endovis_frames.py challenge --out data/endovis
"""

from collections import defaultdict
from pathlib import Path

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.datasets.pose.endovis_json import label_file, read_endovis
from ssltoolbox.utils.video_frames import write_frames

NAMES = {'train': 'img_{:06d}_raw_{}', 'test': 'img_{:04d}_{}'}
"""Names of the frames in the published label files, by split."""


def find_videos(folder: Path) -> dict[str, Path]:
    """Find the video of each sequence.

    Raises:
        FileNotFoundError: There is none.
        ValueError: A sequence has several, or a folder does not end in its number.
    """
    by_folder = defaultdict(list)
    for path in sorted(folder.rglob('Dataset*/*.avi')):
        by_folder[path.parent].append(path)
    videos = {}
    for place, found in by_folder.items():
        # a challenge folder may hold the videos of its masks too
        named = [path for path in found if path.stem.lower() == 'video'] or found
        split = 'train' if place.parent.name == 'Training' else 'test'
        sequence = split + place.name[-1]
        if len(named) > 1 or sequence in videos or not place.name[-1].isdigit():
            names = ', '.join(path.name for path in named)
            raise ValueError(
                f'{place}: expected one video of a sequence that has no other folder, '
                f'in a folder that ends in its number; got {names} for {sequence}. '
                'Move the others away, or name the right one Video.avi.'
            )
        videos[sequence] = named[0]
    if not videos:
        raise FileNotFoundError(
            f'{folder.absolute()} has no video Dataset<K>/*.avi; unpack the archives '
            'of the challenge (Tracking_Robotic_Training and _Testing) into it.'
        )
    return videos


def without_frame(root: Path, sequence: str) -> str:
    """Count the labels whose frame is absent; empty if there are no label files."""
    path = label_file(root, sequence)
    if not path.is_file():
        return ''
    frames = read_endovis(path, sequence).frames
    folder = root / 'frames' / sequence
    absent = [f for f in frames if not (folder / f'{f.name}.jpg').is_file()]
    marked = sum(frame.annotated for frame in absent)
    first = f', first {absent[0].name}' if absent else ''
    return (
        f'  {len(absent)} of {len(frames)} entries of {path.name} have no frame '
        f'({marked} annotated{first})'
    )


def extract(videos: dict[str, Path], out: Path, quality: int) -> list[str]:
    """Write all frames; return what went wrong with videos that were passed over."""
    problems = []
    for sequence, video in videos.items():
        pattern = NAMES[sequence[:-1]]

        def name_of(number: int, pattern=pattern, sequence=sequence) -> str:
            return pattern.format(number + 1, sequence)

        folder = out / 'frames' / sequence
        try:
            done = write_frames(video, folder, name_of, quality=quality)
        except ValueError as error:
            problems.append(str(error))
            continue
        print(done.summary())
        if text := without_frame(out, sequence):
            print(text)
    return problems


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run the tool; wrong input ends it with one sentence."""
    parser = command_line(__doc__)
    parser.add_argument('videos', type=Path, help='folder of the challenge')
    parser.add_argument('--out', type=Path, required=True, help='folder of the data')
    parser.add_argument('--quality', type=int, default=95, help='of the JPEG, 1 to 100')
    args = parser.parse_args(argv)
    if not 1 <= args.quality <= 100:
        parser.error('--quality is from 1 to 100')
    videos = find_videos(args.videos)
    problems = extract(videos, args.out, args.quality)
    if problems:
        raise ValueError(
            f'{len(problems)} of {len(videos)} videos were passed over: '
            + ' '.join(problems)
            + ' Copy them again and repeat the command.'
        )


if __name__ == '__main__':
    main()
