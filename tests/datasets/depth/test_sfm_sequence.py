import cv2
import numpy as np
import pytest

from ssltoolbox.datasets.depth.prepare import SfmSettings, prepare
from ssltoolbox.datasets.depth.sfm_sequence import (
    SfmSequence,
    read_frame,
    read_mask,
)

SETTINGS = SfmSettings(downsampling=2, multiple=32)
FILES = (
    'visible_view_indexes',
    'motion.yaml',
    'structure.ply',
    'view_indexes_per_point',
    'camera_intrinsics_per_view',
    'undistorted_mask.bmp',
    '00001003.jpg',
)


def refused(folder, error, match):
    with pytest.raises(error, match=match):
        SfmSequence.read(folder)


def test_all_parts_of_a_sequence_fit(original):
    sequence = SfmSequence.read(original)
    views, points = len(sequence.frames), len(sequence.points)
    assert sequence.frames == [*range(1000, 1006)]
    assert sequence.poses.shape == (views, 4, 4)
    assert sequence.seen.shape == (points, views)
    assert sequence.seen.sum(1).min() >= 3
    assert sequence.mask.shape == (96, 128)


def test_other_files_do_not_matter(folder):
    before = SfmSequence.read(folder)
    (folder / 'notes.txt').write_text('-')
    (folder / '00009999.jpg').write_bytes(b'')
    assert SfmSequence.read(folder).frames == before.frames


@pytest.mark.parametrize('name', FILES)
def test_an_absent_file_is_named(folder, name):
    (folder / name).unlink()
    refused(folder, FileNotFoundError, name)


def test_a_suffix_names_other_files(folder):
    for name in ('visible_view_indexes', 'view_indexes_per_point'):
        (folder / name).rename(folder / f'{name}_filtered')
    (folder / 'structure.ply').rename(folder / 'structure_filtered.ply')
    assert len(SfmSequence.read(folder, '_filtered').frames) == 6
    refused(folder, FileNotFoundError, 'visible_view_indexes')


def test_poses_and_views_must_be_as_many(folder, edit):
    edit('visible_view_indexes', '1005\n', '')
    edit('view_indexes_per_point', '-1\n', '-1\n')
    text = (folder / 'view_indexes_per_point').read_text().replace('1005\n', '')
    (folder / 'view_indexes_per_point').write_text(text)
    refused(folder, ValueError, 'motion.yaml has 6 entries, visible_view_indexes 5')


def test_tracks_and_points_must_be_as_many(folder):
    with open(folder / 'view_indexes_per_point', 'a') as stream:
        stream.write('-1\n1000\n')
    refused(folder, ValueError, 'view_indexes_per_point has .* structure.ply')


def test_tracks_must_name_registered_views(edit, folder):
    edit('view_indexes_per_point', '1002', '1009')
    refused(folder, ValueError, 'frame 1009, which is none of the 6')


def test_poses_must_be_finite(edit, folder):
    text = (folder / 'motion.yaml').read_text()
    first = next(line for line in text.splitlines() if ' x: ' in line)
    edit('motion.yaml', first, '      x: .inf')
    refused(folder, ValueError, r'poses\[0\] of 6 .*finite')


def test_one_view_is_no_sequence(folder):
    (folder / 'visible_view_indexes').write_text('1000\n')
    text = (folder / 'motion.yaml').read_text()
    (folder / 'motion.yaml').write_text(text[: text.index('  poses[1]')])
    count = (folder / 'view_indexes_per_point').read_text().split().count('-1')
    (folder / 'view_indexes_per_point').write_text('-1\n1000\n' * count)
    refused(folder, ValueError, 'one registered view, and depth is learnt from pairs')


@pytest.mark.parametrize(
    ('mask', 'match'),
    [(np.zeros((96, 128), np.uint8), 'is nowhere 255'), (None, 'is no image')],
)
def test_a_mask_must_show_something(folder, mask, match):
    path = folder / 'undistorted_mask.bmp'
    path.write_bytes(b'' if mask is None else cv2.imencode('.bmp', mask)[1].tobytes())
    refused(folder, ValueError, match)


def test_a_mask_may_show_everything(folder):
    path = folder / 'undistorted_mask.bmp'
    cv2.imwrite(str(path), np.full((96, 128), 255, np.uint8))
    ready = prepare(SfmSequence.read(folder), SETTINGS)
    # 63 x 47 px grow to multiples, of which the frame fills 64 x 48
    assert (ready.window.width, ready.window.height) == (64, 64)
    assert (ready.mask == 255).sum() > 60 * 44
    assert ready.mask[48:].max() == 0


def test_frames_of_another_size_are_named(folder):
    cv2.imwrite(str(folder / '00001002.jpg'), np.zeros((48, 64, 3), np.uint8))
    with pytest.raises(ValueError, match='00001002.jpg is 64 x 48 px, .* 128 x 96 px'):
        prepare(SfmSequence.read(folder), SETTINGS)


def test_frames_that_are_no_images_are_named(folder):
    (folder / '00001002.jpg').write_bytes(b'no')
    with pytest.raises(ValueError, match='00001002.jpg is no image'):
        prepare(SfmSequence.read(folder), SETTINGS)


def test_a_frame_that_was_cut_off_is_no_frame(folder):
    path, mask = folder / '00001003.jpg', read_mask(folder)
    content = path.read_bytes()
    assert read_frame(path, mask).shape == (96, 128, 3)
    for share in (0.5, 0.95):
        path.write_bytes(content[: int(share * len(content))])
        with pytest.raises(
            ValueError, match=r'00001003\.jpg is no image, or a damaged'
        ):
            read_frame(path, mask)
