"""Before a run: what all parts of a config share."""

import json

import cv2
import numpy as np
import pytest
from mmengine.config import Config

from ssltoolbox.apis.config import ConfigError, read_config
from ssltoolbox.apis.leaks import leak_check
from ssltoolbox.apis.leaks.leak_check import check_leaks, lift_allowed
from ssltoolbox.apis.leaks.leak_parts import parts_of
from ssltoolbox.apis.train import train
from ssltoolbox.datasets.leaks import report as report_file
from ssltoolbox.datasets.leaks.image_set import LeakError

POLYPS = 'configs/semiseg/fpenet_toypolyps_mean-teacher.py'
TOYS = {
    'toy': 'configs/scarcenet/resnet18_toyanimals_5shot.py',
    'persons': 'configs/posedual/resnet18_toypersons_posedual.py',
    'instruments': 'configs/ssl2dpose/daunet_toyinstruments_pseudo-label.py',
    'polyps': 'configs/semiseg/fpenet_toypolyps_model-data-distillation.py',
}


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'cache'))


@pytest.mark.parametrize('name', TOYS)
def test_toy_data_leak_nothing(name, request):
    root = str(request.getfixturevalue(name))
    labels = {'toy': f'{root}/label_lists/5shot_seed0.json'}.get(name, 2)
    cfg = read_config(TOYS[name], dict(data_root=root, labels=labels))
    report = check_leaks(cfg)
    assert report.refusal == '' and report.notes == []
    assert all(report.counts.values()), report.counts


def test_toy_tubes_are_apart_by_patient(tiny_tubes):
    cfg = read_config('configs/endodepth/fcdensenet_toytubes_sfm.py', tiny_tubes)
    report = check_leaks(cfg)
    assert report.refusal == '' and not report.notes
    counts = dict(labelled=0, unlabelled=0, validation=6, test=6)
    assert report.counts == counts | {'labelled': 12}


def test_a_run_with_test_images_does_not_begin(tiny_polyps, tmp_path):
    options = tiny_polyps | {'test_split': 'train'}
    with pytest.raises(LeakError, match='test images are labelled images too'):
        train(POLYPS, work_dir=tmp_path / 'run', options=options)
    report = json.loads((tmp_path / 'run' / 'leaks.json').read_text())
    assert report['refused'] and report['images']['test'] == 8
    kinds = {(f['kind'], f['first']) for f in report['findings']}
    assert {('file', 'labelled'), ('file', 'unlabelled')} <= kinds
    assert not list((tmp_path / 'run').glob('*/stage.json'))


def test_a_reason_lets_it_begin_and_is_kept(tiny_polyps, monkeypatch):
    said = []
    monkeypatch.setattr(report_file, 'print_log', lambda text, *_: said.append(text))
    options = tiny_polyps | {'test_split': 'train', 'leak_check.allow': 'a drill'}
    cfg = read_config(POLYPS, options)
    report = check_leaks(cfg)
    assert report.refusal == ''
    assert report.as_dict()['leak_check']['allow'] == 'a drill'
    report.log()
    assert any('the same file' in t and 'since: a drill' in t for t in said)
    # the data sets' own refusal gives way too
    assert "'forbidden'" in str(cfg._cfg_dict)
    assert "'forbidden'" not in str(lift_allowed(cfg)._cfg_dict)
    only = Config(dict(labelled=dict(forbidden=[1]), leak_check=dict(allow=None)))
    assert lift_allowed(only) is only


def plain(folder, *names, **fields):
    """A data set of mmseg in a folder of its own, as a user has it."""
    rng = np.random.default_rng(len(names))
    for name in names:
        for kind in ('images', 'masks'):
            (folder / kind).mkdir(parents=True, exist_ok=True)
        small = rng.integers(0, 256, (8, 8, 3), np.uint8)
        picture = cv2.resize(small, (64, 64), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(folder / 'images' / f'{name}.png'), picture)
        cv2.imwrite(str(folder / 'masks' / f'{name}.png'), picture[..., 0] // 128)
    return dict(
        type='BaseSegDataset',
        data_root=str(folder),
        data_prefix=dict(img_path='images', seg_map_path='masks'),
        img_suffix='.png',
        metainfo=dict(classes=('a', 'b')),
        pipeline=[],
        **fields,
    )


def plain_config(train_set, test_set, **fields):
    return Config(
        dict(
            default_scope='mmseg',
            train_dataloader=dict(dataset=train_set),
            test_dataloader=dict(dataset=test_set),
            **fields,
        )
    )


def test_plain_data_sets_of_a_user_are_read(tmp_path):
    one, two = plain(tmp_path / 'a', 'x', 'y'), plain(tmp_path / 'b', 'x', 'y', 'z')
    repeated = dict(type='RepeatDataset', times=3, dataset=one)
    assert check_leaks(plain_config(repeated, two)).findings == []
    both = dict(type='ConcatDataset', datasets=[one, two])
    report = check_leaks(plain_config(both, two))
    assert report.counts['labelled'] == 5 and '3 of 3 test images' in report.refusal


def test_without_the_library_files_are_still_compared(tmp_path, monkeypatch):
    one = plain(tmp_path / 'a', 'x')
    monkeypatch.setitem(leak_check.__dict__, '_absent_library', lambda: 'no library')
    report = check_leaks(plain_config(one, one))
    assert report.notes == ['no library'] and 'same file' in report.refusal


def test_damaged_pictures_are_told(tmp_path):
    one, two = plain(tmp_path / 'a', 'x'), plain(tmp_path / 'b', 'y')
    (tmp_path / 'b' / 'images' / 'y.png').write_bytes(b'\x89PNG torn')
    (note,) = check_leaks(plain_config(one, two)).notes
    assert '1 test images cannot be decoded' in note and 'y.png' in note


def test_a_data_set_that_cannot_be_read_is_told(tmp_path):
    one = plain(tmp_path / 'a', 'x')
    parts, notes = parts_of(plain_config(one, one | {'ann_file': 'none.txt'}))
    assert len(parts['labelled']) == 1 and not len(parts['test'])
    assert 'test data could not be read' in notes[0]


def test_a_wrong_field_is_named(tmp_path):
    one = plain(tmp_path / 'a', 'x')
    with pytest.raises(ConfigError, match='leak_check has no allowed'):
        check_leaks(plain_config(one, one, leak_check=dict(allowed='x')))
