"""tools/infer.py with depth networks."""

import json

import cv2
import numpy as np
import pytest
import trimesh

from ..depth_network import write_depth_network

CAMERA = ['--intrinsics', '100', '100', '32', '24']


@pytest.fixture(scope='module')
def main(tool):
    return tool('infer').main


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    return write_depth_network(tmp_path_factory.mktemp('trained'))


@pytest.fixture
def photos(tmp_path):
    """Pictures of 64 x 48 px with a ramp of brightness, and an evenly grey one."""
    folder = tmp_path / 'photos'
    (folder / 'sub').mkdir(parents=True)
    ramp = np.tile(np.linspace(50, 250, 64).astype(np.uint8), (48, 1))
    cv2.imwrite(str(folder / 'a.png'), cv2.merge([ramp] * 3))
    cv2.imwrite(str(folder / 'sub' / 'b.bmp'), np.full((48, 64, 3), 51, np.uint8))
    return folder


def files_in(folder):
    return sorted(
        p.relative_to(folder).as_posix() for p in folder.rglob('*') if p.is_file()
    )


def records_in(folder):
    return json.loads((folder / 'depth.json').read_text())['frames']


def test_files_of_a_folder(main, trained, photos, tmp_path, capsys):
    (photos / 'bad.jpg').write_bytes(b'no image')
    out = tmp_path / 'out'
    main([*trained, str(photos), '--out', str(out), '--clouds', *CAMERA])
    assert files_in(out) == [
        'clouds/a.ply',
        'clouds/sub/b.ply',
        'depth.json',
        'depth/a.npz',
        'depth/a.png',
        'depth/sub/b.npz',
        'depth/sub/b.png',
        'images/a.png',
        'images/sub/b.bmp.jpg',
        'inference.json',
    ]
    first, second = records_in(out)
    assert second['nearest'] == pytest.approx(0.2) == second['farthest']
    assert second['unit'] == 'network' and second['scale'] is None
    with np.load(out / first['png'].replace('.png', '.npz')) as arrays:
        depth = arrays['depth']
        assert arrays['intrinsics'][0].tolist() == [50, 0, 16]
    levels = cv2.imread(str(out / first['png']), cv2.IMREAD_UNCHANGED)
    assert levels.dtype == np.uint16 and levels.max() == 65535
    np.testing.assert_allclose(levels * first['step'], depth, atol=first['step'])
    cloud = trimesh.load(out / 'clouds/sub/b.ply', process=False)
    assert cloud.vertices.shape == (32 * 24, 3)
    np.testing.assert_allclose(cloud.vertices[:, 2], 0.2, rtol=1e-6)
    drawn = cv2.imread(str(out / 'images/a.png'))
    assert drawn.shape == (24, 64, 3)
    # the picture, and beside it near in blue and far in red
    assert drawn[5, 32].argmax() == 0 and drawn[5, 63].argmax() == 2
    said = capsys.readouterr()
    assert 'depth: 2 frames, 0 of them in the unit of their points' in said.out
    assert 'could not be read: 1 (bad.jpg)' in said.out


def test_clouds_as_text_of_every_second_row(main, trained, photos, tmp_path):
    out = tmp_path / 'out'
    options = ['--clouds', 'ascii', '--stride', '2', '--no-draw', *CAMERA]
    main([*trained, str(photos / 'a.png'), '--out', str(out), *options])
    assert (out / 'clouds/a.ply').read_text().startswith('ply\nformat ascii')
    assert len(trimesh.load(out / 'clouds/a.ply', process=False).vertices) == 16 * 12
    assert not (out / 'images').exists()


def test_a_second_run_goes_on_where_the_first_stopped(
    main, trained, photos, tmp_path, capsys
):
    out = tmp_path / 'out'
    options = [*trained, str(photos), '--out', str(out)]
    main(options)
    first = {name: (out / name).read_bytes() for name in files_in(out)}
    for name in ('depth.json', 'depth/a.npz', 'images/a.png'):
        (out / name).unlink()
    (out / 'depth/sub/b.npz').write_bytes(b'damaged')
    capsys.readouterr()
    main(options)
    assert 'earlier run' not in capsys.readouterr().out
    assert files_in(out) == sorted(first)
    for name in ('depth.json', 'depth/a.png', 'images/a.png'):
        assert (out / name).read_bytes() == first[name]
    kept = (out / 'depth/a.npz').stat().st_mtime_ns
    (out / 'depth/sub/b.npz').unlink()
    main(options)
    assert 'from an earlier run: 1' in capsys.readouterr().out
    assert (out / 'depth/a.npz').stat().st_mtime_ns == kept
    assert (out / 'depth.json').read_bytes() == first['depth.json']


def test_clouds_may_be_asked_for_later(main, trained, photos, tmp_path):
    options = [*trained, str(photos), '--out', str(tmp_path / 'out'), *CAMERA]
    main(options)
    main([*options, '--clouds', '--stride', '4'])
    cloud = trimesh.load(tmp_path / 'out/clouds/a.ply', process=False)
    assert len(cloud.vertices) == 8 * 6


def test_depth_of_replaced_images_is_made_again(main, trained, photos, tmp_path):
    options = [*trained, str(photos), '--out', str(tmp_path / 'out')]
    main(options)
    cv2.imwrite(str(photos / 'a.png'), np.full((24, 32, 3), 51, np.uint8))
    main(options)
    assert records_in(tmp_path / 'out')[0]['picture_size'] == [32, 24]


def test_other_results_are_never_overwritten(main, trained, photos, tmp_path):
    out = tmp_path / 'out'
    options = [*trained, str(photos), '--out', str(out), '--no-draw']
    main(options)
    with pytest.raises(SystemExit, match='depth that were made .*other downsampling'):
        main([*options, '--downsampling', '1'])
    other = write_depth_network(tmp_path, factor=3.0)
    with pytest.raises(SystemExit, match=r'other settings \(other network'):
        main([*other, *options[2:]])
    (out / 'inference.json').unlink()
    with pytest.raises(SystemExit, match='no inference.json tells what made them'):
        main(options)


def test_mask_window_and_downsampling(main, trained, photos, tmp_path):
    mask = np.zeros((48, 64), np.uint8)
    mask[:, :32] = 255
    cv2.imwrite(str(tmp_path / 'mask.png'), mask)
    options = ['--mask', str(tmp_path / 'mask.png'), '--downsampling', '1']
    options += ['--window', '64', '56', '--no-draw']
    main([*trained, str(photos / 'a.png'), '--out', str(tmp_path / 'out'), *options])
    (record,) = records_in(tmp_path / 'out')
    assert record['window']['width'] == 64 and record['window']['height'] == 56
    # eroded by two columns at its inner side
    assert record['valid_pixels'] == 30 * 48


def test_frames_of_a_video(main, trained, film, tmp_path):
    out = tmp_path / 'out'
    main([*trained, str(film), '--out', str(out), '--batch-size', '3'])
    assert len(list(out.glob('depth/film/*.png'))) == 10
    video = cv2.VideoCapture(str(out / 'film.mp4'))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == 10
    assert video.get(cv2.CAP_PROP_FRAME_WIDTH) == 64
    medians = [each['median'] * 255 for each in records_in(out)]
    np.testing.assert_allclose(medians, 20 * np.arange(10), atol=5)


@pytest.mark.parametrize(
    ('options', 'says'),
    [
        (['--views', 'flip_lr', '--kpt-thr', '0.5'], '--kpt-thr, --views: the network'),
        (['--clouds'], r'camera is not known: 2 .*clouds of points need --intrinsics'),
        (['--mask', 'none.bmp'], 'none.bmp does not exist'),
        (['--window', '64'], "or the word 'all', got 64"),
        (['--window', '30', '24'], 'multiples of 8'),
        (['--downsampling', '0.5'], 'downsampling 1 or more'),
        (['--intrinsics', '0', '1', '1', '1'], 'two above 0'),
        (['--stride', '0'], 'stride must be 1 or more'),
    ],
)
def test_wrong_options_are_named(main, trained, photos, tmp_path, options, says):
    with pytest.raises(SystemExit, match=f'error: .*{says}'):
        main([*trained, str(photos), '--out', str(tmp_path / 'out'), *options])
    assert not (tmp_path / 'out').exists()


@pytest.mark.real_data
def test_the_recorded_sequence(main, trained, real_data, tmp_path):
    """Frames of a real endoscope: camera, mask and scale from the files beside them."""
    folder = next((real_data / 'endoscopy_sfm').glob('bag_1/_start*'))
    out = tmp_path / 'out'
    options = ['--downsampling', '8', '--clouds', '--no-draw']
    main([*trained, str(folder), '--out', str(out), *options])
    records = records_in(out)
    assert len(records) == 35 and {each['unit'] for each in records} == {'sfm'}
    assert all(0.5 < each['median'] < 10 for each in records)
    cloud = trimesh.load(out / records[0]['cloud'], process=False)
    assert len(cloud.vertices) <= records[0]['valid_pixels']
