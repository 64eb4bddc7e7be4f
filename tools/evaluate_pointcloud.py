"""Register clouds of predicted points to a surface, and measure how far they are off.

Each cloud is turned, shifted and resized until it lies on the surface, which is one of
CT, for example, as PLY, STL or OBJ. Residuals are the distances of its points to the
surface, in the unit of the surface.

Writes residuals.json, and for each cloud a picture and the registered points, coloured
by their distance. The same command goes on where it was stopped.

Examples:
    python tools/evaluate_pointcloud.py results/clouds --target ct.stl --out residuals
    python tools/evaluate_pointcloud.py clouds/ --target ct.stl --unit mm \\
        --out residuals --initial initial_poses_patient_1.txt
"""

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ssltoolbox.apis.cli import command_line, readable_errors


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = command_line(__doc__)
    add = parser.add_argument
    add('clouds', nargs='+', help='files of points, or folders (searched in depth)')
    add('--target', required=True, help='surface or points as PLY, STL, OBJ or OFF')
    add('--out', required=True, help='folder for the results')
    add(
        '--initial',
        metavar='FILE',
        help='where clouds lie, about: a 4 x 4 matrix for all, or lines "frame, tx, '
        'ty, tz, qw, qx, qy, qz", where frame is the number at the end of the name of '
        'a cloud; without it clouds must show most of the surface',
    )
    add(
        '--depth-range',
        type=_depth_range,
        default=20.0,
        metavar='D',
        help='size of clouds along their depth at the poses of --initial (default 20); '
        '"own": the size they have',
    )
    add(
        '--keep',
        type=float,
        default=0.9,
        metavar='SHARE',
        help='share of the points, the nearest ones, that guide the registration '
        '(default 0.9)',
    )
    add('--rigid', action='store_true', help='keep the size that the clouds start with')
    add(
        '--iterations', type=int, default=200, metavar='N', help='at most (default 200)'
    )
    add(
        '--points',
        type=int,
        default=5000,
        metavar='N',
        help='points of a cloud that guide the registration (default 5000); all are '
        'measured',
    )
    add('--unit', help='name of the unit of the target, such as mm, for the results')
    add('--no-draw', action='store_true', help='write only residuals.json')
    return parser.parse_args(argv)


def _depth_range(text: str) -> float | None:
    return None if text == 'own' else float(text)


def find_clouds(given: list[str], target: Path, out: Path) -> list[Path]:
    """List the files of points; neither the target nor results are among them."""
    from ssltoolbox.evaluation.surface import SUFFIXES

    found, results = [], (out / 'registered').resolve()
    for path in map(Path, given):
        if not path.exists():
            raise FileNotFoundError(f'{path} does not exist, check its path')
        inside = sorted(path.rglob('*')) if path.is_dir() else [path]
        if path.is_dir():
            inside = [
                each
                for each in inside
                if each.suffix.lower() in SUFFIXES
                and results not in each.resolve().parents
            ]
        found += [each for each in inside if each.resolve() != target.resolve()]
    if not found:
        raise FileNotFoundError(
            f'no cloud of points in {", ".join(given)}; expected files ending in '
            f'{", ".join(SUFFIXES)}, such as those of tools/infer.py --clouds'
        )
    return found


def show(content: dict, console: Console) -> None:
    """Print a line for each cloud, and the mean of all."""
    columns = ('mean', 'std', 'median', 'p90', 'p95')
    table = Table('cloud', *columns, 'scale', 'remark', title=content['unit'])
    for name, each in content['clouds'].items():
        if 'failed' in each:
            table.add_row(name, *[''] * 6, 'failed')
            continue
        numbers = [f'{each["residuals"][key]:.3f}' for key in columns]
        remark = 'doubtful' if each['doubts'] else ''
        table.add_row(name, *numbers, f'{each["scale"]:.4g}', remark)
    summary = content['summary']
    numbers = [f'{summary["residuals"][key]:.3f}' for key in columns]
    table.add_row('mean', *numbers, f'{summary["scale"]["mean"]:.4g}', '')
    console.print(table)


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run the tool; a cloud that cannot be registered is told of and left out."""
    from ssltoolbox.apis.cloud_evaluation import (
        NO_UNIT,
        CloudEvaluation,
        evaluate_clouds,
    )
    from ssltoolbox.evaluation.icp import IcpSettings
    from ssltoolbox.evaluation.initial_poses import read_initial_poses

    args = parse_args(argv)
    initial = args.initial and read_initial_poses(args.initial, args.depth_range)
    settings = CloudEvaluation(
        target=Path(args.target),
        initial=initial,
        icp=IcpSettings(args.keep, not args.rigid, args.iterations, points=args.points),
        unit=args.unit or NO_UNIT,
        draw=not args.no_draw,
    )
    clouds = find_clouds(args.clouds, settings.target, Path(args.out))
    content = evaluate_clouds(clouds, Path(args.out), settings, Console(stderr=True))
    show(content, Console())
    summary = content['summary']
    print(
        f'registered: {summary["registered"]} of {len(clouds)}, {summary["doubtful"]} '
        f'of them doubtful\nwritten to {args.out}'
    )


if __name__ == '__main__':
    main()
