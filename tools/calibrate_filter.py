"""Choose by labelled images which confidences of pseudo labels are accepted.

    python tools/calibrate_filter.py CONFIG CHECKPOINT --out work_dirs/calibration

The network predicts the labelled training images, without augmentation, and the filter
judges what it says. The percentiles of this confidence are shown for each number of
instruments in an image, and one interval is chosen for each of these numbers:

  Each group of images reaches from its percentile --tail to 100 - tail. The groups,
  and the confidence of an empty answer, are ordered by their medians. Between two
  neighbours a zone is rejected, since an image in it may belong to either, or show
  a part of an instrument more: of a gap the middle, as wide as its share --ambiguous;
  of two groups that overlap the overlap. An interval reaches from zone to zone, and
  the outermost one has no bound outwards. Images without instrument and empty answers
  are not accepted.

Writes to --out: accept.py, the intervals as the config wants them; calibration.json,
with all confidences; and histogram.png. Look at it: where the groups overlap, this
confidence cannot tell the numbers apart.
"""

import argparse
from pathlib import Path

import torch
from mmengine.registry import init_default_scope
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import track
from rich.table import Table

from ssltoolbox.apis.calibration import (
    Confidences,
    by_count,
    choose_filter,
    config_filter,
    labelled_images,
)
from ssltoolbox.apis.calibration_report import (
    PERCENTILES,
    doubts,
    named,
    rounded,
    rows_of,
    snippet,
)
from ssltoolbox.apis.cli import (
    add_cfg_options,
    add_trust_checkpoint,
    command_line,
    readable_errors,
)
from ssltoolbox.apis.config import load_config
from ssltoolbox.apis.model import load_model
from ssltoolbox.checkpoints.network_names import CHOICES
from ssltoolbox.evaluation.accept_intervals import accept_intervals
from ssltoolbox.utils.atomic import write_text
from ssltoolbox.utils.json_file import write_json
from ssltoolbox.visualization.histogram import plot_confidences


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = command_line(__doc__)
    add = parser.add_argument
    add('config', help='config with the filter, the network and its labelled images')
    add('checkpoint', help='checkpoint of the trained network')
    add('--out', default='calibration', help='folder to write to (%(default)s)')
    add(
        '--filter',
        metavar='TYPE',
        help='type of the filter, such as ssltoolbox.MaximumFilter; default: that of '
        "the config's pseudo-label stage, else ssltoolbox.TotalVariationFilter",
    )
    add(
        '--channels',
        nargs='+',
        type=int,
        metavar='C',
        help="channels that the filter looks at; default: those of the config's "
        'filter, or the joints',
    )
    add('--tail', type=float, default=5.0, metavar='P', help='see above (%(default)s)')
    add(
        '--ambiguous',
        type=float,
        default=1 / 3,
        metavar='S',
        help='see above (one third)',
    )
    add('--which', choices=['auto', *CHOICES], default='auto', help='network to use')
    add('--stage', help='stage of the config that has the data; default: the last one')
    add('--batch-size', type=int, default=8, metavar='N')
    add('--num-workers', type=int, default=2, metavar='N')
    add('--device', help='such as cuda:0 or cpu; default: the GPU if there is one')
    add_cfg_options(parser)
    add_trust_checkpoint(parser)
    args = parser.parse_args(argv)
    if not 0 <= args.tail < 50 or not 0 <= args.ambiguous <= 1:
        parser.error('--tail is a percentile from 0 to below 50, --ambiguous a share')
    return args


def predict(args: argparse.Namespace, console: Console) -> tuple[dict, dict, float]:
    """Give the filter, the confidences by number of instruments, and the empty one."""
    config = load_config(args.config, args.stage, args.cfg_options)
    given = config_filter(args.config, args.cfg_options)
    chosen = choose_filter(config, given, args.filter, args.channels)
    init_default_scope(config.get('default_scope', 'mmpose'))
    device = args.device or ('cuda' if torch.cuda.is_available() else 'cpu')
    network, _ = load_model(config, args.checkpoint, args.which, device)
    dataset = labelled_images(config)
    judge = Confidences(network, chosen, args.batch_size, args.num_workers)
    pairs = track(
        judge.of(dataset), 'labelled images', total=len(dataset), console=console
    )
    return chosen, by_count(pairs), judge.empty


def table_of(rows: dict[int, dict]) -> Table:
    """Lay percentiles, intervals and shares out."""
    table = Table(box=SIMPLE_HEAD)  # as narrow as a terminal
    heads = ['tools', 'images', *(f'{p}%' for p in PERCENTILES)]
    for head in [*heads, 'interval', 'accepted']:
        table.add_column(head, justify='right', no_wrap=True)
    for count, row in rows.items():
        numbers = [f'{value:.4g}' for value in row['percentiles'].values()]
        bounds = row['interval'] or ()
        interval = ' .. '.join('' if b is None else f'{b:g}' for b in bounds)
        table.add_row(
            str(count), str(row['images']), *numbers, interval, f'{row["accepted"]:.0%}'
        )
    return table


def write(
    args: argparse.Namespace,
    chosen: dict,
    groups: dict,
    rows: dict[int, dict],
    intervals: list,
    empty: float,
) -> None:
    """Write snippet, numbers and picture."""
    out = Path(args.out)
    text = snippet(chosen, intervals, sum(map(len, groups.values())))
    content = dict(
        config=args.config,
        checkpoint=args.checkpoint,
        which=args.which,
        filter={**chosen, 'intervals': intervals},
        empty=rounded(empty),
        instruments=rows,
    )
    write_text(out / 'accept.py', text)
    write_json(out / 'calibration.json', content)
    titles = {named(count): values for count, values in groups.items()}
    name = chosen['type'].rpartition('.')[2]
    plot_confidences(titles, intervals, out / 'histogram.png', name, empty)
    print(f'{text}\nwritten to {out}: accept.py, calibration.json, histogram.png')


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run the tool."""
    args = parse_args(argv)
    console = Console(stderr=True)
    chosen, groups, empty = predict(args, console)
    found = accept_intervals(groups, empty, args.tail, args.ambiguous)
    if not found:
        raise ValueError(
            'no interval can be accepted: either no labelled image shows an '
            'instrument, or all confidences are alike. Take another filter or '
            'checkpoint'
        )
    intervals = {n: tuple(map(rounded, pair)) for n, pair in found.items()}
    rows = rows_of(groups, intervals)
    Console().print(table_of(rows))
    for doubt in doubts(rows):
        console.print(f'warning: {doubt}', style='yellow', markup=False)
    write(args, chosen, groups, rows, list(intervals.values()), empty)


if __name__ == '__main__':
    main()
