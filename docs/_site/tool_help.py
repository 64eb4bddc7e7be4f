"""What each command-line program says when it is asked for ``--help``."""

import contextlib
import importlib.util
import io
import os
import sys
from pathlib import Path

WIDTH = '88'  # columns of a help text


def tool_page(root: Path) -> str:
    """Text of the page of all programs."""
    files = [
        *sorted((root / 'tools').glob('*.py')),
        *sorted((root / 'tools').glob('*_converters/*.py')),
    ]
    parts = ['# Commands\n\nWhat each program says to `--help`.\n']
    for file in files:
        path = file.relative_to(root)
        parts.append(f'## {file.stem}\n\n[`{path}`](../../{path})\n')
        parts.append(f'```text\n{help_text(file)}```\n')
    return '\n'.join(parts)


def help_text(file: Path) -> str:
    """Help of a program, asked of its ``main`` rather than by a new process."""
    spec = importlib.util.spec_from_file_location(f'tool_{file.stem}', file)
    module = importlib.util.module_from_spec(spec)
    text, name, width = io.StringIO(), sys.argv[0], os.environ.get('COLUMNS')
    try:
        sys.argv[0], os.environ['COLUMNS'] = f'tools/{file.name}', WIDTH
        spec.loader.exec_module(module)
        with contextlib.redirect_stdout(text), contextlib.suppress(SystemExit):
            module.main(['--help'])
    finally:
        sys.argv[0] = name
        os.environ.pop('COLUMNS')
        if width is not None:
            os.environ['COLUMNS'] = width
    return text.getvalue()
