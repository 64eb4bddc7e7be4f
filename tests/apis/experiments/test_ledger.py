"""The page of the ledger is what its data say, which are those of other pages."""

from pathlib import Path

import pytest

from ssltoolbox.apis.experiments.ledger import as_page, read_ledger

ROOT = Path(__file__).parents[3]
LEDGER = read_ledger(ROOT / 'docs/ledger')
SYSTEMS = pytest.mark.parametrize('system', LEDGER, ids=lambda each: each.system)
ONE = """
system: S
paper: A paper
page: methods/s.md
remarks: None.
source: Table 1
claims: [{method: m, network: n, labels: 5, metrics: {AP: 31.5}}]
runs:
- {config: s/net.py, data: toys, labels: 5, seeds: [0, 2], metrics: {AP: [1.0, 2.5]},
   commit: abc, hardware: CPU, minutes: 90, deviations: short}
deviations: none
"""


def write(folder, text):
    (folder / 's.yaml').write_text(text)
    return folder


def test_the_page_is_what_the_data_say():
    text = (ROOT / 'docs/ledger.md').read_text()
    assert text == as_page(LEDGER), 'run python tools/ledger.py'


def test_every_system_of_the_readme_is_there():
    pages = {system.page for system in LEDGER}
    assert pages == {f'methods/{p.name}' for p in (ROOT / 'docs/methods').glob('*.md')}


@SYSTEMS
def test_runs_are_those_of_the_benchmarks(system):
    told = (ROOT / 'docs/benchmarks.md').read_text()
    for run in system.runs:
        assert (ROOT / 'configs' / run.config).is_file()
        for values in run.metrics.values():
            assert all(str(value) in told for value in values), run


@SYSTEMS
def test_claims_are_those_of_the_page_of_the_system(system):
    told = (ROOT / 'docs' / system.page).read_text()
    for claim in system.claims:
        assert all(str(value) in told for value in claim.metrics.values()), claim


def test_rows_have_what_was_recorded_and_nothing_else(tmp_path):
    page = as_page(read_ledger(write(tmp_path, ONE)))
    assert '| m | n | 5 | AP 31.5 | Table 1 |' in page
    assert (
        '| [net](../configs/s/net.py) |  | toys | 5 | 0, 2 | AP 1.0, 2.5 | abc | CPU '
        '| 1.50 | short |' in page
    )


def test_what_was_not_run_is_empty(tmp_path):
    empty = ONE.partition('source:')[0] + 'claims: []\nruns: []\n'
    page = as_page(read_ledger(write(tmp_path, empty)))
    assert 'No figure is claimed here.\n\nNo run is recorded.\n' in page


@pytest.mark.parametrize(
    ('old', 'new', 'message'),
    [
        ('method: m', 'methods: m', 'claim 1: nothing reads methods; fields are'),
        ('source: Table 1\n', '', 'claim 1: a claim needs a source'),
        ('[1.0, 2.5]', '[1.0]', 'run 1: AP has 1 values for 2 seeds'),
        ('data: toys, ', '', "run 1: missing 1 required positional argument: 'data'"),
        ('page: methods/s.md\n', '', "missing 1 required positional argument: 'page'"),
        ('claims: [', 'claims: [[', 'is not valid YAML'),
    ],
)
def test_bad_data_are_named(tmp_path, old, new, message):
    with pytest.raises(ValueError, match=r's\.yaml.*' + message.replace('[', r'\[')):
        read_ledger(write(tmp_path, ONE.replace(old, new)))


def test_no_data_and_no_fields(tmp_path):
    with pytest.raises(FileNotFoundError, match='give docs/ledger'):
        read_ledger(tmp_path)
    with pytest.raises(ValueError, match='holds no fields'):
        read_ledger(write(tmp_path, '[1]'))


def test_command_line(tool, tmp_path, capsys):
    tool('ledger').main(['--out', str(tmp_path / 'page.md')])
    assert (tmp_path / 'page.md').read_text() == as_page(LEDGER)
    with pytest.raises(SystemExit, match='error: .* holds no'):
        tool('ledger').main(['--data', str(tmp_path)])
