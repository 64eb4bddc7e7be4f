import json

import numpy as np
import pytest

from ssltoolbox.datasets.label_list import LabelList, load_label_list
from ssltoolbox.datasets.pose.few_shot import FewShotPoseDataset
from ssltoolbox.semi.store import LabelStore
from ssltoolbox.testing import check_dataset


@pytest.fixture
def build(toy):
    def make(part='unlabelled', labels='5shot_seed0.json', root=toy, **fields):
        train = dict(
            type='ssltoolbox.APTenKDataset', data_root=str(root), subset='train'
        )
        if isinstance(labels, str) and '/' not in labels:
            labels = str(toy / 'label_lists' / labels)
        return FewShotPoseDataset(train, labels, part, **fields)

    return make


@pytest.fixture
def store(build, tmp_path):
    """Labels at (id, keypoint number), with scores 0 to 1 that differ everywhere."""
    ids = build('all').ids
    grid = np.stack(np.meshgrid(np.arange(17), ids), -1)[..., ::-1]
    scores = np.linspace(0, 1, len(ids) * 17).reshape(len(ids), 17)
    LabelStore.write(tmp_path / 'store', ids, grid, scores)
    return str(tmp_path / 'store')


def records(dataset):
    return [dataset.get_data_info(i) for i in range(len(dataset))]


def test_the_parts_are_disjoint_and_together_everything(build):
    parts = {
        p: {r['id'] for r in records(build(p))} for p in ('labelled', 'unlabelled')
    }
    everything = {r['id'] for r in records(build('all'))}
    assert not parts['labelled'] & parts['unlabelled']
    assert parts['labelled'] | parts['unlabelled'] == everything


def test_the_labelled_part_is_that_of_the_list_with_its_truth(build, toy):
    chosen = set(load_label_list(toy / 'label_lists' / '5shot_seed0.json').ids)
    annotations = json.loads(
        (toy / 'annotations' / 'ap10k-train-split1.json').read_text()
    )['annotations']
    truth = {a['id']: np.array(a['keypoints']).reshape(17, 3) for a in annotations}
    seen = records(build('labelled'))
    assert {r['img_id'] for r in seen} == chosen
    for record in seen:
        assert record['labelled'] is True and 'truth' not in record
        assert np.allclose(record['keypoints'][0], truth[record['id']][:, :2])
        assert (
            record['keypoints_visible'][0] == truth[record['id']][:, 2].clip(max=1)
        ).all()


def test_truth_never_reaches_the_keypoints_of_an_unlabelled_instance(build):
    everything = {r['id']: r for r in records(build('all', labels=None))}
    for record in records(build('unlabelled')):
        known = everything[record['id']]
        assert known['keypoints_visible'].any()
        assert not record['keypoints'].any() and not record['keypoints_visible'].any()
        assert record['labelled'] is False and 'raw_ann_info' not in record
        assert np.array_equal(record['truth'][:, :2], known['keypoints'][0])
        others = {k: v for k, v in record.items() if k != 'truth'}
        joints = known['keypoints'][0][known['keypoints_visible'][0] > 0]
        assert not any(
            np.isin(joints[:, 0], value).all()
            for value in others.values()
            if isinstance(value, np.ndarray)
        )


def test_pseudo_labels_are_those_of_the_same_annotation(build, store):
    for record in records(build('unlabelled', pseudo_labels=store)):
        assert (record['keypoints'][0, :, 0] == record['id']).all()
        assert record['keypoints'][0, :, 1].tolist() == list(range(17))
        assert (
            record['keypoints'].dtype == record['keypoints_visible'].dtype == np.float32
        )


def test_the_worst_share_of_the_whole_store_is_hidden(build, store):
    everything = LabelStore.read(store)
    shown = build('unlabelled', pseudo_labels=store, drop_share=0.4)
    bound = np.sort(everything.scores.ravel())[
        int(0.4 * (everything.scores.size + 1)) - 1
    ]
    for record in records(shown):
        scores = everything.scores[everything.lookup([record['id']])[0]]
        assert (record['keypoints_visible'][0] == (scores > bound)).all()


def test_a_labelled_instance_keeps_its_truth_beside_a_store(build, store):
    with_store = records(build('labelled', pseudo_labels=store))
    for first, second in zip(with_store, records(build('labelled')), strict=True):
        assert np.array_equal(first['keypoints'], second['keypoints'])


def test_access_never_changes_what_is_stored(build, store):
    pipeline = [
        dict(type='ssltoolbox.LoadImage'),
        dict(type='mmpose.GetBBoxCenterScale'),
        dict(type='ssltoolbox.RandomView', input_size=(32, 32), flip_prob=1.0),
    ]
    dataset = build('all', pseudo_labels=store, pipeline=pipeline)
    kept = {k: getattr(dataset.store, k).copy() for k in ('keypoints', 'scores')}
    first = records(dataset)
    for _ in range(20):
        record = dataset[0], dataset[len(dataset) - 1]
        for each in record:
            each['keypoints'] += 1
            each['keypoints_visible'][:] = 7
    for key, value in kept.items():
        assert np.array_equal(getattr(dataset.store, key), value)
    for before, after in zip(first, records(dataset), strict=True):
        assert np.array_equal(before['keypoints'], after['keypoints'])
        assert np.array_equal(before['keypoints_visible'], after['keypoints_visible'])


def test_a_list_that_names_evaluation_images_is_refused(build, toy, tmp_path):
    evaluation = toy / 'annotations' / 'ap10k-val-split1.json'
    train = records(build('all'))[0]['img_id']
    leak = json.loads(evaluation.read_text())['images'][0]['id']
    LabelList((train, leak)).write(tmp_path / 'leak.json')
    with pytest.raises(ValueError, match=rf'1 of 2 ids belong to the val.*{leak}'):
        build(labels=str(tmp_path / 'leak.json'), forbidden=[str(evaluation)])


def test_an_absent_evaluation_file_is_said_to_be_unchecked(build, monkeypatch):
    said = []
    monkeypatch.setattr(
        'ssltoolbox.datasets.part.print_log', lambda text, *a, **k: said.append(text)
    )
    build(forbidden=['annotations/ap10k-vall-split1.json'])
    assert any('ap10k-vall-split1.json' in text and 'leak' in text for text in said)


def test_unknown_ids_are_refused(build, tmp_path):
    LabelList((1, 424242)).write(tmp_path / 'other.json')
    with pytest.raises(ValueError, match='1 of 2 ids are not in the .*424242'):
        build(labels=str(tmp_path / 'other.json'))


def test_a_list_may_name_annotations(build, tmp_path):
    ids = build('all').ids
    chosen = tuple(int(i) for i in ids[[0, 3]])
    LabelList(chosen, key='annotation_id').write(tmp_path / 'list.json')
    found = records(build('labelled', labels=str(tmp_path / 'list.json')))
    assert [r['id'] for r in found] == sorted(chosen)


def test_an_absent_store_names_the_stage_that_makes_it(build, tmp_path):
    with pytest.raises(FileNotFoundError, match='Run the\\s+pseudo_label stage first'):
        build(pseudo_labels=str(tmp_path / 'none'))


def test_a_store_of_other_data_is_refused(build, tmp_path):
    LabelStore.write(tmp_path, [1], np.zeros((1, 17, 2)), np.zeros((1, 17)))
    with pytest.raises(ValueError, match='made from another data set'):
        build(pseudo_labels=str(tmp_path))


def test_an_empty_part_is_refused(build, tmp_path):
    images = dict.fromkeys(r['img_id'] for r in records(build('all')))
    LabelList(tuple(images)).write(tmp_path / 'all.json')
    with pytest.raises(ValueError, match='unlabelled part .* is empty'):
        build('unlabelled', labels=str(tmp_path / 'all.json'))


def test_an_unknown_part_is_refused(build):
    with pytest.raises(ValueError, match="'all', got 'validation'"):
        build('validation')


def test_ids_are_those_of_the_part(build):
    for part in ('labelled', 'unlabelled', 'all'):
        dataset = build(part)
        assert dataset.ids.tolist() == [r['id'] for r in records(dataset)]


def test_a_number_labels_the_first_records_of_the_file(build):
    everything = build('all').ids.tolist()
    assert build('labelled', labels=5).ids.tolist() == everything[:5]
    assert build('unlabelled', labels=5).ids.tolist() == everything[5:]
    assert all(r['labelled'] for r in records(build('labelled', labels=5)))


@pytest.mark.parametrize('number', [0, 1000])
def test_a_number_that_does_not_fit_the_data_is_refused(build, number):
    count = len(build('all'))
    with pytest.raises(ValueError, match=f'labels={number}: .* has {count} instances'):
        build('labelled', labels=number)


@pytest.mark.parametrize('labels', [3, None, 'annotations'])
def test_labelled_instances_of_evaluation_images_are_refused(
    build, toy, tmp_path, labels
):
    train = json.loads((toy / 'annotations' / 'ap10k-train-split1.json').read_text())
    first = records(build('all'))[0]
    shared = [i for i in train['images'] if i['id'] == first['img_id']]
    val = tmp_path / 'val.json'
    val.write_text(json.dumps(dict(train, images=shared, annotations=[])))
    if labels == 'annotations':
        labels = str(tmp_path / 'list.json')
        LabelList((first['id'],), key='annotation_id').write(labels)
    with pytest.raises(
        ValueError, match=f'belong to the val.*first: {first["img_id"]}'
    ):
        build('labelled', labels=labels, forbidden=[str(val)])


def test_evaluation_images_may_be_used_without_labels(build, toy):
    train = str(toy / 'annotations' / 'ap10k-train-split1.json')
    assert len(build('unlabelled', labels=None, forbidden=[train]))


def test_it_has_the_properties_of_a_data_set(build, store, toy):
    val = dict(type='ssltoolbox.APTenKDataset', data_root=str(toy), subset='val')
    load = [dict(type='ssltoolbox.LoadImage')]
    check_dataset(build('all', pipeline=load), [val])
    check_dataset(build('all', pseudo_labels=store))
