"""Measure how far clouds of predicted points are from a surface, such as that of CT."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress

from ssltoolbox.evaluation.icp import IcpSettings
from ssltoolbox.evaluation.initial_poses import InitialPoses
from ssltoolbox.evaluation.registration import Registration, register
from ssltoolbox.evaluation.surface import Surface, read_surface
from ssltoolbox.utils.digest import file_sha256
from ssltoolbox.utils.json_file import write_json
from ssltoolbox.utils.ply import write_ply
from ssltoolbox.visualization.registration import (
    plot_residuals,
    residual_colors,
    top_of,
)

PERCENTILES = (50, 75, 90, 95)
AVERAGED = ('mean', 'std', 'median', 'rms', 'p75', 'p90', 'p95', 'max')


@dataclass(frozen=True)
class CloudEvaluation:
    """Settings of an evaluation.

    Attributes:
        target: File of the surface or of a cloud of points.
        initial: Where clouds lie, about; None to find that, too.
        icp: How they are registered.
        unit: Of the target.
        draw: Write pictures and the registered clouds.
    """

    target: Path
    initial: InitialPoses | None = None
    icp: IcpSettings = IcpSettings()
    unit: str = 'mm'
    draw: bool = True


def evaluate_clouds(
    clouds: Sequence[Path], out: Path, settings: CloudEvaluation, console: Console
) -> dict[str, Any]:
    """Register clouds, and write their residuals.

    ``out`` gets ``residuals.json``, and for each cloud ``pictures/<name>.png`` and
    ``registered/<name>.ply``, coloured by distance. A cloud that cannot be registered
    is told of and left out of the means.

    Args:
        clouds: Their files.
        out: Folder for the results.
        settings: How.
        console: Where the progress is shown.

    Returns:
        What ``residuals.json`` has.

    Raises:
        FileNotFoundError: A file does not exist.
        ValueError: The target cannot be read, or no cloud can be registered.
    """
    surface = read_surface(settings.target)
    table: dict[str, dict[str, Any]] = {}
    names = _names(clouds)
    with Progress(console=console) as progress:
        task = progress.add_task('clouds', total=len(clouds))
        for path, name in zip(clouds, names, strict=True):
            try:
                table[name] = _evaluate(path, name, surface, out, settings)
            except ValueError as error:
                table[name] = dict(failed=str(error))
            for problem in _problems(table[name]):
                console.print(
                    f'warning: {name}: {problem}', style='yellow', markup=False
                )
            progress.advance(task)
    good = [each for each in table.values() if 'failed' not in each]
    if not good:
        first = next(iter(table.values()))['failed']
        raise ValueError(f'none of {len(table)} clouds could be registered: {first}')
    content = dict(
        target=settings.target.name,
        target_sha256=file_sha256(settings.target),
        target_is='surface' if len(surface.triangles) else 'points',
        unit=settings.unit,
        settings=asdict(settings.icp),
        start='found' if settings.initial is None else settings.initial.file,
        clouds=table,
        summary=summarise(good, len(table)),
    )
    write_json(out / 'residuals.json', content)
    return content


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


def summarise(clouds: Sequence[dict[str, Any]], total: int) -> dict[str, Any]:
    """Means over clouds, each of which counts the same.

    Args:
        clouds: Those that were registered, as in ``residuals.json``.
        total: Number of all.
    """
    scales = np.array([each['scale'] for each in clouds])
    residuals = {
        key: float(np.mean([each['residuals'][key] for each in clouds]))
        for key in AVERAGED
    }
    return dict(
        registered=len(clouds),
        failed=total - len(clouds),
        doubtful=sum(bool(each['doubts']) for each in clouds),
        residuals=residuals,
        scale=dict(mean=float(scales.mean()), std=float(scales.std())),
    )


def _evaluate(
    path: Path, name: str, surface: Surface, out: Path, settings: CloudEvaluation
) -> dict[str, Any]:
    cloud = read_surface(path)
    start = None
    if settings.initial:
        start = settings.initial.of(path.name, cloud.points)
    found = register(cloud.points, surface, start, settings.icp)
    statistics = residual_statistics(found.residuals)
    if settings.draw:
        _draw(name, cloud, found, surface, out, settings.unit, statistics)
    limit = np.quantile(found.residuals, settings.icp.keep)
    transform = found.transform
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


def _draw(
    name: str,
    cloud: Surface,
    found: Registration,
    surface: Surface,
    out: Path,
    unit: str,
    statistics: dict[str, float],
) -> None:
    placed = found.transform(cloud.points)
    colors = residual_colors(found.residuals, top_of(found.residuals))
    write_ply(out / 'registered' / f'{name}.ply', placed, colors)
    title = (
        f'{name}: mean {statistics["mean"]:.3g} {unit}, median '
        f'{statistics["median"]:.3g} {unit}, scale {found.transform.scale:.4g}'
    )
    picture = out / 'pictures' / f'{name}.png'
    plot_residuals(picture, placed, found.residuals, surface.samples[0], unit, title)


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
