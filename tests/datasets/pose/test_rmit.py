import numpy as np
import pytest

from ssltoolbox.datasets.pose.rmit import RmitDataset
from ssltoolbox.datasets.pose.rmit_text import first_half, read_rmit
from ssltoolbox.testing import check_dataset


def build(rmit, **fields):
    fields = dict(sequences=['seq1', 'seq2']) | fields
    return RmitDataset(data_root=str(rmit), **fields)


def records(data):
    return [data.get_data_info(i) for i in range(len(data))]


def test_the_first_number_of_a_point_is_its_row(rmit):
    record = records(build(rmit))[0]
    assert record['keypoints'].tolist() == [[[p, 10] for p in range(1, 5)]]
    assert record['keypoints_visible'].tolist() == [[1] * 4]
    assert record['keypoints'].dtype == np.float32
    assert record['dataset_name'] == 'rmit' and record['skeleton_links'] == []


def test_or_its_column(rmit):
    record = records(build(rmit, axis_order='xy'))[0]
    assert record['keypoints'].tolist() == [[[10, p] for p in range(1, 5)]]


def test_half_of_the_visible_frames_and_one_are_for_training(rmit):
    train = [r['frame'] for r in records(build(rmit))]
    test = [r['frame'] for r in records(build(rmit, subset='test'))]
    assert train == [
        *(f'seq1/seq1_000{n}' for n in (1, 2, 3, 4)),
        *(f'seq2/seq2_000{n}' for n in (1, 2)),
    ]
    assert test == [
        *(f'seq1/seq1_000{n}' for n in (5, 6, 7)),
        'seq2/seq2_0003',
    ]
    every = [r['frame'] for r in records(build(rmit, subset='all'))]
    assert sorted(train + test) == sorted(every)


@pytest.mark.parametrize('count, train', [(1, 1), (2, 2), (3, 2), (7, 4), (8, 5)])
def test_size_of_the_training_part(count, train):
    assert first_half(count) == train


def test_ids_are_the_lines_of_the_file(rmit):
    ids = [r['id'] for r in records(build(rmit, subset='all'))]
    # line 2 says that nothing is visible
    assert ids[:3] == [1_000_001, 1_000_003, 1_000_004]
    assert ids[7:] == [2_000_001, 2_000_003, 2_000_004]


def test_images_may_lie_in_folders_of_their_sequences(rmit):
    # sequences may use the same names
    for sequence in ('seq1', 'seq2'):
        (rmit / 'images' / sequence).mkdir()
        for path in (rmit / 'images').glob(f'{sequence}_*.png'):
            name = path.name.replace(f'{sequence}_', 'frame')
            path.rename(rmit / 'images' / sequence / name)
        text = (rmit / f'{sequence}.txt').read_text()
        (rmit / f'{sequence}.txt').write_text(text.replace(f'{sequence}_', 'frame'))
    found = records(build(rmit, img_dir='images', subset='all'))
    assert len(found) == 10
    for record in found:
        assert record['sequence'] in record['img_path']
        assert record['frame'] == '/'.join(record['img_path'].split('/')[-2:])[:-4]


def test_names_with_a_suffix_and_further_fields(rmit):
    path = rmit / 'seq3.txt'
    path.write_text('seq1_0001.png 1 2 3 4 5 6 7 8 9 x\n\n')
    (frame,) = read_rmit(path)
    assert frame.name == 'seq1_0001'
    assert frame.points.tolist() == [[2, 1], [4, 3], [6, 5], [8, 7]]


def test_points_outside_are_counted_and_left_out(rmit, said):
    data = build(rmit, image_size=(3, 480))
    assert records(data)[0]['keypoints_visible'].tolist() == [[1, 1, 0, 0]]
    assert records(data)[0]['keypoints'][0, 3].tolist() == [0, 0]
    assert said[0] == (
        'seq1: 4 visible frames in the train part; 0 of them without an image and 8 '
        "points outside of 3 x 480 px left out, is axis_order='yx' right?"
    )


def test_a_frame_whose_points_are_all_outside_shows_no_instrument(rmit, said):
    data = build(rmit, sequences=['seq1'], image_size=(640, 15))
    shapes = [record['keypoints'].shape for record in records(data)]
    assert shapes == [(1, 4, 2), (0, 4, 2), (0, 4, 2), (0, 4, 2)]
    assert '12 points outside' in said[0]


def test_frames_without_an_image_are_counted_and_left_out(rmit, said):
    (rmit / 'images/seq1_0002.png').unlink()
    assert len(build(rmit, sequences='seq1')) == 3
    assert 'seq1: 4 visible frames in the train part; 1 of them without' in said[0]


def test_images_of_other_names_are_refused(rmit):
    for path in (rmit / 'images').iterdir():
        path.rename(path.with_name(f'x{path.name}'))
    with pytest.raises(ValueError, match=r'none of the 4 frames .*Images have the na'):
        build(rmit)


@pytest.mark.parametrize(
    'line, message',
    [
        ('seq1_0001', 'line 2: got'),
        ('seq1_0001 1 2 3', 'line 2: got .*four points'),
        ('seq1_0001 1 2 3 4 5 6 7 x', 'line 2: got'),
        ('seq1_0001 1 2 3 4 5 6 7 nan', 'line 2: got'),
        ('a 1 2 3 4 5 6 7 8', '1 of 1 frames have several lines .first: a'),
    ],
)
def test_wrong_lines_are_named(tmp_path, line, message):
    path = tmp_path / 'seq1.txt'
    path.write_text(f'a 1 2 3 4 5 6 7 8\n{line}\n')
    with pytest.raises(ValueError, match=message):
        read_rmit(path)


def test_nothing_visible(tmp_path):
    (tmp_path / 'seq1.txt').write_text('a -1\nb -1\n')
    with pytest.raises(ValueError, match='none of its 2 lines has a visible'):
        read_rmit(tmp_path / 'seq1.txt')


@pytest.mark.parametrize(
    'fields, message',
    [
        (dict(subset='val'), "subset is one of .* got 'val'"),
        (dict(axis_order='yz'), "axis_order is one of .* got 'yz'"),
        (dict(sequences=['a']), 'end in different numbers'),
        (dict(sequences=['a1', 'b1']), 'end in different numbers'),
        (dict(sequences=['seq9']), 'seq9.txt does not exist'),
    ],
)
def test_wrong_fields_are_named(rmit, fields, message):
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        build(rmit, **fields)


def test_an_empty_test_part_is_refused(rmit):
    (rmit / 'seq1.txt').write_text('seq1_0001 1 2 3 4 5 6 7 8\n')
    with pytest.raises(ValueError, match='the test part of seq1 is empty'):
        build(rmit, sequences=['seq1'], subset='test')


def test_it_has_the_properties_of_a_data_set(rmit):
    check_dataset(build(rmit), [build(rmit, subset='test')])
