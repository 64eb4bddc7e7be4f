"""Labels that a person corrected count as labelled, and are never mixed silently."""

import json

import numpy as np
import pytest

from ssltoolbox.datasets.pose.few_shot import FewShotPoseDataset
from ssltoolbox.semi.store import LabelStore


@pytest.fixture
def build(toy):
    def make(**fields):
        train = dict(
            type='ssltoolbox.APTenKDataset', data_root=str(toy), subset='train'
        )
        labels = str(toy / 'label_lists' / '5shot_seed0.json')
        return FewShotPoseDataset(train, labels, 'unlabelled', **fields)

    return make


@pytest.fixture
def store(build, toy, tmp_path):
    """The first two unlabelled instances are corrected, but for joint 3."""
    every = FewShotPoseDataset(
        dict(type='ssltoolbox.APTenKDataset', data_root=str(toy), subset='train'),
        None,
        'all',
    )
    ids = np.sort(every.ids)
    corrected = np.isin(ids, build().ids[:2])
    scores = np.full((len(ids), 17), 0.5)
    scores[:, 5:] = 0.1
    scores[corrected] = 1
    scores[corrected, 3] = 0
    points = np.full((len(ids), 17, 2), 9.0)
    LabelStore.write(tmp_path / 'store', ids, points, scores, {}, corrected)
    return str(tmp_path / 'store')


def records(dataset):
    return [dataset.get_data_info(i) for i in range(len(dataset))]


def test_corrected_labels_are_labelled_and_no_threshold_drops_them(build, store):
    dataset = build(pseudo_labels=store, drop_share=0.9)
    for number, record in enumerate(records(dataset)):
        assert record['labelled'] is (number < 2)
        visible = record['keypoints_visible'][0]
        if number < 2:
            assert visible.tolist() == [1, 1, 1, 0] + [1] * 13
            assert (record['keypoints'] == 9).all() and 'truth' in record
        else:
            assert not visible.any()


def test_scores_of_a_person_do_not_move_the_threshold(store):
    found = LabelStore.read(store)
    assert found.score_threshold(0.4) == pytest.approx(0.1)
    machine = LabelStore(*(getattr(found, k)[~found.corrected] for k in
                           ('ids', 'keypoints', 'scores')), {})  # fmt: skip
    for share in (0, 0.4, 0.8, 0.99):
        assert found.score_threshold(share) == machine.score_threshold(share)


def test_corrected_labels_come_as_often_as_asked(build, store, monkeypatch):
    said = []
    told = 'ssltoolbox.datasets.corrected.print_log'
    monkeypatch.setattr(told, lambda text, *a, **k: said.append(text))
    once, thrice = (
        build(pseudo_labels=store, corrected_repeat=repeat) for repeat in (1, 3)
    )
    assert len(thrice) == len(once) + 4
    assert thrice.ids[: len(once)].tolist() == once.ids.tolist()
    assert sorted(thrice.ids[len(once) :]) == sorted(2 * once.ids[:2].tolist())
    assert f'corrected the labels of 2 of {len(once)} instances' in said[-1]
    assert 'count as labelled, and come 3 times' in said[-1]
    with pytest.raises(ValueError, match='a whole number, at least 1, got 0'):
        build(pseudo_labels=store, corrected_repeat=0)


def test_corrected_labels_of_test_images_are_refused(build, store, toy, tmp_path):
    image = records(build())[0]['img_id']
    path = toy / 'annotations' / 'ap10k-val-split1.json'
    content = json.loads(path.read_text())
    content['images'][0]['id'] = image
    content['annotations'] = []
    leak = tmp_path / 'leak.json'
    leak.write_text(json.dumps(content))
    with pytest.raises(ValueError, match='labelled images of .* belong to the valida'):
        build(pseudo_labels=store, forbidden=[str(leak)])
