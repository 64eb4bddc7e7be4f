import json

import numpy as np
import pytest
from mmengine.dataset import BaseDataset

from ssltoolbox.datasets.few_shot_images import FewShotImageDataset
from ssltoolbox.datasets.label_list import LabelList
from ssltoolbox.datasets.multi_source import MultiSourceDataset
from ssltoolbox.registry import DATASETS
from ssltoolbox.semi.map_file import write_maps
from ssltoolbox.semi.map_store import MapStore
from ssltoolbox.testing import check_dataset

ANNOTATED = [1_000_000 + n for n in range(1, 21, 2)]
OTHERS = [1_000_000 + n for n in range(2, 21, 2)]


@pytest.fixture
def build(endovis):
    def make(part, labels=1.0, sequences='train1', frames='all', **fields):
        return FewShotImageDataset(config(endovis, sequences, frames), labels, part,
                                   **fields)  # fmt: skip

    return make


def config(endovis, sequences='train1', frames='all'):
    return dict(
        type='ssltoolbox.EndoVisDataset',
        data_root=str(endovis.root),
        sequences=sequences,
        frames=frames,
    )


@pytest.fixture
def store(tmp_path):
    """Make a store: accepted and rejected ids."""

    def make(accepted, rejected):
        folder = tmp_path / 'store'
        for i in accepted:
            write_maps(folder, i, np.zeros((2, 3, 4)))
        ids = [*accepted, *rejected]
        kept = [i in accepted for i in ids]
        MapStore.write(folder, ids, [1.0] * len(ids), kept)
        return str(folder)

    return make


def records(data):
    return [data.get_data_info(i) for i in range(len(data))]


def test_the_pool_is_what_nobody_annotated(build):
    assert build('labelled').ids.tolist() == ANNOTATED
    assert build('unlabelled').ids.tolist() == OTHERS
    assert build('all').ids.tolist() == sorted(ANNOTATED + OTHERS)


def test_annotated_images_that_are_not_labelled_join_the_pool(build):
    assert build('labelled', labels=4).ids.tolist() == ANNOTATED[:4]
    pool = build('unlabelled', labels=4).ids.tolist()
    assert pool == sorted(ANNOTATED[4:] + OTHERS)


def test_without_labels_the_data_set_belongs_to_its_part(build):
    assert build('labelled', labels=None).ids.tolist() == ANNOTATED
    assert len(build('unlabelled', labels=None)) == 20
    assert not any(r['labelled'] for r in records(build('unlabelled', labels=None)))


def test_labels_stay_as_they_are_in_the_labelled_part(build):
    record = records(build('labelled'))[0]
    assert record['labelled'] is True and 'truth' not in record
    assert record['keypoints'].tolist() == [[[100 + j, 1] for j in range(5)]]


def test_hidden_keypoints_travel_as_truth_alone(build):
    record = records(build('unlabelled', labels=4, frames='annotated'))[0]
    assert record['id'] == ANNOTATED[4] and record['labelled'] is False
    assert record['keypoints'].shape == (0, 5, 2)
    assert record['keypoints_visible'].shape == (0, 5)
    assert record['truth'].dtype == np.float32
    assert record['truth'].tolist() == [[[100 + j, 9, 1] for j in range(5)]]


def test_nobody_knows_the_truth_of_an_image_without_annotation(build):
    assert not any('truth' in record for record in records(build('unlabelled')))


@pytest.mark.parametrize('seed', range(5))
def test_a_share_is_nested_and_differs_by_seed(build, seed):
    parts = [set(build('labelled', s, seed=seed).ids.tolist()) for s in (0.1, 0.2, 0.5)]
    assert [len(part) for part in parts] == [1, 2, 5]
    assert parts[0] < parts[1] < parts[2] < set(ANNOTATED)
    pool = set(build('unlabelled', 0.5, seed=seed).ids.tolist())
    assert pool == {*ANNOTATED, *OTHERS} - parts[2]
    other = set(build('labelled', 0.5, seed=seed + 5).ids.tolist())
    assert other != parts[2]


def test_a_share_is_of_every_video(endovis, build):
    endovis.labels('train2', json_marks(range(1, 41)))
    endovis.frames('train2', range(1, 41))
    ids = build('labelled', 0.2, ['train1', 'train2']).ids // 1_000_000
    assert np.bincount(ids).tolist() == [0, 2, 8]


def json_marks(numbers):
    point = {'class': 'HeadPoint', 'x': 5.0, 'y': 6.0, 'id': 'tool1'}
    return {n: [point] for n in numbers}


@pytest.mark.parametrize(
    'labels, message',
    [
        (0, 'labels=0: EndoVisDataset has 10 images with an annotation, so from 1 to'),
        (11, 'labels=11: .* A share has a decimal point'),
        (0.0, 'labels=0.0: a share of the images is above 0'),
        (1.5, 'labels=1.5: a share'),
    ],
)
def test_numbers_and_shares_out_of_range(build, labels, message):
    with pytest.raises(ValueError, match=message):
        build('labelled', labels=labels)


def test_no_unlabelled_images_are_said_to_be_so(build):
    message = (
        'the unlabelled part of EndoVisDataset is empty: 10 of 10 images are labelled '
        'by 1.0, 0 have no annotation'
    )
    with pytest.raises(ValueError, match=message):
        build('unlabelled', frames='annotated')


def test_a_list_that_names_absent_or_unannotated_frames_is_refused(build, tmp_path):
    path = tmp_path / 'list.json'
    LabelList((ANNOTATED[0], OTHERS[0], 1_000_099)).write(path)
    message = r'2 of 3 ids are not in the EndoVisDataset with an annotation \(first: '
    with pytest.raises(ValueError, match=f'{message}{OTHERS[0]}, 1000099'):
        build('labelled', labels=str(path))
    LabelList(tuple(ANNOTATED[2:4])).write(path)
    assert build('labelled', labels=str(path)).ids.tolist() == ANNOTATED[2:4]


@pytest.mark.parametrize('how', ['label file', 'data set'])
def test_labels_of_evaluation_frames_are_refused(build, endovis, how):
    file = str(endovis.root / 'test_labels/test1_labels.json')
    bad = [file if how == 'label file' else config(endovis, 'test1', 'annotated')]
    with pytest.raises(ValueError, match='2 of 12 labelled images .*first: 21000001'):
        build('labelled', sequences=['train1', 'test1'], forbidden=bad)
    assert len(build('unlabelled', None, ['train1', 'test1'], forbidden=bad)) == 24
    assert len(build('labelled', forbidden=bad)) == 10


def test_halves_of_rmit_do_not_leak_into_each_other(rmit):
    half = dict(
        type='ssltoolbox.RmitDataset',
        data_root=str(rmit),
        sequences=['seq1'],
    )
    test = dict(half, subset='test')
    assert len(FewShotImageDataset(half, None, forbidden=[test])) == 4
    whole = dict(half, subset='all')
    with pytest.raises(ValueError, match='3 of 7 labelled images'):
        FewShotImageDataset(whole, 1.0, forbidden=[test])


def test_images_without_an_accepted_label_are_left_out(build, store, said):
    folder = store(accepted=OTHERS[:3], rejected=OTHERS[3:8])
    data = build('unlabelled', pseudo_labels=folder)
    assert data.ids.tolist() == OTHERS[:3]
    for record in records(data):
        assert record['pseudo_maps'] == f'{folder}/maps/{record["id"]}.npz'
        assert not record['labelled'] and len(record['keypoints']) == 0
    assert said[-1] == (
        'EndoVisDataset: 3 of 10 unlabelled images have an accepted pseudo label; 5 '
        'labels were rejected, 2 images have none. Images without an accepted one are '
        'left out'
    )


def test_labelled_images_need_no_pseudo_label(build, store):
    folder = store(accepted=OTHERS[:3], rejected=[])
    data = build('all', pseudo_labels=folder)
    assert data.ids.tolist() == sorted(ANNOTATED + OTHERS[:3])
    marked = {r['id'] for r in records(data) if 'pseudo_maps' in r}
    assert marked == set(OTHERS[:3])
    assert len(build('labelled', pseudo_labels=folder)) == 10


def test_all_rejected_names_the_calibration(build, store):
    message = (
        'all pseudo labels in .*store were rejected: 0 of 10 unlabelled images have an '
        'accepted pseudo label; 8 labels were rejected, 2 .*tools/calibrate_filter.py'
    )
    with pytest.raises(ValueError, match=message):
        build('unlabelled', pseudo_labels=store(accepted=[], rejected=OTHERS[:8]))


def test_a_store_of_other_images_is_refused(build, store):
    with pytest.raises(ValueError, match='store is of other images: 0 of 10'):
        build('unlabelled', pseudo_labels=store(accepted=[5], rejected=[6]))


def test_records_without_keypoints_are_hidden_too(tmp_path):
    """Records of segmentation have a label map instead."""
    rows = [dict(id=i, img_path=f'{i}.png', seg_map_path=f'm{i}.png') for i in range(4)]
    path = tmp_path / 'data.json'
    path.write_text(json.dumps(dict(metainfo={}, data_list=rows)))
    maps = dict(type=BaseDataset, ann_file=str(path))
    shown = FewShotImageDataset(maps, 1).get_data_info(0)
    hidden = FewShotImageDataset(maps, 1, 'unlabelled').get_data_info(0)
    assert shown['seg_map_path'] == 'm0.png' and shown['labelled']
    assert hidden['id'] == 1 and 'seg_map_path' not in hidden


def test_both_parts_are_sources_of_one_training(endovis):
    parts = {
        part: dict(
            type='ssltoolbox.FewShotImageDataset',
            dataset=config(endovis),
            labels=0.3,
            part=part,
            pipeline=[dict(type='ssltoolbox.LoadImage')],
        )
        for part in ('labelled', 'unlabelled')
    }
    data = DATASETS.build(dict(type='ssltoolbox.MultiSourceDataset', sources=parts))
    assert isinstance(data, MultiSourceDataset) and data.source_sizes == [3, 17]
    assert data[0]['labelled'] and not data[3]['labelled']
    assert data[19]['img'].shape == (58, 72, 3)
    assert len(set(data.ids.tolist())) == 20


def test_it_has_the_properties_of_a_data_set(build, endovis):
    check_dataset(build('all', labels=4), [config(endovis, 'test1')])
