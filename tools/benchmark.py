"""Measure what a training step costs with each method, in one run.

    python tools/benchmark.py --threads 1
    python tools/benchmark.py --device cuda --batch 32 --out work_dirs/benchmark
    python tools/benchmark.py configs/scarcenet/hrnet_ap10k_5shot.py --batch 4

Without configs: one for each method on generated data, which are drawn where they are
absent. Methods that only add labels, such as distillations, take the steps of a
supervised training, and are left out. Told are the time of a step over that of its bare
network passes, images per second, memory, and how long a sample takes to load. Prints a
table and writes it to OUT.md and, with all passes, to OUT.json.
"""

import argparse
from pathlib import Path

from ssltoolbox.apis.benchmarking.benchmark import as_markdown, measure_all, toy_configs
from ssltoolbox.apis.benchmarking.timing import add_timing_options, machine, start
from ssltoolbox.apis.cli import add_cfg_options, command_line, readable_errors
from ssltoolbox.utils.atomic import write_text
from ssltoolbox.utils.json_file import write_json

CONFIGS = Path(__file__).resolve().parents[1] / 'configs'


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = command_line(__doc__)
    add = parser.add_argument
    add('configs', nargs='*', metavar='CONFIG', help="default: every method's toy")
    add('--batch', type=int, help="samples of a batch; default: each config's own")
    add_timing_options(parser, rounds=5)
    add('--out', type=Path, default=Path('work_dirs/benchmark'), help='(%(default)s)')
    add_cfg_options(parser)
    return parser.parse_args(argv)


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run from the command line."""
    args = parse_args(argv)
    start(args.threads)
    configs = args.configs or toy_configs(CONFIGS)
    settings = args.batch, args.device, args.rounds, args.threads, args.cfg_options
    about, rows = machine(args.device), []
    for row in measure_all(configs, *settings):
        rows.append(row)
        print(f'{len(rows)}/{len(configs)} {row["config"]}', flush=True)
        write_json(Path(f'{args.out}.json'), dict(machine=about, rows=rows))
    table = as_markdown(rows)
    write_text(Path(f'{args.out}.md'), f'{about}\n\n{table}\n')
    print(f'\n{about}\n\n{table}\n\nwritten to {args.out}.md and {args.out}.json')


if __name__ == '__main__':
    main()
