"""Count parameters and multiply-accumulates of a config's network, and time it.

    python tools/get_flops.py configs/scarcenet/resnet18_toyanimals_5shot.py
    python tools/get_flops.py --table

Pose and segmentation, our configs and plain ones of mmpose and mmseg. Of a student
and its teacher, which are alike, the student is measured. Decoding, loading and
preprocessing are not part of it. --table needs no config: it prints the ten networks
of Semi-Seg beside their published figures, as markdown.
"""

import argparse
import warnings
from pathlib import Path

import torch
from mmengine.registry import init_default_scope
from rich.console import Console
from rich.table import Table

from ssltoolbox.apis.accounting import ACCOUNTINGS
from ssltoolbox.apis.cli import add_cfg_options, command_line, readable_errors
from ssltoolbox.apis.complexity import (
    Part,
    count_parts,
    images_per_second,
    input_size,
)
from ssltoolbox.apis.config import load_config
from ssltoolbox.apis.model import network_config
from ssltoolbox.apis.seg_networks import (
    NOTE,
    PUBLISHED,
    as_markdown,
    build_network,
    cost,
)
from ssltoolbox.registry import MODELS

NETWORKS = Path(__file__).parents[1] / 'configs/_base_/models'
TABLE_SHAPE = (320, 320)  # at which the published figures are met


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = command_line(__doc__)
    add = parser.add_argument
    add('config', nargs='?', help='config file')
    add(
        '--table',
        action='store_true',
        help='print the ten networks of Semi-Seg, with two classes, at 320 x 320 px',
    )
    add(
        '--shape',
        nargs=2,
        type=int,
        metavar=('H', 'W'),
        help="size of the input in px; default: that of the config's data",
    )
    add(
        '--accounting',
        choices=ACCOUNTINGS,
        default='products',
        help='count products in convolutions, matrices and attention; or what ptflops '
        'counts: also biases, norms, ReLUs and pooling, but no product of two maps '
        '(default %(default)s)',
    )
    add('--stage', help='stage of a config with stages; default: the last one')
    add('--batch-size', type=int, default=1, metavar='N', help='of the timed passes')
    add(
        '--seconds',
        type=float,
        default=3.0,
        metavar='S',
        help='how long to time it; 0 leaves that out (default %(default)s)',
    )
    add('--device', help='such as cuda:0 or cpu; default: the GPU if there is one')
    add_cfg_options(parser)
    args = parser.parse_args(argv)
    if args.batch_size < 1 or (args.shape and min(args.shape) < 1):
        parser.error('--batch-size and --shape take numbers from 1')
    if bool(args.config) == args.table:
        parser.error('give a config, or --table without one')
    return args


def table_of(parts: list[Part]) -> Table:
    """Lay the counts out, in thousands and millions."""
    table = Table()
    table.add_column('part')
    for name in ('parameters', 'GMACs'):
        table.add_column(name, justify='right')
    for part in parts:
        if part is parts[-1]:
            table.add_section()
        table.add_row(part.name, f'{part.parameters:,}', f'{part.macs / 1e9:.3f}')
    return table


def print_networks(height: int, width: int) -> None:
    """Print the table of the ten networks; nothing is computed for it."""
    costs = {
        name: cost(build_network(NETWORKS / f'{name}.py', device='meta'), height, width)
        for name in PUBLISHED
    }
    print(f'Two classes, one image of 3 x {height} x {width}.\n')
    print('\n'.join(as_markdown(costs)))
    print(f'\n{NOTE}')


def describe(device: torch.device) -> str:
    """Name the device on which it is timed."""
    if device.type == 'cuda':
        return torch.cuda.get_device_name(device)
    return f'{device.type}, {torch.get_num_threads()} threads'


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run the tool."""
    args = parse_args(argv)
    warnings.filterwarnings('ignore')  # of parts that are built
    if args.table:
        print_networks(*(args.shape or TABLE_SHAPE))
        return
    config = load_config(args.config, args.stage, args.cfg_options)
    height, width = args.shape or input_size(config)
    init_default_scope(config.get('default_scope', 'mmpose'))
    device = torch.device(
        args.device or ('cuda' if torch.cuda.is_available() else 'cpu')
    )
    network = MODELS.build(network_config(config)).to(device)
    inputs = torch.zeros(args.batch_size, 3, height, width, device=device)
    console = Console()
    console.print(f'input: 3 x {height} x {width}', highlight=False)
    console.print(table_of(count_parts(network, inputs[:1], args.accounting)))
    if args.seconds > 0:
        speed = images_per_second(network, inputs, args.seconds)
        console.print(
            f'forward: {speed:.1f} images/s in batches of {args.batch_size} '
            f'({describe(device)})',
            highlight=False,
        )


if __name__ == '__main__':
    main()
