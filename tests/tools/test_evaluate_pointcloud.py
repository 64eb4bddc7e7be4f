"""tools/evaluate_pointcloud.py."""

import json
import shutil

import cv2
import numpy as np
import pytest
import trimesh

from ssltoolbox.apis import cloud_evaluation
from ssltoolbox.evaluation.registration import register
from ssltoolbox.utils.ply import write_ply

from ..bumpy_surface import KNOWN, bumpy_surface, disturbed, some_points


@pytest.fixture(scope='module')
def main(tool):
    return tool('evaluate_pointcloud').main


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A surface, two clouds of it, and an initial pose."""
    folder = tmp_path_factory.mktemp('clouds')
    surface = bumpy_surface()
    ct = trimesh.Trimesh(surface.points, surface.triangles, process=False)
    ct.export(folder / 'ct.stl')
    cloud = KNOWN(some_points(surface, 2000))
    write_ply(folder / 'whole.ply', cloud)
    half = cloud[: len(cloud) // 2] + np.random.default_rng(0).normal(
        0, 0.05, (1000, 3)
    )
    write_ply(folder / 'noisy.ply', half, np.zeros(half.shape, np.uint8))
    np.savetxt(folder / 'initial.txt', disturbed(cloud).matrix)
    return folder


def test_clouds_of_a_folder(main, folder, tmp_path, capsys):
    write_ply(tmp_path / 'more' / 'empty.ply', np.empty((0, 3)))
    out = tmp_path / 'out'
    options = ['--target', str(folder / 'ct.stl'), '--out', str(out)]
    options += ['--initial', str(folder / 'initial.txt'), '--points', '500']
    main([str(folder), str(tmp_path / 'more'), *options])
    content = json.loads((out / 'residuals.json').read_text())
    assert content['unit'] == 'target units'
    assert content['target_is'] == 'surface'
    whole, noisy = (content['clouds'][name] for name in ('whole', 'noisy'))
    assert whole['scale'] == pytest.approx(1 / 0.37, rel=1e-3)
    assert whole['residuals']['mean'] < 0.02 and not whole['doubts']
    expected = 0.05 / 0.37 * np.sqrt(2 / np.pi)
    assert noisy['residuals']['mean'] == pytest.approx(expected, rel=0.1)
    assert noisy['residuals']['p50'] == noisy['residuals']['median']
    np.testing.assert_allclose(
        np.array(whole['matrix']) @ KNOWN.matrix, np.eye(4), atol=0.05
    )
    assert 'no points' in content['clouds']['empty']['failed']
    summary = content['summary']
    assert summary['registered'] == 2 and summary['failed'] == 1
    mean = (whole['residuals']['mean'] + noisy['residuals']['mean']) / 2
    assert summary['residuals']['mean'] == pytest.approx(mean)
    placed = trimesh.load(out / 'registered/whole.ply', process=False)
    assert placed.colors.shape == (2000, 4)
    np.testing.assert_allclose(placed.vertices.max(0), (11, 13, 24), atol=4)
    assert cv2.imread(str(out / 'pictures/noisy.png')).std() > 10
    said = capsys.readouterr()
    assert 'registered: 2 of 3, 0 of them doubtful' in said.out
    assert 'warning: empty' in said.err


def test_only_numbers(main, folder, tmp_path):
    out = tmp_path / 'out'
    options = ['--target', str(folder / 'ct.stl'), '--out', str(out), '--no-draw']
    main([str(folder / 'whole.ply'), *options, '--unit', 'cm', '--points', '500'])
    assert [path.name for path in out.iterdir()] == ['residuals.json']
    content = json.loads((out / 'residuals.json').read_text())
    assert content['start'] == 'found' and content['unit'] == 'cm'
    assert content['clouds']['whole']['coverage'] > 0.95


class Registrations:
    """Count them, and die in one, as a killed process does."""

    def __init__(self, dies_in=0):
        self.count, self.dies_in = 0, dies_in

    def __call__(self, *args):
        self.count += 1
        if self.count == self.dies_in:
            raise KeyboardInterrupt
        return register(*args)


@pytest.fixture
def registrations(monkeypatch):
    def replace(**options):
        counter = Registrations(**options)
        monkeypatch.setattr(cloud_evaluation, 'register', counter)
        return counter

    return replace


@pytest.fixture
def command(folder, tmp_path):
    """Arguments for three clouds."""
    cloud = trimesh.load(folder / 'whole.ply', process=False).vertices
    for name, count in (('a', 400), ('b', 500), ('c', 600)):
        write_ply(tmp_path / 'in' / f'{name}.ply', cloud[:count])
    options = ['--target', str(folder / 'ct.stl'), '--out', str(tmp_path / 'out')]
    initial = ['--initial', str(folder / 'initial.txt')]
    return [str(tmp_path / 'in'), *options, *initial, '--no-draw']


def test_it_goes_on_where_it_was_killed(main, command, registrations, tmp_path, capsys):
    file = tmp_path / 'out' / 'residuals.json'
    registrations(dies_in=3)
    with pytest.raises(SystemExit, match='130'):
        main(command)
    half = json.loads(file.read_text())
    assert list(half['clouds']) == ['a', 'b'] and half['summary']['left'] == 1
    counter = registrations()
    main(command)
    assert (
        counter.count == 1
        and '2 clouds were measured before' in capsys.readouterr().err
    )
    resumed = file.read_bytes()
    assert json.loads(resumed)['summary']['left'] == 0
    file.unlink()
    main(command)
    assert counter.count == 4 and file.read_bytes() == resumed


def test_pictures_may_be_asked_for_later(main, command, registrations, tmp_path):
    (tmp_path / 'in' / 'b.ply').unlink()
    (tmp_path / 'in' / 'c.ply').unlink()
    # results below the clouds are not taken for clouds
    command[0] = str(tmp_path)
    main(command)
    counter, out = registrations(), tmp_path / 'out'
    main(command[:-1])
    assert counter.count == 0
    files = out / 'pictures/a.png', out / 'registered/a.ply'
    later = [path.read_bytes() for path in files]
    shutil.rmtree(out)
    main(command[:-1])
    assert counter.count == 1
    assert later == [path.read_bytes() for path in files]


def test_a_cloud_that_was_replaced_is_measured_anew(
    main, command, registrations, tmp_path
):
    main(command)
    cloud = trimesh.load(tmp_path / 'in' / 'c.ply', process=False).vertices
    write_ply(tmp_path / 'in' / 'b.ply', cloud[:300])
    counter = registrations()
    main(command)
    assert counter.count == 1
    clouds = json.loads((tmp_path / 'out' / 'residuals.json').read_text())['clouds']
    assert [each['points'] for each in clouds.values()] == [400, 300, 600]


@pytest.mark.parametrize(
    ('options', 'other'),
    [
        (['--keep', '0.8'], 'settings'),
        (['--unit', 'mm'], 'unit'),
        (['--target', 'b.ply'], 'target_sha256'),
        (['--initial', 'other.txt'], 'start_sha256'),
        (['--depth-range', 'own'], 'depth_range'),
    ],
)
def test_residuals_of_other_settings_are_not_mixed(
    main, command, tmp_path, options, other
):
    main([*command, '--points', '100'])
    before = (tmp_path / 'out' / 'residuals.json').read_bytes()
    np.savetxt(tmp_path / 'in' / 'other.txt', np.eye(4))
    options = [
        str(tmp_path / 'in' / o) if '.t' in o or '.ply' in o else o for o in options
    ]
    with pytest.raises(SystemExit, match=rf'other settings \(other {other}; see res'):
        main([*command, '--points', '100', *options])
    assert (tmp_path / 'out' / 'residuals.json').read_bytes() == before


@pytest.mark.parametrize(
    ('clouds', 'options', 'says'),
    [
        ('none.ply', [], 'none.ply does not exist'),
        ('ct.stl', [], 'no cloud of points in'),
        ('whole.ply', ['--target', 'none.stl'], 'none.stl does not exist'),
        ('whole.ply', ['--initial', 'none.txt'], 'none.txt does not exist'),
        ('whole.ply', ['--keep', '2'], 'keep must be in'),
        ('initial.txt', [], 'none of 1 clouds could be registered: .*initial.txt can'),
    ],
)
def test_wrong_input_is_named(main, folder, tmp_path, clouds, options, says):
    fixed = ['--target', str(folder / 'ct.stl'), '--out', str(tmp_path / 'out')]
    with pytest.raises(SystemExit, match=f'error: .*{says}'):
        main([str(folder / clouds), *fixed, *options])
    assert not (tmp_path / 'out').exists()
