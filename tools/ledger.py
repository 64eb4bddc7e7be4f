"""Write docs/ledger.md, what systems claim and what was reached, from docs/ledger/.

python tools/ledger.py
"""

import argparse
from pathlib import Path

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.apis.experiments.ledger import as_page, read_ledger
from ssltoolbox.utils.atomic import write_text

DOCS = Path(__file__).resolve().parents[1] / 'docs'


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = command_line(__doc__)
    add = parser.add_argument
    add('--data', type=Path, default=DOCS / 'ledger', help='folder of *.yaml')
    add('--out', type=Path, default=DOCS / 'ledger.md', help='page to write')
    return parser.parse_args(argv)


@readable_errors
def main(argv: list[str] | None = None) -> None:
    """Run from the command line."""
    args = parse_args(argv)
    write_text(args.out, as_page(read_ledger(args.data)))
    print(f'written to {args.out}')


if __name__ == '__main__':
    main()
