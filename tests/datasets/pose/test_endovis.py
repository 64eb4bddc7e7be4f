import numpy as np
import pytest

from ssltoolbox.datasets.pose.endovis import SEQUENCES, EndoVisDataset
from ssltoolbox.registry import DATASETS
from ssltoolbox.testing import check_dataset

from .conftest import mark


def build(endovis, sequences='train1', **fields):
    return EndoVisDataset(data_root=str(endovis.root), sequences=sequences, **fields)


def records(data):
    return [data.get_data_info(i) for i in range(len(data))]


def test_a_record_has_what_pipelines_of_whole_images_read(endovis):
    data = build(endovis)
    record = records(data)[1]
    assert record['id'] == record['img_id'] == 1_000_003
    assert record['frame'] == 'img_000003_raw_train1'
    assert record['sequence'] == 'train1' and record['annotated'] is True
    path = endovis.root / 'frames/train1/img_000003_raw_train1.jpg'
    assert record['img_path'] == str(path)
    assert record['keypoints'].tolist() == [[[100 + j, 3] for j in range(5)]]
    assert record['keypoints_visible'].tolist() == [[1] * 5]
    for key in ('keypoints', 'keypoints_visible'):
        assert record[key].dtype == np.float32
    assert record['dataset_name'] == 'endovis'
    assert record['flip_indices'] == [1, 0, 2, 3, 4]
    assert record['skeleton_links'] == [(0, 2), (1, 2), (2, 3), (3, 4)]


def test_annotated_and_unannotated_frames_are_the_whole_video(endovis):
    numbers = {
        choice: [r['id'] % 100 for r in records(build(endovis, frames=choice))]
        for choice in ('annotated', 'unannotated', 'all')
    }
    assert numbers['annotated'] == list(range(1, 21, 2))
    assert numbers['unannotated'] == list(range(2, 21, 2))
    assert numbers['all'] == list(range(1, 21))


def test_an_unannotated_frame_has_no_instruments(endovis):
    record = records(build(endovis, frames='unannotated'))[0]
    assert record['annotated'] is False
    assert record['keypoints'].shape == (0, 5, 2)
    assert record['keypoints_visible'].shape == (0, 5)


def test_videos_by_name():
    assert SEQUENCES['seen'] + SEQUENCES['unseen'] == SEQUENCES['test']
    assert SEQUENCES['unseen'] == ('test5', 'test6')
    assert len(SEQUENCES['train']) == 4


def test_several_sequences_of_several_splits(endovis):
    ids = [r['id'] for r in records(build(endovis, ['test1', 'train1', 'test1']))]
    assert ids[:2] == [21_000_001, 21_000_003] and len(ids) == 12


def test_the_folders_of_the_published_program_are_read(endovis):
    endovis.labels('test2', {1: [mark(0, 5, 5)], 2: []})
    endovis.frames('test2', [1], folder='labelled_test')
    endovis.frames('test2', [2], folder='unlabelled_test', suffix='.png')
    found = records(build(endovis, 'test2', frames='all'))
    assert [r['img_path'].split('/')[-2:] for r in found] == [
        ['labelled_test', 'img_0001_test2.jpg'],
        ['unlabelled_test', 'img_0002_test2.png'],
    ]


def test_frames_without_an_image_are_counted_and_left_out(endovis, said):
    for n in (3, 4, 5):
        (endovis.root / f'frames/train1/img_00000{n}_raw_train1.jpg').unlink()
    data = build(endovis, frames='all')
    assert len(data) == 17
    assert 'train1: 3 of 20 frames, 2 of them annotated, have no image' in said[1]
    assert said[0].startswith('train1_labels.json: 10 of 20 frames annotated')
    assert len(said) == 2


def test_frames_of_other_names_are_refused(endovis):
    for path in (endovis.root / 'frames/train1').iterdir():
        path.rename(path.with_name(f'x{path.name}'))
    message = (
        r'none of the 10 frames \(first: img_000001_raw_train1\) .* whose 20 images '
        r'are named otherwise \(first: ximg_000001_raw_train1\).*endovis_frames.py'
    )
    with pytest.raises(ValueError, match=message):
        build(endovis)


def test_an_absent_folder_of_frames_names_the_tool(endovis):
    endovis.labels('train2', {1: [mark(0, 5, 5)]})
    with pytest.raises(FileNotFoundError, match='frames/train2.*endovis_frames.py'):
        build(endovis, 'train2')


def test_a_file_without_annotations_is_said_to_be_so(endovis):
    endovis.labels('train2', {1: [], 2: [], 3: [mark('EyePoint', 1, 1)]})
    endovis.frames('train2', [1, 2, 3])
    message = (
        'no annotated frame among the 3 of train2_labels.json: all of them are '
        'unannotated. The classes EyePoint are no joints'
    )
    with pytest.raises(ValueError, match=message):
        build(endovis, 'train2')
    assert len(build(endovis, 'train2', frames='unannotated')) == 3


def test_no_unlabelled_frames(endovis):
    endovis.labels('train2', {1: [mark(0, 5, 5)]})
    endovis.frames('train2', [1])
    with pytest.raises(ValueError, match='no unannotated frame among the 1 of train2'):
        build(endovis, 'train2', frames='unannotated')


@pytest.mark.parametrize(
    'fields, message',
    [
        (dict(frames='labelled'), "frames is one of .* got 'labelled'"),
        (dict(sequences=[]), 'sequences is empty'),
        (dict(data_mode='topdown'), "data_mode='topdown' is not possible"),
        (dict(sequences='pool1'), 'pool1_labels.json does not exist'),
        (dict(sequences='tset'), "'tset' is none of train, test, seen, unseen.*train1"),
    ],
)
def test_wrong_fields_are_named(endovis, fields, message):
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        build(endovis, **fields)


def test_an_absent_root_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='data root .*none does not exist'):
        EndoVisDataset(data_root=str(tmp_path / 'none'))


def test_a_pipeline_loads_the_image(endovis):
    config = dict(
        type='ssltoolbox.EndoVisDataset',
        data_root=str(endovis.root),
        sequences=['train1'],
        pipeline=[dict(type='ssltoolbox.LoadImage')],
        test_mode=True,
    )
    assert DATASETS.build(config)[0]['img'].shape == (58, 72, 3)


@pytest.mark.real_data
def test_the_pool_of_the_published_training(real_data, tmp_path):
    # the images are not published: empty files have their names
    root = real_data / 'endovis_annotations'
    names = SEQUENCES['train']
    for name in names:
        (tmp_path / f'{name}_labels.json').symlink_to(root / f'{name}_labels.json')
        folder = tmp_path / 'frames' / name
        folder.mkdir(parents=True)
        for n in range(1, 1130):
            (folder / f'img_{n:06d}_raw_{name}.jpg').touch()
    sizes = {
        choice: len(EndoVisDataset(data_root=str(tmp_path), frames=choice))
        for choice in ('annotated', 'unannotated')
    }
    assert sizes == {'annotated': 940, 'unannotated': 3539}


def test_it_has_the_properties_of_a_data_set(endovis):
    check_dataset(build(endovis, frames='all'), [build(endovis, 'test1')])
