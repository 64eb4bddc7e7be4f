"""Galleries of stores: who was kept, how right, and what is not here."""

import numpy as np
import pytest

from ssltoolbox.apis.run_report.report import write_report
from ssltoolbox.apis.run_report.run import read_run
from ssltoolbox.apis.run_report.stored import stored_gallery
from ssltoolbox.datasets.multi_source import sample_ids
from ssltoolbox.registry import DATASETS
from ssltoolbox.semi.map_file import write_maps
from ssltoolbox.semi.map_store import MapStore
from ssltoolbox.semi.mask_store import MaskStore, write_mask
from ssltoolbox.semi.store import LabelStore


def gallery(folder, most=100):
    run = read_run(folder)
    stage = next(each for each in run.stages if each.store)
    return stored_gallery(run, stage, most, lambda done, total: None)


def job(dataset, scope):
    return f'default_scope = {scope!r}\njob = dict(dataset={dataset!r})\n'


@pytest.fixture
def poses(toy, make_stage):
    """A store whose joints are the truth, but joint 0, which is far off and sure."""
    animals = dict(type='ssltoolbox.APTenKDataset', data_root=str(toy), subset='train')
    folder = make_stage('pseudo_label', config=job(animals, 'mmpose'))
    data = DATASETS.build({**animals, 'pipeline': []})
    records = [data.get_data_info(i) for i in range(len(data))]
    points = np.concatenate([each['keypoints'] for each in records])
    points[:, 0] += 1000
    scores = np.full(points.shape[:2], 0.5)
    scores[:, 0], scores[:, -1] = 0.9, 0.1
    store = folder / 'store'
    corrected = np.arange(len(records)) == len(records) - 1
    ids = [each['id'] for each in records]
    LabelStore.write(store, ids, points, scores, corrected=corrected)
    make_stage('pseudo_label', config=job(animals, 'mmpose'), store=str(store))
    return make_stage, animals, store, records


def test_keypoints_are_kept_as_the_training_keeps_them(poses):
    make_stage, animals, store, records = poses
    part = dict(type='ssltoolbox.FewShotPoseDataset', dataset=animals, labels=4)
    part |= dict(part='unlabelled', pseudo_labels=str(store), drop_share=0.05)
    config = f'train_dataloader = dict(dataset={part!r})\n'
    run = make_stage('semi', ['pseudo_label'], 'running', config).parent
    found = gallery(run)
    # four are labelled, and one joint of 17 has the lowest score
    assert len(found.samples) == len(records) - 4
    # of what a person corrected, everything is kept
    (corrected,) = [s for s in found.samples if s.fate == 'corrected by a person']
    assert corrected.values['kept'] == 1
    for each in set_aside(found.samples, corrected):
        assert each.fate == 'partly kept'
        assert each.values['kept'] == pytest.approx(16 / 17, abs=1e-4)
        fates = [part['fate'] for part in each.parts.values()]
        assert fates == ['kept'] * 16 + ['dropped']
        assert each.picture[:4] == b'RIFF' and each.group
        # joint 0 may not be visible; then nothing that is judged is wrong
        assert each.values['right'] >= 1 - 1 / 5 and each.values['error'] >= 0
    assert any(each.values['right'] < 1 for each in found.samples)


def test_before_a_stage_learns_all_are_shown(poses):
    found = gallery(poses[2].parents[1], most=5)
    fates = [each.fate for each in found.samples]
    assert fates == ['kept'] * 4 + ['corrected by a person']
    assert any('No later stage' in note for note in found.notes)
    assert any(note.startswith('5 of ') for note in found.notes)


def test_without_the_data_numbers_are_left(poses):
    make_stage, animals, store, records = poses
    away = {**animals, 'data_root': 'nowhere'}
    run = make_stage(
        'pseudo_label', config=job(away, 'mmpose'), store=str(store)
    ).parent
    found = gallery(run)
    assert len(found.samples) == len(records)
    assert all(each.picture is None for each in found.samples)
    assert any('nowhere' in note for note in found.notes)


@pytest.fixture
def pool(polyps):
    data = dict(type='ssltoolbox.SemiSegDataset', data_root=str(polyps))
    return dict(
        type='ssltoolbox.FewShotImageDataset',
        dataset={**data, 'split': 'train'},
        labels=2,
        part='unlabelled',
    )


def test_masks_are_judged_by_the_hidden_ones(pool, make_stage):
    data = DATASETS.build({**pool, 'pipeline': []})
    ids = sample_ids(data).tolist()
    folder = make_stage('annotate', config=job(pool, 'mmseg'))
    for i in range(len(data)):
        classes = np.zeros(image_shape(data.get_data_info(i)['img_path']), np.uint8)
        write_mask(folder / 'store', ids[i], classes, classes)
    about = [dict(name=f'n{i}', disagreement=0.25, kept=1.0) for i in ids]
    accepted = [i != ids[0] for i in ids]
    MaskStore.write(folder / 'store', ids, [0.5] * len(ids), accepted, {}, about)
    make_stage('annotate', config=job(pool, 'mmseg'), store=str(folder / 'store'))
    found = gallery(folder.parent)
    by_name = {each.name: each for each in found.samples}
    assert by_name[f'n{ids[0]}'].fate == 'dropped'
    assert {each.fate for each in found.samples} == {'kept', 'dropped'}
    for each in found.samples:
        # all is background: right but for the polyps, of which none is found
        right = each.values['right']
        assert 0.5 < right <= 1
        iou = right if right == 1 else right / 2
        assert each.values['iou'] == pytest.approx(iou, abs=1e-3)
        assert each.values['disagreement'] == 0.25 and each.picture
        assert [part['share'] for part in each.parts.values()] == [1]
    assert any(each.values['right'] < 1 for each in found.samples)


def test_maps_of_rejected_images_are_not_drawn_but_shown(pool, make_stage):
    data = DATASETS.build({**pool, 'pipeline': []})
    ids = sample_ids(data).tolist()
    folder = make_stage('annotate', config=job(pool, 'mmseg'))
    share = np.zeros((2, 4, 4), np.float32)
    share[1] = 1
    write_maps(folder / 'store', ids[1], share)
    kept = [i == ids[1] for i in ids]
    MapStore.write(folder / 'store', ids, [0.5] * len(ids), kept)
    make_stage('annotate', config=job(pool, 'mmseg'), store=str(folder / 'store'))
    found = gallery(folder.parent)
    accepted = [each for each in found.samples if each.fate == 'kept']
    assert len(accepted) == 1 and len(found.samples) == len(ids)
    assert [part['share'] for part in accepted[0].parts.values()] == [1]
    assert all(each.picture for each in found.samples)


def test_a_damaged_store_is_told_on_the_page(tmp_path, make_stage):
    folder = make_stage('annotate')
    store = folder / 'store'
    make_stage('annotate', store=str(store))
    store.mkdir()
    (store / 'meta.json').write_text('{"format": "<b>other</b>"}')
    page = write_report(tmp_path / 'run').read_text()
    assert 'is of the kind' in page and '<b>' not in page


def set_aside(samples, one):
    return [each for each in samples if each is not one]


def image_shape(path):
    import cv2

    return cv2.imread(path).shape[:2]
