"""Break the runs of all five systems in every way that happens, and see what is lost.

Each system trains its toy config in a small size, in all stages: once undisturbed, then
once per fault, and goes on after it. Its results are compared bit by bit with the
undisturbed run. A row that was measured is kept in ``--out``: a drill that was
interrupted goes on, and ``--again`` forgets.

Examples:
    python benchmarks/reliability/run.py --page docs/reliability.md
    python benchmarks/reliability/run.py --systems endodepth --faults killed read_only
    OMP_NUM_THREADS=1 python benchmarks/reliability/run.py --again
"""

import argparse
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

# one thread: two orders of adding numbers would be two results
os.environ.setdefault('OMP_NUM_THREADS', '1')
os.environ.setdefault('MPLBACKEND', 'Agg')

import interrupted
import places
import spoilt
from bench import Bench, Row
from child import import_all
from systems import SYSTEMS
from table import as_table, put_into

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.utils.atomic import write_text
from ssltoolbox.utils.json_file import read_json, write_json

FAULTS: dict[str, Callable[[Bench], Row]] = {
    'killed': interrupted.killed,
    'nan': interrupted.diverged,
    'ddp': interrupted.deserted,
    'cache': places.same_cache,
    'shared': places.same_work_dir,
    'read_only': places.read_only,
    'full': places.full_disk,
    'image': spoilt.image,
    'truth': spoilt.truth,
    'checkpoint': spoilt.checkpoint,
    'hostile': spoilt.hostile_checkpoint,
    'arrays': spoilt.hostile_arrays,
}


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = command_line(__doc__)
    parser.add_argument('--out', type=Path, default=Path('work_dirs/reliability'))
    parser.add_argument('--systems', nargs='+', choices=SYSTEMS, default=list(SYSTEMS))
    parser.add_argument('--faults', nargs='+', choices=FAULTS, default=list(FAULTS))
    parser.add_argument('--seed', type=int, default=0, help='of the random moments')
    parser.add_argument('--again', action='store_true', help='measure these again')
    parser.add_argument('--page', type=Path, help='page to put the table into')
    return parser.parse_args(argv)


@readable_errors
def main(argv: list[str] | None = None) -> int:
    args = parse_args(argv)
    import_all()
    for name in args.systems:
        bench = Bench(SYSTEMS[name], args.out, args.seed)
        for fault in args.faults:
            file = args.out / 'rows' / f'{fault}-{name}.json'
            if args.again or not file.exists():
                print(f'{name}: {fault} ...', flush=True)
                row = _measure(bench, fault)
                print(f'  {"ok" if row.ok else "FAILED"}: {row.seen}', flush=True)
                write_json(file, asdict(row))
            write_text(args.out / 'table.md', as_table(known_rows(args.out)))
    rows = known_rows(args.out)
    if args.page:
        put_into(args.page, as_table(rows))
    bad = [row for row in rows if not row.ok]
    print(f'{len(rows) - len(bad)} of {len(rows)} as expected: {args.out / "table.md"}')
    return int(bool(bad))


def known_rows(out: Path) -> list[Row]:
    """Rows that were measured, by fault."""
    files = [out / 'rows' / f'{f}-{s}.json' for f in FAULTS for s in SYSTEMS]
    return [
        Row(**read_json(file, 'row', 'Delete it.')) for file in files if file.exists()
    ]


def _measure(bench: Bench, fault: str) -> Row:
    try:
        bench.prepare()
        row = FAULTS[fault](bench)
    except Exception as error:
        traceback.print_exc()
        text = f'the drill failed: {error}'
        return Row(fault, bench.system.name, 'an answer', text, 'unknown', False)
    bench.clear(fault)
    return row


if __name__ == '__main__':
    sys.exit(main())
