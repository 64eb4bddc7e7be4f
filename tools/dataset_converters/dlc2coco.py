"""Turn DeepLabCut or Lightning Pose labels (CSV) into COCO keypoints and metainfo.

Reads the three header rows scorer, bodyparts, coords and one row per image, or all
``labeled-data/*/CollectedData_*.csv`` of a DeepLabCut project. Writes the annotations
as COCO JSON and, beside them, the keypoint layout as a file that mmpose reads.

Examples:
    python tools/dataset_converters/dlc2coco.py mirror_mouse/CollectedData.csv \\
        --out mirror_mouse/annotations/all.json

    # a DeepLabCut project; names such as left_paw and right_paw mirror each other
    python tools/dataset_converters/dlc2coco.py my-project --out my-project/all.json \\
        --swap left,right --skeleton nose,neck neck,tail --bbox keypoints
    python tools/make_split.py my-project/all.json --divide 0.8 0.1 \\
        --group-by video --out my-project

Then, in a config:
    dict(type='ssltoolbox.CocoPoseDataset', data_root='my-project',
         ann_file='all_train.json', data_prefix=dict(img=''),
         metainfo=dict(from_file='my-project/all_metainfo.py'))
"""

import argparse
import colorsys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.datasets.dlc_csv import Table, read_table
from ssltoolbox.utils.atomic import write_text
from ssltoolbox.utils.json_file import write_json


def read_source(source: Path) -> list[Table]:
    """Read a file, or every label file of a DeepLabCut project folder."""
    if not source.exists():
        raise FileNotFoundError(f'{source} does not exist.')
    paths = [source]
    if source.is_dir():
        paths = sorted(source.glob('labeled-data/*/CollectedData_*.csv'))
        if not paths:
            raise FileNotFoundError(
                f'{source} has no labeled-data/<video>/CollectedData_<scorer>.csv.'
            )
    tables = [read_table(path) for path in paths]
    for table in tables[1:]:
        if table.names != tables[0].names:
            raise ValueError(
                f'{table.path} and {tables[0].path} name different body parts: '
                f'{table.names} and {tables[0].names}.'
            )
    return tables


def find_root(tables: list[Table]) -> Path:
    """Find the folder that the image paths start from: at or above the CSV file."""
    table = tables[0]
    image = table.rows[0][0]
    for folder in list(table.path.resolve().parents)[:4]:
        if (folder / image).is_file():
            return folder
    raise FileNotFoundError(
        f'{table.path}: image {image} was found neither beside the file nor in the '
        'three folders above it. Give the folder with --root.'
    )


def make_coco(
    tables: list[Table], root: Path, category: dict[str, Any], bbox: str, padding: float
) -> dict[str, Any]:
    """Build the COCO dictionary; images without a label get no annotation."""
    images, annotations, seen = [], [], set()
    for table in tables:
        for name, points in table.rows:
            if name in seen:
                raise ValueError(f'{table.path}: image {name} has two rows.')
            seen.add(name)
            width, height = _image_size(root / name, table.path)
            id_ = len(images) + 1
            video = Path(name).parent.name
            images.append(
                dict(id=id_, file_name=name, width=width, height=height, video=video)
            )
            labelled = [(x, y) for x, y, v in points if v]
            if not labelled:
                continue
            box = [0, 0, width, height]
            if bbox == 'keypoints':
                box = _extent(labelled, padding, width, height)
            annotations.append(
                dict(
                    id=id_,
                    image_id=id_,
                    category_id=category['id'],
                    bbox=box,
                    area=box[2] * box[3],
                    iscrowd=0,
                    num_keypoints=len(labelled),
                    keypoints=[number for point in points for number in point],
                )
            )
    return dict(images=images, annotations=annotations, categories=[category])


def _image_size(path: Path, table: Path) -> tuple[int, int]:
    try:
        with Image.open(path) as image:
            return image.size
    except FileNotFoundError:
        raise FileNotFoundError(
            f'{table}: image {path} does not exist. Copy it there, give the folder '
            'of the images with --root, or take out its row.'
        ) from None
    except OSError as error:
        raise ValueError(f'{table}: image {path} cannot be read: {error}') from None


def _extent(
    points: Sequence[tuple[float, float]], padding: float, width: int, height: int
) -> list[float]:
    xs, ys = zip(*points, strict=True)
    # A single point or a straight line still needs a box with an area.
    pad = max(padding * max(max(xs) - min(xs), max(ys) - min(ys)), 8)
    x1, y1 = max(0, min(xs) - pad), max(0, min(ys) - pad)
    x2, y2 = min(width, max(xs) + pad + 1), min(height, max(ys) + pad + 1)
    return [round(value, 2) for value in (x1, y1, max(x2 - x1, 1), max(y2 - y1, 1))]


def swap_partners(names: Sequence[str], patterns: Sequence[str]) -> dict[str, str]:
    """Pair the names that mirror each other, such as left_eye and right_eye.

    Args:
        names: Names of the keypoints.
        patterns: ``'left,right'``: the text on one side, the text on the other.

    Raises:
        ValueError: A pattern pairs nothing, or a name is paired twice.
    """
    partners: dict[str, str] = {}
    for pattern in patterns:
        one, _, other = pattern.partition(',')
        pairs = [
            (name, name.replace(one, other))
            for name in names
            if one and other and one in name and name.replace(one, other) in names
        ]
        if not pairs:
            raise ValueError(f'--swap {pattern!r} pairs none of {", ".join(names)}.')
        for a, b in pairs:
            if a in partners or b in partners or a == b:
                raise ValueError(f'--swap {pattern!r} pairs {a} or {b} twice.')
            partners |= {a: b, b: a}
    return partners


def metainfo_text(
    dataset: str,
    names: Sequence[str],
    partners: dict[str, str],
    links: Sequence[tuple[str, str]],
    sigma: float,
) -> str:
    """Write the layout as the Python file that mmpose reads."""
    lines = ['dataset_info = dict(', f'    dataset_name={dataset!r},']
    lines.append('    keypoint_info={')
    for place, name in enumerate(names):
        rgb = colorsys.hsv_to_rgb(place / len(names), 1, 1)
        color = [round(255 * value) for value in rgb]
        fields = f'name={name!r}, id={place}, color={color}, type=""'
        lines.append(
            f'        {place}: dict({fields}, swap={partners.get(name, "")!r}),'
        )
    lines += ['    },', '    skeleton_info={']
    for place, link in enumerate(links):
        lines.append(f'        {place}: dict(link={link!r}, id={place}),')
    lines += [
        '    },',
        f'    joint_weights=[1.0] * {len(names)},',
        f'    sigmas=[{sigma}] * {len(names)},',
        ')',
    ]
    return '\n'.join(lines) + '\n'


def parse_links(pairs: Sequence[str], names: Sequence[str]) -> list[tuple[str, str]]:
    """Read the skeleton given as ``a,b`` pairs of names."""
    links = []
    for pair in pairs:
        link = tuple(pair.split(','))
        if len(link) != 2 or not set(link) <= set(names):
            raise ValueError(
                f'--skeleton {pair!r} is no pair of names of {", ".join(names)}.'
            )
        links.append(link)
    return links


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = command_line(__doc__)
    parser.add_argument('source', type=Path, help='CSV file, or DeepLabCut project')
    parser.add_argument('--out', type=Path, required=True, help='JSON file to write')
    parser.add_argument('--metainfo', type=Path, help='default: <out>_metainfo.py')
    parser.add_argument('--root', type=Path, help='folder that image paths start from')
    parser.add_argument('--dataset', help='name of the data set; default: that of out')
    parser.add_argument('--category', default='animal', help='name of the category')
    parser.add_argument('--skeleton', nargs='+', default=[], metavar='A,B')
    parser.add_argument('--swap', nargs='+', default=[], metavar='LEFT,RIGHT')
    parser.add_argument('--bbox', choices=['image', 'keypoints'], default='image')
    parser.add_argument(
        '--padding', type=float, default=0.25, help='share of the extent, per side'
    )
    parser.add_argument(
        '--sigma',
        type=float,
        default=0.05,
        help='spread of every keypoint in the OKS; COCO has 0.025 (eye) to 0.107 (hip)',
    )
    return parser.parse_args(argv)


def convert(args: argparse.Namespace) -> None:
    """Read, check, write both files and print what was found."""
    tables = read_source(args.source)
    names = tables[0].names
    links = parse_links(args.skeleton, names)
    partners = swap_partners(names, args.swap)
    root = args.root or find_root(tables)
    category = dict(id=1, name=args.category, supercategory=args.category)
    category['keypoints'] = names
    category['skeleton'] = [[names.index(name) + 1 for name in link] for link in links]
    coco = make_coco(tables, root, category, args.bbox, args.padding)
    dataset = args.dataset or args.out.stem
    metainfo = args.metainfo or args.out.with_name(f'{args.out.stem}_metainfo.py')
    text = metainfo_text(dataset, names, partners, links, args.sigma)
    write_json(args.out, dict(info=dict(description=dataset), **coco))
    write_text(metainfo, text)
    images, annotations = coco['images'], coco['annotations']
    count = sum(annotation['num_keypoints'] for annotation in annotations)
    print(
        f'{args.out}: {len(images)} images below {root}, {len(annotations)} with '
        f'labels, {count} of {len(images) * len(names)} keypoints labelled'
    )
    print(f'{metainfo}: {len(names)} keypoints, {len(partners) // 2} mirrored pairs')


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run the tool; wrong input ends it with one sentence."""
    convert(parse_args(argv))


if __name__ == '__main__':
    main()
