"""The ledger: what published systems claim, and what was reached here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import yaml

from ssltoolbox.apis.experiments.results_table import markdown_table

Values = dict[str, list[float]]
HEAD = (
    '# Ledger\n\nWhat the published systems claim, and what was measured with this '
    'toolbox. Cells without a record are empty, and so is a list without a run. The '
    'figures are percent. How runs were made, and what they mean, is told in '
    '[benchmarks.md](benchmarks.md).\n\nWritten by `python tools/ledger.py` from '
    '`docs/ledger/`: change the data there.\n'
)


@dataclass(frozen=True)
class Claim:
    """A published result.

    ``metrics`` are ``{name: value}``, in percent; ``source`` is where they stand.
    """

    method: str
    metrics: dict[str, float]
    source: str
    network: str = ''
    labels: str = ''


@dataclass(frozen=True)
class LedgerRun:
    """A network that was trained here, with some seeds.

    ``config`` is below ``configs/``; ``metrics`` are ``{name: value of each seed}``, in
    percent; ``minutes`` are those of a seed. What was not recorded is empty.
    """

    config: str
    data: str
    labels: str
    seeds: list[int]
    metrics: Values
    network: str = ''
    commit: str = ''
    hardware: str = ''
    minutes: float | None = None
    deviations: str = ''


@dataclass(frozen=True)
class System:
    """A published system; ``deviations`` hold for all its runs."""

    system: str
    paper: str
    page: str
    remarks: str
    claims: list[Claim]
    runs: list[LedgerRun]
    deviations: str = ''


Entry = TypeVar('Entry', Claim, LedgerRun, System)


def read_ledger(folder: str | Path) -> list[System]:
    """Read the data files of all systems, in the order of their names.

    Raises:
        FileNotFoundError: The folder has none.
        ValueError: A file is damaged, or a field is absent, unknown, or has another
            number of values than there are seeds.
    """
    files = sorted(Path(folder).glob('*.yaml'))
    if not files:
        raise FileNotFoundError(f'{folder} holds no *.yaml: give docs/ledger')
    return [_read(file) for file in files]


def _read(file: Path) -> System:
    try:
        content = yaml.safe_load(file.read_text(encoding='utf-8'))
    except yaml.YAMLError as error:
        raise ValueError(f'{file} is not valid YAML: {error}') from None
    if not isinstance(content, Mapping):
        raise ValueError(f'{file} holds no fields of a system')
    content = dict(content)
    source = content.pop('source', None)
    claims = [
        _entry(Claim, {'source': source, **each}, f'{file}: claim {number}')
        for number, each in enumerate(content.get('claims') or [], 1)
    ]
    runs = [
        _entry(LedgerRun, each, f'{file}: run {number}')
        for number, each in enumerate(content.get('runs') or [], 1)
    ]
    for number, run in enumerate(runs, 1):
        for name, values in run.metrics.items():
            if len(values) != len(run.seeds):
                raise ValueError(
                    f'{file}: run {number}: {name} has {len(values)} values for '
                    f'{len(run.seeds)} seeds'
                )
    return _entry(System, {**content, 'claims': claims, 'runs': runs}, str(file))


def _entry(kind: type[Entry], content: Mapping[str, Any], where: str) -> Entry:
    known = {each.name for each in fields(kind)}
    if unknown := sorted(set(content) - known):
        raise ValueError(
            f'{where}: nothing reads {", ".join(unknown)}; fields are '
            f'{", ".join(sorted(known))}'
        )
    try:
        entry = kind(**content)
    except TypeError as error:
        raise ValueError(f'{where}: {str(error).partition(" ")[2]}') from None
    if isinstance(entry, Claim) and not entry.source:
        raise ValueError(f'{where}: a claim needs a source, of its own or of the file')
    return entry


def as_page(systems: Iterable[System]) -> str:
    """Write the page of the ledger, in Markdown."""
    return '\n'.join([HEAD, *map(_section, systems)])


def _section(system: System) -> str:
    parts = [
        f'## {system.system}',
        f'{system.paper}. [Method, data and commands]({system.page}).',
        system.remarks.strip(),
        '### Claimed' if system.claims else '',
        _claims(system.claims) if system.claims else 'No figure is claimed here.',
        '### Measured' if system.runs else '',
        _runs(system.runs) if system.runs else 'No run is recorded.',
        f'Deviations of all these runs: {system.deviations}' if system.runs else '',
    ]
    return '\n\n'.join(filter(None, parts)) + '\n'


def _claims(claims: Sequence[Claim]) -> str:
    rows = [
        [
            claim.method,
            claim.network,
            str(claim.labels),
            ', '.join(f'{name} {value}' for name, value in claim.metrics.items()),
            claim.source,
        ]
        for claim in claims
    ]
    head = ['method', 'network', 'labels', 'claimed', 'source']
    return markdown_table(head, rows, text=len(head))


def _runs(runs: Sequence[LedgerRun]) -> str:
    rows = []
    for run in runs:
        name = Path(run.config).stem
        measured = (
            f'{metric} {", ".join(map(str, values))}'
            for metric, values in run.metrics.items()
        )
        rows.append(
            [
                f'[{name}](../configs/{run.config})',
                run.network,
                run.data,
                str(run.labels),
                ', '.join(map(str, run.seeds)),
                '; '.join(measured),
                run.commit,
                run.hardware,
                '' if run.minutes is None else f'{run.minutes / 60:.2f}',
                run.deviations,
            ]
        )
    head = ['config', 'network', 'data', 'labels', 'seeds', 'measured, by seed',
            'commit', 'hardware', 'hours, each', 'deviations']  # fmt: skip
    return markdown_table(head, rows, text=len(head))
