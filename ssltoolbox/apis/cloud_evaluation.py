"""Measure how far clouds of predicted points are from a surface, such as that of CT."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress

from ssltoolbox.apis.cloud_records import CloudRecords
from ssltoolbox.evaluation.icp import IcpSettings
from ssltoolbox.evaluation.initial_poses import InitialPoses
from ssltoolbox.evaluation.registration import register
from ssltoolbox.evaluation.surface import Surface, read_surface
from ssltoolbox.geometry.similarity import Similarity
from ssltoolbox.utils.digest import file_sha256
from ssltoolbox.utils.ply import write_ply
from ssltoolbox.visualization.registration import (
    plot_residuals,
    residual_colors,
    top_of,
)

PERCENTILES = (50, 75, 90, 95)
NO_UNIT = 'target units'
"""That of structure from motion, for example, has no name."""


@dataclass(frozen=True)
class CloudEvaluation:
    """Settings of an evaluation.

    Attributes:
        target: File of the surface or of a cloud of points.
        initial: Where clouds lie, about; None to find that, too.
        icp: How they are registered.
        unit: Name of that of the target.
        draw: Write pictures and the registered clouds.
    """

    target: Path
    initial: InitialPoses | None = None
    icp: IcpSettings = IcpSettings()
    unit: str = NO_UNIT
    draw: bool = True


def evaluate_clouds(
    clouds: Sequence[Path], out: Path, settings: CloudEvaluation, console: Console
) -> dict[str, Any]:
    """Register clouds, and write their residuals.

    ``out`` gets ``residuals.json``, and for each cloud ``pictures/<name>.png`` and
    ``registered/<name>.ply``, coloured by distance. A cloud that cannot be registered
    is told of and left out of the means. ``residuals.json`` grows with each cloud; the
    same call goes on where it was stopped.

    Args:
        clouds: Their files.
        out: Folder for the results.
        settings: How.
        console: Where the progress is shown.

    Returns:
        What ``residuals.json`` has.

    Raises:
        FileNotFoundError: A file does not exist.
        ValueError: The target cannot be read, no cloud can be registered, or ``out``
            holds residuals that were measured otherwise.
    """
    surface = read_surface(settings.target)
    named = dict(zip(_names(clouds), clouds, strict=True))
    records = _records(named, surface, out, settings)
    if records.clouds:
        console.print(f'{len(records.clouds)} clouds were measured before')
    with Progress(console=console) as progress:
        task = progress.add_task('clouds', total=len(clouds))
        for name, path in named.items():
            _evaluate_or_draw(path, name, surface, records, settings)
            for problem in _problems(records.clouds[name]):
                console.print(
                    f'warning: {name}: {problem}', style='yellow', markup=False
                )
            progress.advance(task)
    if not records.good:
        first = next(iter(records.clouds.values()))['failed']
        raise ValueError(f'none of {len(clouds)} clouds could be registered: {first}')
    # in the order of the clouds, whatever was done before
    records.clouds = {name: records.clouds[name] for name in named}
    records.write()
    return records.content


def residual_statistics(residuals: np.ndarray) -> dict[str, float]:
    """Mean, deviation, root mean square, percentiles and maximum of distances (N,)."""
    found = dict(
        mean=residuals.mean(),
        std=residuals.std(),
        rms=np.sqrt((residuals**2).mean()),
        median=np.median(residuals),
        max=residuals.max(),
    )
    percentiles = np.percentile(residuals, PERCENTILES)
    found |= {f'p{n}': v for n, v in zip(PERCENTILES, percentiles, strict=True)}
    return {key: float(value) for key, value in found.items()}


def _records(
    named: Mapping[str, Path], surface: Surface, out: Path, settings: CloudEvaluation
) -> CloudRecords:
    """What is measured already, if the same was asked for."""
    initial = settings.initial
    return CloudRecords(
        out,
        settings=dict(
            target_sha256=file_sha256(settings.target),
            unit=settings.unit,
            settings=asdict(settings.icp),
            start_sha256=initial and file_sha256(initial.file),
            depth_range=initial and initial.depth_range,
        ),
        more=dict(
            target=settings.target.name,
            target_is='surface' if len(surface.triangles) else 'points',
            start='found' if initial is None else initial.file,
        ),
        hashes={name: file_sha256(path) for name, path in named.items()},
    )


def _evaluate_or_draw(
    path: Path,
    name: str,
    surface: Surface,
    records: CloudRecords,
    settings: CloudEvaluation,
) -> None:
    if name not in records.clouds:
        try:
            records.add(name, _evaluate(path, name, surface, records.out, settings))
        except ValueError as error:
            records.add(name, dict(failed=str(error)))
    elif settings.draw and not all(p.is_file() for p in _drawn(records.out, name)):
        cloud, record = read_surface(path), records.clouds[name]
        transform = Similarity(
            *(np.array(record[key]) for key in ('scale', 'rotation', 'translation'))
        )
        placed = transform(cloud.points)
        residuals = surface.nearest(placed)[1]
        title = _title(name, record['residuals'], record['scale'], settings.unit)
        _draw(records.out, name, placed, residuals, surface, settings.unit, title)


def _evaluate(
    path: Path, name: str, surface: Surface, out: Path, settings: CloudEvaluation
) -> dict[str, Any]:
    cloud = read_surface(path)
    start = None
    if settings.initial:
        start = settings.initial.of(path.name, cloud.points)
    found = register(cloud.points, surface, start, settings.icp)
    statistics = residual_statistics(found.residuals)
    transform = found.transform
    if settings.draw:
        placed = transform(cloud.points)
        title = _title(name, statistics, transform.scale, settings.unit)
        _draw(out, name, placed, found.residuals, surface, settings.unit, title)
    limit = np.quantile(found.residuals, settings.icp.keep)
    return dict(
        file=str(path),
        points=len(cloud.points),
        scale=transform.scale,
        rotation=transform.rotation.tolist(),
        translation=transform.translation.tolist(),
        matrix=transform.matrix.tolist(),
        residuals=statistics,
        mean_of_kept=float(found.residuals[found.residuals <= limit].mean()),
        size=found.size,
        coverage=found.coverage,
        iterations=found.iterations,
        converged=found.converged,
        doubts=found.doubts,
    )


def _title(name: str, statistics: Mapping[str, float], scale: float, unit: str) -> str:
    return (
        f'{name}: mean {statistics["mean"]:.3g} {unit}, median '
        f'{statistics["median"]:.3g} {unit}, scale {scale:.4g}'
    )


def _drawn(out: Path, name: str) -> tuple[Path, Path]:
    """Picture and registered points of a cloud."""
    return out / 'pictures' / f'{name}.png', out / 'registered' / f'{name}.ply'


def _draw(
    out: Path,
    name: str,
    placed: np.ndarray,
    residuals: np.ndarray,
    surface: Surface,
    unit: str,
    title: str,
) -> None:
    picture, points = _drawn(out, name)
    write_ply(points, placed, residual_colors(residuals, top_of(residuals)))
    plot_residuals(picture, placed, residuals, surface.samples[0], unit, title)


def _problems(record: dict[str, Any]) -> list[str]:
    return [record['failed']] if 'failed' in record else record['doubts']


def _names(clouds: Sequence[Path]) -> list[str]:
    """Names without suffix; with that of the folder, as far as two are alike."""
    parts = 1
    while True:
        names = ['_'.join(path.with_suffix('').parts[-parts:]) for path in clouds]
        if len(set(names)) == len(names) or parts > 8:
            return names
        parts += 1
