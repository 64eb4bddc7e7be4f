"""Turn a sparse model of COLMAP into a sequence of ssltoolbox.SfmDataset.

Reads text and binary models with one PINHOLE or SIMPLE_PINHOLE camera, as written by
COLMAP's image_undistorter. The folder of the sequence belongs into one of its patient,
whose name ends with a number. Frames are numbered by the last number in the names of
the images; which image became which frame is written to frame_names.csv. Look at the
result by tools/browse_sfm.py.

Examples:
    python tools/dataset_converters/colmap2sfm.py undistorted/sparse \\
        --images undistorted/images --out data/endoscopy/bag_1/_start_000000
    python tools/dataset_converters/colmap2sfm.py sparse/0 --images images \\
        --out data/endoscopy/bag_2/_start_000000 --mask mask.png --number-by order
"""

import csv
import os
import re
import shutil
import tempfile
from pathlib import Path

import cv2
import numpy as np
from rich.progress import track

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.datasets.depth.colmap import read_colmap
from ssltoolbox.datasets.depth.colmap_to_sfm import SfmContent, to_sfm
from ssltoolbox.datasets.depth.reprojection import reprojection_errors
from ssltoolbox.datasets.depth.sfm_writer import write_observations, write_sfm_files
from ssltoolbox.utils.image_file import read_image, write_image


def write(content: SfmContent, images: Path, mask: np.ndarray, out: Path, link: bool):
    """Write images and files of a sequence to a folder."""
    rows = list(zip(content.frames, content.names, strict=True))
    for frame, name in track(rows, 'frames', transient=True):
        source = images / name
        image = read_image(source, upright=False)
        size = None if image is None else image.shape[1::-1]
        if size != content.size:
            raise ValueError(
                f'{source} '
                + ('is no image' if size is None else f'is {size[0]} x {size[1]} px')
                + f', expected one of {content.size[0]} x {content.size[1]} px, as the '
                'camera of the model: give the images that the model was made from by '
                '--images'
            )
        target = out / f'{frame:08d}.jpg'
        if source.suffix.lower() not in ('.jpg', '.jpeg'):
            write_image(target, image, quality=98)
        elif link:
            target.symlink_to(source.resolve())
        else:
            shutil.copyfile(source, target)
    write_sfm_files(
        out,
        content.frames,
        content.intrinsics,
        content.poses,
        content.points,
        content.seen,
        mask,
    )
    write_observations(out, content.frames, content.seen, content.pixels)
    with open(out / 'frame_names.csv', 'w', newline='', encoding='utf-8') as stream:
        csv.writer(stream).writerows([('frame', 'image'), *rows])


def read_mask(path: Path | None, size: tuple[int, int]) -> np.ndarray:
    """Read a mask (H, W), or make one that masks nothing."""
    if path is None:
        return np.full(size[::-1], 255, np.uint8)
    mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if mask is None or mask.shape[::-1] != size or not (mask == 255).any():
        raise ValueError(
            f'{path} must be a grey image of {size[0]} x {size[1]} px, 255 where the '
            'camera shows the scene, and 0 elsewhere'
        )
    return mask


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run the tool; wrong input ends it with one sentence."""
    parser = command_line(__doc__)
    parser.add_argument(
        'model', type=Path, help='folder with cameras, images, points3D'
    )
    parser.add_argument(
        '--images', type=Path, required=True, help='folder of the images'
    )
    parser.add_argument(
        '--out', type=Path, required=True, help='folder of the sequence'
    )
    parser.add_argument(
        '--mask', type=Path, help='255 where images show the scene; all of it without'
    )
    parser.add_argument('--number-by', choices=['name', 'order'], default='name')
    parser.add_argument(
        '--link',
        action='store_true',
        help='link to JPEG images instead of copying them',
    )
    args = parser.parse_args(argv)
    if args.out.exists() and any(args.out.iterdir()):
        parser.error(f'{args.out} is not empty: choose another folder, or delete it')
    content = to_sfm(read_colmap(args.model), args.number_by)
    mask = read_mask(args.mask, content.size)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix='.colmap2sfm-', dir=args.out.parent))
    try:
        write(content, args.images, mask, draft, args.link)
        draft.chmod(0o755)
        os.replace(draft, args.out)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    errors = reprojection_errors(
        content.points, content.poses, content.intrinsics, content.pixels
    )
    found = errors[content.seen]
    print(
        f'{args.out}: {len(content.frames)} frames, {len(content.points)} points, '
        f'reprojection error {np.median(found):.2f} px (median)'
    )
    if not re.search(r'\d$', args.out.resolve().parent.name):
        print(
            'the name of the folder above should end with the number of the patient, '
            f'such as bag_1, it is {args.out.resolve().parent.name}'
        )


if __name__ == '__main__':
    main()
