"""The stage that made a checkpoint: each stage keeps a record beside what it makes."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.logging import print_log

from ssltoolbox.apis.config import load_config, read_config, stage_names
from ssltoolbox.apis.run_record import FILE as COMMANDS
from ssltoolbox.utils.json_file import read_json

RECORD = 'stage.json'


def stage_of(checkpoint: str | Path, cfg: Config) -> str | None:
    """Name the stage of a config that made a checkpoint.

    Args:
        checkpoint: File or URL.
        cfg: A config as it was read, with or without stages.

    Returns:
        The stage by the ``stage.json`` beside the file; None if there is no readable
        one, or if the config has no such stage.
    """
    file = Path(checkpoint).parent / RECORD
    if not file.is_file():
        return None
    record: Any = {}
    # it only saves a word on the command line: who needs the file says what is wrong
    with suppress(OSError, ValueError):
        record = read_json(file, 'stage record', '')
    name = record.get('stage') if isinstance(record, dict) else None
    if name not in stage_names(cfg):
        return None
    print_log(f'{checkpoint} is of stage {name}, so that its config is used', 'current')
    return name


def run_of(checkpoint: str | Path) -> Path | None:
    """Folder of the training that made a checkpoint; None if that is not known.

    Args:
        checkpoint: File or URL, of a stage or of a training without stages.
    """
    folder = Path(checkpoint).parent
    if (folder / RECORD).is_file():
        return folder.parent
    return folder if (folder / COMMANDS).is_file() else None


def load_config_of(
    path: str | Path,
    checkpoint: str | Path,
    stage: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> Config:
    """Read the resolved config of the network in a checkpoint.

    Args:
        path: Config file, with or without stages.
        checkpoint: File or URL.
        stage: Name of the stage to take; None for the one that made the checkpoint, or
            the last training stage where that is not known.
        options: ``--cfg-options``.
    """
    stage = stage or stage_of(checkpoint, read_config(path, options))
    return load_config(path, stage, options)
