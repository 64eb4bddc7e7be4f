"""tools/evaluate_pointcloud.py."""

import json

import cv2
import numpy as np
import pytest
import trimesh

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
    assert (
        content['unit'] == 'units of the target' and content['target_is'] == 'surface'
    )
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
