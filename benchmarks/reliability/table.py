"""The table of a drill, as text for ``docs/reliability.md``."""

import textwrap
from collections.abc import Sequence
from pathlib import Path

from bench import Row

from ssltoolbox.utils.atomic import write_text

BEGIN, END = '<!-- table: begin -->', '<!-- table: end -->'
LENGTH = 160  # of a cell; the whole message is kept in the row


def as_table(rows: Sequence[Row]) -> str:
    """One line for each fault and system, faults in their order."""
    lines = [
        '| fault | system | expected | seen | lost |',
        '|---|---|---|---|---|',
    ]
    for row in rows:
        state = row.seen if row.ok else f'**not as expected:** {row.seen}'
        cells = row.fault, row.system, row.expected, state, row.lost or 'nothing'
        lines.append('| ' + ' | '.join(_plain(cell) for cell in cells) + ' |')
    return '\n'.join(lines) + '\n'


def put_into(page: Path, table: str) -> None:
    """Replace the table of a page, in one step.

    Raises:
        ValueError: The page has no place for it.
    """
    text = page.read_text()
    if BEGIN not in text or END not in text:
        raise ValueError(f'{page} has no {BEGIN} and {END} around its table')
    before, rest = text.split(BEGIN, 1)
    write_text(page, f'{before}{BEGIN}\n\n{table}\n{END}{rest.split(END, 1)[1]}')


def _plain(text: str) -> str:
    text = text.replace('|', '/').replace('<', '').replace('>', '')
    return textwrap.shorten(text, LENGTH, placeholder=' …')
