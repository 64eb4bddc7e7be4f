import shutil

import numpy as np
import pytest

from ssltoolbox.datasets.depth.sfm_dataset import (
    SfmDataset,
    find_sequences,
    patient_of,
)
from ssltoolbox.testing import check_dataset

SETTINGS = dict(downsampling=2, multiple=32)


def build(root, **options):
    options = dict(settings=SETTINGS, adjacent=(1, 3), cache=None) | options
    return SfmDataset(data_root=str(root), **options)


@pytest.fixture
def root(tubes, tmp_path):
    return shutil.copytree(tubes, tmp_path / 'set')


def test_every_registered_frame_is_a_record(tubes):
    data = build(tubes)
    assert len(data) == 12
    assert [name.split('/')[0] for name in data.sequence_names] == ['bag_1', 'bag_2']
    assert len(set(data.ids.tolist())) == 12
    record = data.get_data_info(7)
    assert record['patient'] == 2 and record['view'] == 1
    assert 1 <= abs(record['other'] - record['view']) <= 3
    assert record['other_path'].endswith(f'{2000 + record["other"]:08d}.jpg')
    assert record['name'].startswith('bag_2/_start_')


def test_patients_are_whole_numbers(root):
    shutil.copytree(root / 'bag_1', root / 'bag_11')
    assert len(build(root, patients=[1])) == 6
    assert {patient_of(p) for p in find_sequences(root, {1, 11})} == {1, 11}
    with pytest.raises(FileNotFoundError, match=r'patients \[3\].*found \[1, 2, 11\]'):
        build(root, patients=[3])


def test_a_folder_without_sequences_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='no folder with a motion.yaml'):
        build(tmp_path)


def test_views_are_a_part_of_each_sequence(tubes):
    data = build(tubes, views=(2, 5))
    assert [r['view'] for r in data.data_list] == [2, 3, 4] * 2
    assert {data.get_data_info(0)['other'] for _ in range(20)} <= {3, 4}
    with pytest.raises(ValueError, match='hold 1 of 6 registered frames'):
        build(tubes, views=(5, 9))


def test_a_patient_in_two_parts_is_refused(tubes):
    other = dict(
        type='ssltoolbox.SfmDataset',
        data_root=str(tubes),
        settings=SETTINGS,
        cache=None,
    )
    with pytest.raises(ValueError, match=r'patients \[2\] are in two parts'):
        build(tubes, patients=[1, 2], forbidden=[dict(other, patients=[2])])
    with pytest.raises(ValueError, match='4 frames: views .* overlap'):
        build(tubes, views=(0, 4), forbidden=[dict(other, views=(2, 6))])
    build(tubes, patients=[1], forbidden=[dict(other, patients=[2])])
    # told, and accepted
    first = dict(other, views=(0, 3))
    assert len(build(tubes, views=(3, 6), forbidden=[first])) == 6


@pytest.mark.parametrize('adjacent', [(0, 3), (3, 2)])
def test_wrong_distances_are_refused(tubes, adjacent):
    with pytest.raises(ValueError, match='adjacent needs two distances'):
        build(tubes, adjacent=adjacent)


def test_a_size_that_no_network_takes_is_refused(tubes):
    said = r'input_size=\(100, 60\): .* multiples of 32 .*, such as \(96, 64\)'
    with pytest.raises(ValueError, match=said):
        build(tubes, size=(100, 60))
    with pytest.raises(ValueError, match=r'such as \(32, 32\)'):
        build(tubes, size=(3, -2))
    assert build(tubes, size=(96, 64)).get_data_info(0)['prepared'].window.width == 96


def test_frames_without_points_give_way_to_others_and_not_for_ever(tubes):
    data = build(tubes, patients=[1])
    drawn = []

    def pipeline(record):
        drawn.append(record['view'])
        return record if len(drawn) == 3 else None

    data.pipeline = pipeline
    assert data[0] is not None and len(drawn) == 3
    data.pipeline = lambda record: None
    with pytest.raises(ValueError, match='no point .* in 6 frames drawn from'):
        data[0]


def test_the_cache_lies_in_the_data_and_is_read_again(root):
    first, again = build(root, cache='prepared'), build(root, cache='prepared')
    assert len(list((root / 'prepared').iterdir())) == 2
    for ours, theirs in zip(first.sequences, again.sequences, strict=True):
        np.testing.assert_array_equal(ours.points, theirs.points)


def test_it_has_the_properties_of_a_data_set(tubes):
    load = [dict(type='ssltoolbox.LoadSfmFrame')]
    check_dataset(
        build(tubes, patients=[1], pipeline=load), [build(tubes, patients=[2])]
    )
