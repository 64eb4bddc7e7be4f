import csv
import json

import pytest

from ssltoolbox.apis.experiments.results_table import (
    as_csv,
    as_markdown,
    by_network,
    cell_text,
    markdown_table,
    read_runs,
    spread,
    tabulate,
    write_tables,
)


def save(path, **metrics):
    path.parent.mkdir(parents=True, exist_ok=True)
    metrics = {key.replace('__', '/'): value for key, value in metrics.items()}
    path.write_text(json.dumps(metrics))


@pytest.fixture
def work(tmp_path):
    """Two seeds of a method with two networks, and one of a baseline."""
    for seed, value in ((0, 0.5), (1, 0.7)):
        save(
            tmp_path / f'method_10_seed{seed}' / 'metrics_test.json',
            student__seg__Dice=value,
            teacher__seg__Dice=value + 0.2,
            teacher__seg__HD95=None if seed else 3.0,
        )
    save(tmp_path / 'base' / 'seed3' / 'metrics_test.json', seg__Dice=0.25)
    save(tmp_path / 'base' / 'seed3' / 'metrics_val.json', seg__Dice=0.5)
    return tmp_path


def test_seeds_of_an_experiment_are_one_row_for_each_network(work):
    table = tabulate(read_runs([work]), ['seg/Dice', 'seg/HD95'])
    assert list(table) == ['base', 'method_10 student', 'method_10 teacher']
    assert table['base'] == {'seg/Dice': [0.25], 'seg/HD95': []}
    assert table['method_10 teacher']['seg/Dice'] == pytest.approx([0.7, 0.9])
    assert table['method_10 teacher']['seg/HD95'] == [3.0]


def test_other_splits_and_single_files_can_be_read(work):
    (run,) = read_runs([work], 'val')
    assert (run.name, run.metrics) == ('base', {'seg/Dice': 0.5})
    save(work / 'ours_seed0.json', seg__Dice=1)
    (run,) = read_runs([work / 'ours_seed0.json'])
    assert run.name == 'ours'


def test_markdown_gives_means_and_spreads_in_percent(work):
    metrics = ['seg/Dice', 'seg/HD95']
    assert as_markdown(tabulate(read_runs([work]), metrics), metrics) == (
        '|  | seeds | seg/Dice | seg/HD95 |\n'
        '| --- | --: | --: | --: |\n'
        '| base | 1 | 25.0 ± 0.0 | – |\n'
        '| method_10 student | 2 | 60.0 ± 14.1 | – |\n'
        '| method_10 teacher | 2 | 80.0 ± 14.1 | 3.0 ± 0.0 |'
    )


def test_csv_holds_every_value_as_measured(work):
    text = as_csv(tabulate(read_runs([work]), ['seg/Dice', 'seg/HD95']))
    rows = list(csv.DictReader(text.splitlines()))
    student = next(r for r in rows if r['row'] == 'method_10 student')
    assert student['column'] == 'seg/Dice'
    assert float(student['mean']) == pytest.approx(0.6)
    assert float(student['std']) == pytest.approx(0.2 / 2**0.5)
    assert json.loads(student['values']) == [0.5, 0.7]
    empty = next(r for r in rows if r['row'] == 'base' and r['column'] == 'seg/HD95')
    assert (empty['mean'], empty['count'], empty['values']) == ('', '0', '[]')


def test_both_files_are_written(work):
    table = tabulate(read_runs([work]), ['seg/Dice'])
    paths = write_tables(table, ['seg/Dice'], work / 'new' / 'table')
    assert [path.name for path in paths] == ['table.md', 'table.csv']
    assert paths[0].read_text().startswith('|  | seeds | seg/Dice |')


@pytest.mark.parametrize(
    ('metric', 'text'),
    [
        ('seg/Dice', '50.0 ± 0.0'),
        ('pck/PCK@0.1', '50.0 ± 0.0'),
        ('pck/error_px', '0.5 ± 0.0'),
        ('seg/HD95_polyp', '0.5 ± 0.0'),
        ('seg/mIoU', '0.5 ± 0.0'),
        ('detection/dx', '0.5 ± 0.0'),
    ],
)
def test_fractions_alone_are_shown_in_percent(metric, text):
    assert cell_text([0.5], metric) == text


def test_parts():
    assert by_network('a', {'x/y': 1, 'net1/x': 2}) == {
        'a': {'x/y': 1},
        'a net1': {'x': 2},
    }
    assert spread([1, 3]) == pytest.approx(2**0.5)
    assert spread([1]) == 0
    assert (
        markdown_table(['a', 'b'], [['c', 'd']])
        == '| a | b |\n| --- | --: |\n| c | d |'
    )


def test_bad_input_is_named(work):
    runs = read_runs([work])
    with pytest.raises(ValueError, match=r'no run has Dice; choose from: seg/Dice'):
        tabulate(runs, ['seg/Dice', 'Dice'])
    (work / 'empty').mkdir()
    with pytest.raises(FileNotFoundError, match=r'empty holds no metrics_test.json'):
        read_runs([work / 'empty'])
    with pytest.raises(FileNotFoundError, match=r'none does not exist'):
        read_runs([work / 'none'])
    (work / 'list.json').write_text('[1]')
    with pytest.raises(ValueError, match=r'list.json is no file of metrics'):
        read_runs([work / 'list.json'])


def test_command_line(work, tool, capsys):
    main = tool('results_table').main
    main([str(work), '--metrics', 'seg/Dice', '--out', str(work / 'table')])
    said = capsys.readouterr().out
    assert '| method_10 teacher | 2 | 80.0 ± 14.1 |' in said
    assert (work / 'table.csv').is_file() and f'written to {work}/table.md' in said
    with pytest.raises(SystemExit, match='error: no run has AP'):
        main([str(work), '--metrics', 'AP'])
