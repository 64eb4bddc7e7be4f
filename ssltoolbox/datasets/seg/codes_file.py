"""Read and write ``codes.txt``: a line ``name,value[,value ...]`` for each class."""

from collections.abc import Sequence
from pathlib import Path

from ssltoolbox.utils.atomic import write_text

from .codes import check_codes

EXAMPLE = "a line 'name,value' for each class, such as 'background,0' and 'polyp,255'"


def read_codes(path: str | Path) -> dict:
    """Read the classes of a data set in the layout of Semi-Seg.

    Blank lines, and blanks around names and values, mean nothing. The original counts
    a blank line as a class, and one name with a blank as two.

    Args:
        path: The file. Line 1 is class 0, the background.

    Returns:
        ``classes``, their names, and ``codes``, the values of each class: what
        ``metainfo`` of a data set takes.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: A line names no class or no value, a class or value has two lines,
            or there are less than two classes.
    """
    try:
        text = Path(path).read_text('utf-8-sig')
    except FileNotFoundError:
        raise FileNotFoundError(
            f'{Path(path).absolute()} does not exist: write {EXAMPLE}'
        ) from None
    except UnicodeDecodeError:
        raise ValueError(f'{path} is no UTF-8 text: write {EXAMPLE}') from None
    return parse_codes(text.splitlines(), str(path))


def parse_codes(lines: Sequence[str], source: str) -> dict:
    """Read classes from lines as in the file.

    Args:
        lines: ``name,value[,value ...]``; blank ones mean nothing.
        source: Where they come from, for messages.

    Raises:
        ValueError: See :func:`read_codes`.
    """
    names, codes = [], []
    for number, line in enumerate(lines, 1):
        if line.strip():
            name, values = _parse(line, f'{source}, line {number}')
            if name in names:
                raise ValueError(
                    f'{source}, line {number}: class {name!r} has two lines'
                )
            names.append(name)
            codes.append(values)
    if len(names) < 2:
        raise ValueError(
            f'{source} names {len(names)} classes, expected two or more, with the '
            f'background: {EXAMPLE}'
        )
    try:
        return dict(classes=tuple(names), codes=check_codes(codes))
    except ValueError as error:
        raise ValueError(f'{source}: {error}') from None


def write_codes(
    path: str | Path, classes: Sequence[str], codes: Sequence[Sequence[int]]
) -> None:
    """Write the file in one step.

    Raises:
        ValueError: A name holds a comma or a line break, or is empty.
    """
    for name in classes:
        if not name.strip() or ',' in name or len(name.splitlines()) > 1:
            raise ValueError(f'{path}: {name!r} cannot be the name of a class')
    lines = (
        ','.join([name, *map(str, values)])
        for name, values in zip(classes, check_codes(codes), strict=True)
    )
    write_text(path, '\n'.join(lines) + '\n')


def _parse(line: str, place: str) -> tuple[str, list[int]]:
    name, *values = (part.strip() for part in line.split(','))
    if not name or not values or not all(value.isdecimal() for value in values):
        raise ValueError(
            f"{place} is {line.strip()!r}, expected 'name,value' with one or more "
            'whole numbers from 0 to 255, separated by commas'
        )
    return name, [int(value) for value in values]
