"""Make the report of a run: read it, draw its pseudo labels, write one page."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ssltoolbox.apis.run_record import train_command
from ssltoolbox.apis.run_report.curves import metric_groups, stage_curves
from ssltoolbox.apis.run_report.gallery import Gallery, as_columns
from ssltoolbox.apis.run_report.labelled_data import dictionaries
from ssltoolbox.apis.run_report.page import write_page
from ssltoolbox.apis.run_report.recorded import recorded_gallery
from ssltoolbox.apis.run_report.run import Run, StageRun, read_run
from ssltoolbox.apis.run_report.stored import stored_gallery
from ssltoolbox.version import __version__

Advance = Callable[[str, int, int], None]
"""Told the name of a stage, and how many labels are done, of how many."""


def write_report(
    work_dir: str | Path,
    out: str | Path | None = None,
    max_labels: int = 10_000,
    advance: Advance = lambda name, done, total: None,
) -> Path:
    """Write the report of a run as one file that needs no server and no network.

    Args:
        work_dir: ``--work-dir`` of a training, finished or not, with or without stages.
        out: The file; ``<work_dir>/report.html`` by default.
        max_labels: Pseudo labels of each stage that are shown.
        advance: Told of the progress.

    Returns:
        The file.

    Raises:
        FileNotFoundError: The folder holds no run.
        ValueError: ``max_labels`` is below 1, or a record of the run is damaged.
    """
    if max_labels < 1:
        raise ValueError(f'max_labels must be at least 1, got {max_labels}')
    run, notes = read_run(work_dir), []
    path = Path(out) if out else run.folder / 'report.html'
    galleries = []
    for stage in run.stages:
        try:
            galleries += _galleries(run, stage, max_labels, advance)
        except (OSError, ValueError) as error:
            # a damaged store must not hide the rest of the run
            notes.append(f'Stage {stage.name}: {error}')
    # what was seen in training is a few labels, what was stored is all of them
    galleries.sort(key=lambda each: -len(each.samples))
    write_page(path, page_content(run, galleries, notes), galleries)
    return path


def _galleries(
    run: Run, stage: StageRun, most: int, advance: Advance
) -> Iterator[Gallery]:
    if stage.store is not None:
        yield stored_gallery(
            run, stage, most, lambda done, total: advance(stage.name, done, total)
        )
    recorded = recorded_gallery(stage)
    if recorded is not None:
        yield recorded


def page_content(
    run: Run, galleries: Sequence[Gallery], notes: Sequence[str]
) -> dict[str, Any]:
    """All that the page shows of a run but the pictures, as plain values.

    Args:
        run: The run.
        galleries: Of its pseudo labels.
        notes: What could not be shown, and why.
    """
    commands = run.commands or [_by_config(stage) for stage in run.stages]
    told = 'As it was started, from the folder of the toolbox:'
    if not run.commands:
        told = (
            'The commands of this run were not kept. These run its stages again, from '
            'their resolved configs:'
        )
    return dict(
        name=_title(run),
        about=_about(run),
        folder=str(run.folder),
        version=__version__,
        notes=list(notes),
        metrics={k: metric_groups(v) for k, v in run.metrics.items()},
        commands=commands,
        commandNote=told,
        versions=run.versions,
        stages=[
            dict(
                name=stage.name,
                state=stage.state,
                score=stage.outputs.get('score'),
                curves=stage_curves(stage),
                config=stage.config_text,
            )
            for stage in run.stages
        ],
        galleries=[as_columns(each) | {'ratio': _ratio(each)} for each in galleries],
    )


def _title(run: Run) -> str:
    return run.folder.absolute().name


def _about(run: Run) -> list[str]:
    """Method and networks, by the names of their types."""
    found: dict[str, str] = {}
    for each in (d for stage in run.stages for d in dictionaries(stage.config)):
        for key in ('method', 'task', 'backbone'):
            if isinstance(each.get(key), dict) and 'type' in each[key]:
                name = str(each[key]['type']).rsplit('.', 1)[-1]
                found.setdefault(f'{key} {name}', name)
    return list(found)


def _by_config(stage: StageRun) -> str:
    again = stage.folder.with_name(f'{stage.folder.name}_again')
    return train_command(stage.folder / 'config.py', again)


def _ratio(gallery: Gallery) -> float:
    """Width over height of a picture of a gallery."""
    picture = next((s.picture for s in gallery.samples if s.picture), None)
    if picture is None:
        return 1.0
    image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    return 1.0 if image is None else round(image.shape[1] / image.shape[0], 3)
