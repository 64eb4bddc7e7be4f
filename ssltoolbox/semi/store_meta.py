"""What every store of pseudo labels has: a file that says what made it."""

import json
import math
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ssltoolbox.utils.atomic import write_text


@dataclass(frozen=True)
class StoreMeta:
    """The file ``meta.json`` of a kind of store.

    It is written last, so that a store without it is not finished.

    Attributes:
        format: Name of the kind.
        version: Of the format; older ones, from 1 on, are read, newer ones refused.
        stage: Usual name of the stage that makes it, for messages.
    """

    format: str
    version: int
    stage: str = 'pseudo_label'

    def write(self, folder: str | Path, meta: dict[str, Any]) -> dict[str, Any]:
        """Write the file, atomically, and return its content."""
        meta = _plain({**meta, 'format': self.format, 'version': self.version})
        text = json.dumps(meta, indent=1, sort_keys=True, allow_nan=False)
        write_text(Path(folder) / 'meta.json', text)
        return meta

    def read(self, folder: str | Path, *others: str) -> dict[str, Any]:
        """Read the file.

        Args:
            folder: The store.
            others: Files and folders of the store that must be there, too.

        Raises:
            FileNotFoundError: There is no store, or it is not finished.
            ValueError: The file is truncated or of another kind; see :meth:`checking`.
        """
        for name in (*others, 'meta.json'):
            if not (Path(folder) / name).exists():
                stage = stage_of(folder, self.stage)
                raise FileNotFoundError(
                    f'no pseudo-label store at {folder}: {name} is missing. Run the '
                    f'{stage} stage first (tools/train.py CONFIG --stage {stage})'
                )
        meta = json.loads((Path(folder) / 'meta.json').read_text())
        found = meta.get('format'), meta.get('version')
        if found[0] != self.format or found[1] not in range(1, self.version + 1):
            raise ValueError(
                f'meta.json names format {found[0]!r} version {found[1]!r}, expected '
                f'{self.format!r} version 1 to {self.version}'
            )
        return meta

    @contextmanager
    def checking(self, folder: str | Path):
        """Say which store is damaged, and what to do, if something inside is wrong."""
        try:
            yield
        except FileNotFoundError:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
            raise ValueError(
                f'pseudo-label store {folder} is damaged or not one of ours: {error}. '
                f'Delete the folder and run the {stage_of(folder, self.stage)} stage '
                'again'
            ) from error


def stage_of(folder: str | Path, usual: str) -> str:
    """Name the stage that made a store: it has the store in its own folder."""
    place = Path(folder).absolute().parent
    return place.name if (place / 'stage.json').is_file() else usual


def _plain(value: Any) -> Any:
    """Write out infinity, which settings may hold and JSON may not."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
