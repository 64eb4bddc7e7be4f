"""Draw the points of structure from motion on the frames, to see whether they fit.

Writes for each sequence a contact sheet, a picture of each chosen frame, and numbers
about how well poses, intrinsics and points fit. Points that were found in a frame are
dots in the colour of their depth; magenta crosses are points whose brightness does not
fit their depth, which training leaves out. With --all, points count in all views near
those where they were found, as in training. If the sequence has an observations.csv,
white lines lead from where points lie to where they were found.

Examples:
    python tools/browse_sfm.py data/endoscopy_sfm --out browse
    python tools/browse_sfm.py data/endoscopy_sfm/bag_1/_start_... --frames 9 --all
"""

from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.datasets.depth.frame_window import FrameWindow
from ssltoolbox.datasets.depth.prepare import (
    SfmSettings,
    kept_points,
    smooth_visibility,
)
from ssltoolbox.datasets.depth.reprojection import (
    project_all,
    read_observations,
    reprojection_statistics,
)
from ssltoolbox.datasets.depth.sfm_dataset import find_sequences
from ssltoolbox.datasets.depth.sfm_sequence import SfmSequence, read_frame
from ssltoolbox.utils.image_file import write_image
from ssltoolbox.utils.json_file import write_json
from ssltoolbox.visualization.sfm import draw_points, point_icons
from ssltoolbox.visualization.sheet import grid

ENOUGH = 0.9
"""Share of what was found that lies in the mask and before the camera, if all fits."""


def browse(
    sequence: SfmSequence, settings: SfmSettings, out: Path, frames: int, near: bool
) -> dict[str, Any]:
    """Draw a sequence, and return how well it fits."""
    window = FrameWindow.around(sequence.mask, settings.downsampling, settings.multiple)
    kept = kept_points(sequence, settings, window)
    found = read_observations(sequence.folder, sequence.frames, len(sequence.points))
    statistics = reprojection_statistics(sequence, kept, found)
    pixels, depths = project_all(sequence.points, sequence.poses, sequence.intrinsics)
    shown = sequence.seen
    if near:
        shown = smooth_visibility(sequence.seen, settings.visibility_window)
    ahead = depths[sequence.seen & (depths > 0)]
    span = np.percentile(ahead, (5, 95)) if len(ahead) else (1, 2)
    chosen = np.linspace(0, len(sequence.frames) - 1, frames).round().astype(int)
    pictures, titles = [], []
    for view in track(np.unique(chosen).tolist(), 'frames', transient=True):
        which = shown[:, view]
        picture = draw_points(
            read_frame(sequence.images[view], sequence.mask),
            pixels[which, view],
            depths[which, view],
            kept[which],
            span,
            None if found is None else found[which, view],
        )
        name = f'{sequence.frames[view]:08d}'
        write_image(out / f'{name}.jpg', picture)
        pictures.append(picture)
        titles.append(f'{name}: {which.sum()} points')
    width, height = pictures[0].shape[1::-1]
    cell = 560, round(560 * height / width)
    sheet = grid(
        pictures,
        titles,
        min(3, len(pictures)),
        cell=cell,
        legend=point_icons(),
    )
    write_image(out / 'sheet.jpg', sheet)
    write_json(out / 'statistics.json', statistics)
    return statistics


def verdict(statistics: dict[str, Any]) -> str:
    """Say what the numbers mean."""
    front, mask = statistics['in_front'], statistics['in_mask']
    text = (
        f'{statistics["views"]} views, {statistics["points"]} points of which '
        f'{statistics["kept"]} are kept; of what was found {front:.1%} lies before the '
        f'camera and {mask:.1%} in the mask'
    )
    if 'error_px' in statistics:
        error = statistics['error_px']
        text += (
            f'; reprojection error {error["median"]:.2f} px (median), '
            f'{error["p95"]:.2f} px (95 %)'
        )
    if front < ENOUGH:
        text += '. Poses do not fit: motion.yaml needs camera -> world, not its inverse'
    elif mask < ENOUGH:
        text += '. Intrinsics do not fit: they must be those of the full image, in px'
    return text


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run the tool; wrong input ends it with one sentence."""
    parser = command_line(__doc__)
    parser.add_argument('root', type=Path, help='folder of a sequence, or of many')
    parser.add_argument('--out', type=Path, default=Path('browse_sfm'))
    parser.add_argument('--frames', type=int, default=12, help='drawn of each sequence')
    parser.add_argument('--all', action='store_true', help='points of near views, too')
    parser.add_argument('--downsampling', type=float, default=4.0)
    parser.add_argument('--inlier-share', type=float, default=0.99)
    parser.add_argument('--visibility-window', type=int, default=30, metavar='VIEWS')
    parser.add_argument('--suffix', default='', help='of the files, such as _filtered')
    parser.add_argument('--intrinsics-per-view', type=int, choices=[3, 4])
    args = parser.parse_args(argv)
    if args.frames < 1:
        parser.error('--frames is at least 1')
    settings = SfmSettings(
        downsampling=args.downsampling,
        inlier_share=args.inlier_share,
        visibility_window=args.visibility_window,
        suffix=args.suffix,
        intrinsics_per_view=args.intrinsics_per_view,
    )
    for folder in find_sequences(args.root, None):
        sequence = SfmSequence.read(folder, args.suffix, args.intrinsics_per_view)
        target = args.out / folder.resolve().relative_to(args.root.resolve())
        statistics = browse(sequence, settings, target, args.frames, args.all)
        print(f'{target}/sheet.jpg: {verdict(statistics)}')


if __name__ == '__main__':
    main()
