"""Read and write JSON files with errors that say what to do next."""

import json
from pathlib import Path
from typing import Any

from ssltoolbox.utils.atomic import write_text


def read_json(path: str | Path, what: str, hint: str) -> Any:
    """Parse a JSON file or say in one sentence why it cannot be used.

    Args:
        path: The file.
        what: What the file should be, such as ``'annotation file'``.
        hint: The next step for the user when the file is absent or damaged.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is empty, truncated or not JSON.
    """
    path = Path(path)
    if path.is_dir():
        raise ValueError(f'{what} {path} is a folder, expected a JSON file. {hint}')
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f'{what} {path} does not exist. {hint}') from None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f'{what} {path} ({len(text)} bytes) is not valid JSON: {error}. '
            f'It may be truncated. {hint}'
        ) from None


def write_json(path: str | Path, data: Any) -> None:
    """Write JSON in one step; NaN and infinity, which JSON lacks, are refused."""
    write_text(path, json.dumps(data, allow_nan=False) + '\n')
