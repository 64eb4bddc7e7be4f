"""Before a run: what all parts of a config share."""

import json
import shutil

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


def test_patients_in_two_parts_are_told_apart_by_fields_of_the_config(tiny_tubes):
    options = tiny_tubes | {'train_set.patients': [1, 4]}
    cfg = read_config('configs/endodepth/fcdensenet_toytubes_sfm.py', options)
    said = check_leaks(cfg).refusal
    assert '6 of 6 test images are labelled images too' in said
    assert 'train_set.patients, val_set.patients and test_set.patients' in said
    assert 'make_split' not in said


TUBES = 'configs/endodepth/fcdensenet_toytubes_teacher-student.py'
ABSENT = dict(
    _delete_=True,  # a reference
    dataset=dict(type='ssltoolbox.SfmDataset', data_root='${data_root}', patients=[7]),
)


@pytest.mark.parametrize(
    'options, error, said',
    [
        ({'train_set.patients': [9]}, FileNotFoundError, r'no sequence .*\[9\]'),
        ({'val_set.adjacent': [3, 1]}, ValueError, 'adjacent needs two distances'),
        # of the last stage alone
        (
            {'semi_stage.train_dataloader': ABSENT},
            FileNotFoundError,
            r'no sequence .*\[7\]',
        ),
    ],
)
def test_broken_data_of_any_stage_end_a_run_before_its_first(
    tiny_stages, tmp_path, options, error, said
):
    with pytest.raises(error, match=said):
        train(TUBES, work_dir=tmp_path, options=tiny_stages | options)
    assert not list(tmp_path.glob('*/'))


def test_absent_files_of_a_sequence_end_a_run_before_its_first_stage(
    four_tubes, tiny_stages, tmp_path
):
    root = shutil.copytree(four_tubes, tmp_path / 'data')
    options = tiny_stages | {'data_root': str(root)}
    (picture,) = root.glob('bag_2/*/00002001.jpg')
    (views,) = root.glob('bag_3/*/visible_view_indexes')
    for file, said in ((views, 'visible_view_indexes'), (picture, 'have no image')):
        file.rename(tmp_path / 'away')
        with pytest.raises(FileNotFoundError, match=said):
            train(TUBES, work_dir=tmp_path / 'run', options=options)
        (tmp_path / 'away').rename(file)
    assert not list((tmp_path / 'run').glob('*/'))


def test_what_an_earlier_stage_makes_need_not_be_there(tmp_path):
    one, two = plain(tmp_path / 'a', 'x'), plain(tmp_path / 'b', 'y')

    def staged(ann_file):
        second = dict(train_dataloader=dict(dataset=one | {'ann_file': ann_file}))
        cfg = plain_config(one, two)
        stages = [dict(name='list', cfg={}), dict(name='use', cfg=second)]
        return Config(cfg.to_dict() | dict(stages=stages))

    for made in ('${list.file}', 'lists/${list.file}.txt'):
        (note,) = parts_of(staged(made), ['train'])[1]
        assert note.startswith('the train data could not be read')
    with pytest.raises(AssertionError, match='none.txt'):  # of mmseg
        parts_of(staged('none.txt'), ['train'])
    # what only a test reads is told, and not refused
    parts, notes = parts_of(
        plain_config(one, two | {'ann_file': 'none.txt'}), ['train']
    )
    assert len(parts['labelled']) == 1 and len(notes) == 1


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
