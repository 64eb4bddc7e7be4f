"""Export EndoVis'15 or RMIT to a COCO keypoint file, and draw it to check it.

Every instrument becomes an annotation; its box is that of its visible points. With
--frames all, images that nobody annotated are listed too. The file goes with
ssltoolbox.CocoPoseDataset (one instrument per record) and all tools that read COCO.
--picture draws frames with their points; those of RMIT in both axis orders, of which
one lies on the instrument.

Examples:
    python tools/dataset_converters/instruments2coco.py endovis data/endovis \\
        --sequences train --out data/endovis/annotations/train.json
    python tools/dataset_converters/instruments2coco.py rmit data/rmit \\
        --picture axes.jpg
"""

import argparse
import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from rich.progress import track

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.datasets.pose.endovis import EndoVisDataset
from ssltoolbox.datasets.pose.rmit import RmitDataset
from ssltoolbox.datasets.pose.rmit_text import AXIS_ORDERS
from ssltoolbox.datasets.pose.whole_image import WholeImagePoseDataset
from ssltoolbox.utils.image_file import read_image, write_image
from ssltoolbox.utils.json_file import write_json
from ssltoolbox.visualization.draw import draw_pose, joint_icon
from ssltoolbox.visualization.sheet import grid

IDS_PER_IMAGE = 100
PICTURES = 4


def to_coco(data: WholeImagePoseDataset, root: Path) -> dict[str, Any]:
    """Make the content of a COCO file; images are named relative to ``root``."""
    names = data.metainfo['keypoint_id2name']
    category = dict(
        id=1,
        name='instrument',
        supercategory='instrument',
        keypoints=[names[k] for k in sorted(names)],
        skeleton=[[a + 1, b + 1] for a, b in data.metainfo['skeleton_links']],
    )
    images, annotations = [], []
    for index in track(range(len(data)), 'images', transient=True):
        record = data.get_data_info(index)
        with Image.open(record['img_path']) as image:
            width, height = image.size
        name = os.path.relpath(record['img_path'], root)
        images.append(
            dict(
                id=record['id'],
                file_name=Path(name).as_posix(),
                width=width,
                height=height,
                video=record['sequence'],
            )
        )
        annotations += instances(record)
    info = dict(description=data.metainfo['dataset_name'])
    return dict(
        info=info, images=images, annotations=annotations, categories=[category]
    )


def instances(record: dict) -> list[dict[str, Any]]:
    """Make the annotations of one image."""
    found = []
    pairs = zip(record['keypoints'], record['keypoints_visible'], strict=True)
    for number, (points, visible) in enumerate(pairs):
        first, last = points[visible > 0].min(0), points[visible > 0].max(0)
        # COCO's box ends beyond the last pixel
        width, height = (last - first + 1).tolist()
        marked = np.concatenate([points, 2 * visible[:, None]], axis=1)
        found.append(
            dict(
                id=record['id'] * IDS_PER_IMAGE + number,
                image_id=record['id'],
                category_id=1,
                keypoints=[round(v, 3) for v in marked.ravel().tolist()],
                num_keypoints=int(visible.sum()),
                bbox=[*first.tolist(), width, height],
                area=width * height,
                iscrowd=0,
            )
        )
    return found


def picture(columns: dict[str, WholeImagePoseDataset]) -> np.ndarray:
    """Draw some frames, evenly spaced, in a column per heading."""
    first = next(iter(columns.values()))
    meta = first.metainfo
    # layouts have red first, images blue
    colors = [tuple(int(v) for v in c[::-1]) for c in meta['keypoint_colors']]
    marked = [i for i in range(len(first)) if first.get_data_info(i)['annotated']]
    if not marked:
        raise ValueError('no frame is annotated, so there is nothing to draw')
    count = min(PICTURES, len(marked))
    rows = np.linspace(0, len(marked) - 1, count).round().astype(int)
    tiles, titles = [], []
    for row in rows:
        for data in columns.values():
            record = data.get_data_info(marked[row])
            image = read_image(record['img_path'], upright=False)
            if image is None:
                raise ValueError(f'image {record["img_path"]} cannot be decoded')
            poses = zip(record['keypoints'], record['keypoints_visible'], strict=True)
            for points, visible in poses:
                shown = np.where(visible[:, None] > 0, points, np.nan)
                links = meta['skeleton_links']
                image = draw_pose(image, shown, links=links, colors=colors)
            tiles.append(image)
            titles.append(record['frame'])
    names = meta['keypoint_id2name']
    icons = {names[k].replace('_', ' '): joint_icon(c) for k, c in enumerate(colors)}
    cols = max(2, len(columns))
    headings = list(columns) if len(columns) > 1 else ()
    size = tiles[0].shape[1::-1]
    cell = (480, round(480 * size[1] / size[0]))
    return grid(tiles, titles, cols, cell=cell, headings=headings, legend=icons)


def read(args: argparse.Namespace, axis_order: str) -> WholeImagePoseDataset:
    """Open the data set that was asked for."""
    if args.kind == 'rmit':
        fields = dict(subset=args.subset, axis_order=axis_order, img_dir=args.img_dir)
        sequences = args.sequences or ('seq1', 'seq2', 'seq3')
        return RmitDataset(sequences=sequences, data_root=str(args.root), **fields)
    return EndoVisDataset(
        sequences=args.sequences or 'train',
        frames=args.frames,
        data_root=str(args.root),
    )


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run the tool; wrong input ends it with one sentence."""
    parser = command_line(__doc__)
    parser.add_argument('kind', choices=['endovis', 'rmit'])
    parser.add_argument('root', type=Path, help='folder of the data, their data_root')
    parser.add_argument('--out', type=Path, help='COCO file to write')
    parser.add_argument('--picture', type=Path, help='picture to write, .jpg or .png')
    parser.add_argument(
        '--sequences', nargs='+', help='videos, or train, test, seen, unseen'
    )
    endovis = parser.add_argument_group('endovis')
    endovis.add_argument('--frames', choices=['annotated', 'all'], default='annotated')
    rmit = parser.add_argument_group('rmit')
    rmit.add_argument('--subset', choices=['train', 'test', 'all'], default='all')
    rmit.add_argument('--axis-order', choices=AXIS_ORDERS, default=AXIS_ORDERS[0])
    rmit.add_argument('--img-dir', default='', help='folder of the images in root')
    args = parser.parse_args(argv)
    if not (args.out or args.picture):
        parser.error('give --out, --picture or both')
    orders = AXIS_ORDERS if args.kind == 'rmit' and args.picture else [args.axis_order]
    columns = {f'axis_order={order!r}': read(args, order) for order in orders}
    if args.out:
        coco = to_coco(columns[f'axis_order={args.axis_order!r}'], args.root)
        write_json(args.out, coco)
        print(
            f'{args.out}: {len(coco["images"])} images, {len(coco["annotations"])} '
            'instruments'
        )
    if args.picture:
        write_image(args.picture, picture(columns))
        print(f'{args.picture}: look whether the points lie on the instruments')


if __name__ == '__main__':
    main()
