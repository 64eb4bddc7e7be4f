"""A rendered scene as a model of COLMAP, and back."""

import csv
import runpy
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from ssltoolbox.datasets.depth.brightness import project
from ssltoolbox.datasets.depth.prepare import SfmSettings, prepare
from ssltoolbox.datasets.depth.reprojection import (
    read_observations,
    reprojection_errors,
)
from ssltoolbox.datasets.depth.sfm_sequence import SfmSequence

TOOL = Path(__file__).parents[3] / 'tools' / 'dataset_converters' / 'colmap2sfm.py'
MODELS = dict(SIMPLE_PINHOLE=0, PINHOLE=1, SIMPLE_RADIAL=2, OPENCV=4)


@pytest.fixture(scope='module')
def main():
    return runpy.run_path(str(TOOL))['main']


@pytest.fixture(scope='module')
def truth(tubes):
    return SfmSequence.read(next(tubes.glob('bag_1/_start_*')))


class Written:
    """A model as COLMAP's documentation describes it, with ids that have gaps."""

    def __init__(self, truth, name='frame_{:05d}.jpg'):
        found = read_observations(truth.folder, truth.frames, len(truth.points))
        k, (height, width) = truth.intrinsics, truth.mask.shape
        # the centre of the first pixel is (0.5, 0.5) there
        values = [k[0, 0], k[1, 1], k[0, 2] + 0.5, k[1, 2] + 0.5]
        self.cameras = {4: ('PINHOLE', width, height, values)}
        self.images, self.points = {}, {}
        for view, pose in enumerate(np.linalg.inv(truth.poses)):
            x, y, z, w = Rotation.from_matrix(pose[:3, :3]).as_quat()
            features = [(0.25, 0.75, -1)]
            for point in np.flatnonzero(truth.seen[:, view]):
                features.append((*(found[point, view] + 0.5), 3 * point + 7))
                place = self.points.setdefault(3 * point + 7, (truth.points[point], []))
                place[1].append((2 * view + 5, len(features) - 1))
            entry = ([w, x, y, z, *pose[:3, 3]], 4, name.format(view + 20), features)
            self.images[2 * view + 5] = entry

    def text(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        cameras = ['# Camera list', '#   CAMERA_ID, MODEL, WIDTH, HEIGHT, PARAMS[]']
        for n, (model, w, h, values) in self.cameras.items():
            cameras.append(
                f'{n} {model} {w} {h} ' + ' '.join(map(repr, map(float, values)))
            )
        images = ['# Image list with two lines of data per image:']
        for n, (pose, camera, name, features) in self.images.items():
            images.append(
                f'{n} {" ".join(repr(float(v)) for v in pose)} {camera} {name}'
            )
            images.append(' '.join(f'{x} {y} {p}' for x, y, p in features))
        points = ['# 3D point list']
        for n, (place, track) in self.points.items():
            pairs = ' '.join(f'{a} {b}' for a, b in track)
            points.append(
                f'{n} {" ".join(repr(float(v)) for v in place)} 9 9 9 0.5 {pairs}'
            )
        for part, lines in zip(
            ('cameras', 'images', 'points3D'), (cameras, images, points), strict=True
        ):
            (folder / f'{part}.txt').write_text('\n'.join(lines) + '\n')
        return folder

    def binary(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        out = struct.pack('<Q', len(self.cameras))
        for n, (model, w, h, values) in self.cameras.items():
            out += struct.pack(f'<iiQQ{len(values)}d', n, MODELS[model], w, h, *values)
        (folder / 'cameras.bin').write_bytes(out)
        out = struct.pack('<Q', len(self.images))
        for n, (pose, camera, name, features) in self.images.items():
            out += struct.pack('<i7di', n, *pose, camera) + name.encode() + b'\0'
            out += struct.pack('<Q', len(features))
            out += b''.join(struct.pack('<ddq', *feature) for feature in features)
        (folder / 'images.bin').write_bytes(out)
        out = struct.pack('<Q', len(self.points))
        for n, (place, track) in self.points.items():
            out += struct.pack('<Q3d3BdQ', n, *place, 9, 9, 9, 0.5, len(track))
            out += b''.join(struct.pack('<ii', *pair) for pair in track)
        (folder / 'points3D.bin').write_bytes(out)
        return folder


@pytest.fixture
def model(truth):
    return Written(truth)


@pytest.fixture
def images(truth, model, tmp_path):
    folder = tmp_path / 'images'
    folder.mkdir()
    for source, entry in zip(truth.images, model.images.values(), strict=True):
        (folder / entry[2]).write_bytes(source.read_bytes())
    return folder


@pytest.fixture
def out(tmp_path):
    return tmp_path / 'data' / 'bag_1' / '_start_000000'


@pytest.mark.parametrize('kind', ['text', 'binary'])
def test_a_rendered_scene_comes_back(
    main, truth, model, images, out, tmp_path, kind, capsys
):
    folder = getattr(model, kind)(tmp_path / 'sparse' / '0')
    mask = truth.folder / 'undistorted_mask.bmp'
    main([str(folder), '--images', str(images), '--out', str(out), '--mask', str(mask)])
    assert '6 frames' in capsys.readouterr().out
    found = SfmSequence.read(out)
    assert found.frames == [*range(20, 26)]
    np.testing.assert_allclose(found.poses, truth.poses, atol=1e-9)
    np.testing.assert_allclose(found.intrinsics, truth.intrinsics, atol=1e-9)
    # points are numbered in the order in which the model has them
    match = np.linalg.norm(found.points[:, None] - truth.points, axis=2).argmin(1)
    np.testing.assert_allclose(found.points, truth.points[match], atol=1e-5)
    np.testing.assert_array_equal(found.seen, truth.seen[match])
    assert found.images[3].read_bytes() == truth.images[3].read_bytes()
    pixels = read_observations(out, found.frames, len(found.points))
    errors = reprojection_errors(found.points, found.poses, found.intrinsics, pixels)
    assert np.nanmax(errors) < 0.1
    ready = prepare(
        found, SfmSettings(downsampling=2, multiple=32, half_pixel=True, inlier_share=1)
    )
    for view, matrix in enumerate(ready.extrinsics):
        at, _ = project(ready.points, matrix, ready.intrinsics)
        at = 2 * (at + 0.5 + (ready.window.left, ready.window.top)) - 0.5
        gaps = np.linalg.norm(at - pixels[:, view], axis=1)
        assert np.nanmax(gaps) < 0.1


def convert(main, folder, images, out, *options):
    main([str(folder), '--images', str(images), '--out', str(out), *options])


def refused(main, capsys, match, *args):
    with pytest.raises(SystemExit) as ended:
        convert(main, *args)
    text = f'{ended.value} {capsys.readouterr().err}'
    assert match in ' '.join(text.split()), text
    assert not args[2].exists() or any(args[2].iterdir())


def test_without_a_mask_all_of_the_frame_counts(main, model, images, out, tmp_path):
    convert(main, model.binary(tmp_path / 'm'), images, out, '--link')
    sequence = SfmSequence.read(out)
    assert (sequence.mask == 255).all()
    assert sequence.images[0].is_symlink()


def test_frames_are_numbered_in_order_where_names_have_no_number(
    main, truth, out, tmp_path, capsys
):
    letters = 'cabfed'
    model = Written(truth)
    folder = tmp_path / 'images'
    folder.mkdir()
    for view, (n, entry) in enumerate(list(model.images.items())):
        name = f'view {letters[view]}.png'
        model.images[n] = (*entry[:2], name, entry[3])
        cv2.imwrite(str(folder / name), cv2.imread(str(truth.images[view])))
    sparse = model.text(tmp_path / 'm')
    refused(main, capsys, '--number-by order', sparse, folder, out)
    convert(main, sparse, folder, out, '--number-by', 'order')
    rows = list(csv.reader(open(out / 'frame_names.csv')))
    assert rows[:3] == [['frame', 'image'], ['0', 'view a.png'], ['1', 'view b.png']]
    found = SfmSequence.read(out)
    np.testing.assert_allclose(found.poses[0], truth.poses[1], atol=1e-9)
    np.testing.assert_allclose(found.poses[5], truth.poses[3], atol=1e-9)


def test_models_that_cannot_be_used_are_refused(
    main, truth, images, out, tmp_path, capsys
):
    def attempt(change, match, kind):
        model = Written(truth)
        change(model)
        folder = getattr(model, kind)(tmp_path / f'{match[:5]}{kind}')
        refused(main, capsys, match, folder, images, out)

    def distorted(model):
        _, width, height, values = model.cameras[4]
        model.cameras[4] = ('OPENCV', width, height, [*values, 0.1, 0, 0, 0])

    def mixed(model):
        _, width, height, values = model.cameras[4]
        model.cameras[6] = ('PINHOLE', width, height, [v + 1 for v in values])
        entry = model.images[5]
        model.images[5] = (entry[0], 6, *entry[2:])

    def unknown(model):
        entry = model.images[5]
        model.images[5] = (entry[0], 9, *entry[2:])

    for kind in ('text', 'binary'):
        attempt(distorted, 'OPENCV, which has lens distortion', kind)
        attempt(mixed, '2 different cameras', kind)
        attempt(lambda m: m.points.clear(), '0 points', kind)
        attempt(lambda m: m.images.pop(7), 'of image 7, which the model has not', kind)
        attempt(unknown, 'the cameras [9]', kind)


def test_cameras_of_equal_parameters_are_one(main, model, images, out, tmp_path):
    model.cameras[6] = model.cameras[4]
    entry = model.images[5]
    model.images[5] = (entry[0], 6, *entry[2:])
    convert(main, model.text(tmp_path / 'm'), images, out)
    assert len(SfmSequence.read(out).frames) == 6


def test_one_focal_length_is_both(main, model, images, out, tmp_path):
    _, width, height, values = model.cameras[4]
    model.cameras[4] = ('SIMPLE_PINHOLE', width, height, [100, *values[2:]])
    convert(main, model.binary(tmp_path / 'm'), images, out)
    matrix = SfmSequence.read(out).intrinsics
    assert matrix[0, 0] == matrix[1, 1] == 100
    assert matrix[0, 2] == pytest.approx(values[2] - 0.5)


def test_damaged_files_are_named_with_the_place(
    main, model, images, out, tmp_path, capsys
):
    text = model.text(tmp_path / 't')
    path = text / 'points3D.txt'
    path.write_text(path.read_text().replace('9 9 9', 'x 9', 1).replace('7', 'z', 1))
    refused(
        main, capsys, 'points3D.txt, line 2: expected POINT3D_ID', text, images, out
    )
    binary = model.binary(tmp_path / 'b')
    path = binary / 'images.bin'
    path.write_bytes(path.read_bytes()[:-9])
    refused(main, capsys, 'more bytes. The file is damaged', binary, images, out)
    path.write_bytes(
        model.binary(tmp_path / 'c').joinpath('images.bin').read_bytes() + b'1'
    )
    refused(main, capsys, 'expected its end', binary, images, out)
    refused(main, capsys, 'holds no model of COLMAP', tmp_path, images, out)


def test_images_and_masks_must_fit_the_camera(
    main, model, images, out, tmp_path, capsys
):
    folder = model.binary(tmp_path / 'm')
    small = tmp_path / 'small.png'
    cv2.imwrite(str(small), np.full((4, 4), 255, np.uint8))
    refused(
        main,
        capsys,
        'grey image of 128 x 96 px',
        folder,
        images,
        out,
        '--mask',
        str(small),
    )
    name = next(iter(model.images.values()))[2]
    cv2.imwrite(str(images / name), np.zeros((48, 64, 3), np.uint8))
    refused(
        main, capsys, 'is 64 x 48 px, expected one of 128 x 96', folder, images, out
    )
    (images / name).unlink()
    refused(main, capsys, 'is no image', folder, images, out)
    assert not list(out.parent.iterdir())


def test_a_folder_with_files_is_left_alone(main, model, images, out, tmp_path, capsys):
    out.mkdir(parents=True)
    (out / 'mine').write_text('')
    refused(main, capsys, 'is not empty', model.text(tmp_path / 'm'), images, out)
