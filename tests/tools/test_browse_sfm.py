import json
import shutil

import cv2
import numpy as np
import pytest


@pytest.fixture
def browse(tool):
    return tool('browse_sfm').main


OPTIONS = ['--downsampling', '2', '--frames', '2']


def test_pictures_and_numbers_of_every_sequence(browse, tubes, tmp_path, capsys):
    browse([str(tubes), '--out', str(tmp_path), *OPTIONS])
    printed = capsys.readouterr().out
    assert printed.count('sheet.jpg: 6 views') == 2
    for folder in tmp_path.glob('bag_*/_start_*'):
        names = sorted(path.name for path in folder.iterdir())
        assert len(names) == 4 and names[-2:] == ['sheet.jpg', 'statistics.json']
        numbers = json.loads((folder / 'statistics.json').read_text())
        assert numbers['in_front'] == 1 and numbers['in_mask'] > 0.98
        assert numbers['error_px']['p95'] < 1e-3
        # small frames are enlarged
        assert cv2.imread(str(folder / names[0])).shape == (480, 640, 3)
    assert 'do not fit' not in printed


def test_inverted_poses_are_seen(browse, tubes, tmp_path, capsys):
    source = next(tubes.glob('bag_1/_start_*'))
    folder = shutil.copytree(source, tmp_path / 'bag_1' / 'x')
    text = (folder / 'motion.yaml').read_text()
    lines = text.splitlines()
    for i, line in enumerate(lines):
        if line.strip() == 'orientation:':
            for j in (1, 2, 3):
                key, value = lines[i + j].split(': ')
                lines[i + j] = f'{key}: {-float(value)!r}'
    (folder / 'motion.yaml').write_text('\n'.join(lines))
    browse(
        [str(folder), '--out', str(tmp_path / 'out'), '--inlier-share', '1', *OPTIONS]
    )
    assert 'do not fit' in capsys.readouterr().out


def test_points_are_drawn_where_they_lie():
    from ssltoolbox.visualization.sfm import draw_points

    image = np.zeros((480, 640, 3), np.uint8)
    pixels = np.array([[100.0, 50], [300, 200], [np.nan, 0], [400, 400]])
    depths = np.array([1.0, 2, 1, -1])
    kept = np.array([True, False, True, True])
    drawn = draw_points(image, pixels, depths, kept, (1, 2))
    assert not image.any()
    # near is blue, in BGR
    blue, _, red = drawn[50, 100].tolist()
    assert blue > red + 60
    assert drawn[200, 300].tolist() == [255, 0, 255]
    assert not drawn[390:410, 390:410].any()
    found = np.array([[100.0, 80], [np.nan] * 2, [np.nan] * 2, [np.nan] * 2])
    assert draw_points(image, pixels, depths, kept, (1, 2), found)[70, 100].min() > 200
