from pathlib import Path

import pytest

from ssltoolbox.apis.checking.checker import Checker
from ssltoolbox.apis.checking.trial_config import shrink

ROOT = Path(__file__).parents[2]
DEPTH = ROOT / 'configs' / 'endodepth' / 'fcdensenet_toytubes_teacher-student.py'
TOY = ROOT / 'configs' / 'scarcenet' / 'resnet18_toyanimals_5shot.py'


@pytest.fixture(scope='module')
def checker():
    return Checker(max_side=64)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def leaf(tmp_path):
    def write(text, base=TOY):
        path = tmp_path / 'leaf.py'
        path.write_text(f"_base_ = '{base}'\n{text}\n")
        return path

    return write


def problems(report):
    return report.errors + [e for stage in report.stages for e in stage.errors]


def test_a_sound_config_passes_without_its_data(checker):
    report = checker.check(TOY)
    supervised, labels, semi = report.stages
    assert report.ok and not report.warnings
    assert semi.trial.views == ('strong', 'weak', 'plain')
    assert set(semi.trial.parameters) == {'student', 'teacher'}
    assert supervised.trial.memory > 0 and labels.trial.parameters
    assert 'data_root' in ' '.join(semi.absent) and not semi.counts


@pytest.mark.parametrize(
    ('text', 'stage', 'message'),
    [
        (
            "method = dict(small_loss=dict(type='ssltoolbox.Nothing'))",
            'semi',
            'Nothing',
        ),
        ('teacher = dict(momentum=0.9)', 'semi', 'momentum'),
        ('student = dict(head=dict(out_channels=16))', 'supervised', '17 keypoints'),
        ('codec = dict(heatmap_size=(64, 64))', 'supervised', 'size'),
        ("semi_epochs = 'three'", 'semi', 'max_epochs: expected a whole number'),
        ("train_set = dict(subsett='train')", 'supervised', "did you mean 'subset'"),
        ("labels = 'ap10k_split1_6shot.json'", 'semi', '6shot'),
        ("metric = 'coco/AQ'", 'supervised', "save_best='coco/AQ' is not measured"),
        ("unlabelled = dict(part='${parts}')", 'semi', '${parts}'),
        (
            'semi_loader = dict(batch_size=3)',
            'semi',
            'they must be equal',
        ),
        (
            "semi_hooks = [dict(type='SyncBuffersHook')]",
            'semi',
            'ssltoolbox.SemiSupervisionHook',
        ),
        (
            "semi_pipeline = ['*${supervised_pipeline}']",
            'semi',
            'ssltoolbox.Branches',
        ),
    ],
)
def test_mistakes_are_found(checker, leaf, text, stage, message):
    report = checker.check(leaf(text), stage)
    assert not report.ok
    assert any(message in problem for problem in problems(report)), report.as_text()


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        (
            'sfm_settings = dict(inlier=0.5)',
            "no 'inlier'; did you mean 'inlier_share'?",
        ),
        ('method = dict(flow_wait=1)', 'flow_wait'),
        ("colour_space = [dict(type='ssltoolbox.ToLab')]", 'ToLab'),
        ("metric = 'depth/AbsRelative'", 'is not measured'),
        ('train_set = dict(patient=[1])', "did you mean 'patients'"),
        (
            'student = dict(decode_head=dict(in_channels=7))',
            'to have 7 channels, but got 88',
        ),
    ],
)
def test_mistakes_in_a_config_of_depth_are_found(checker, leaf, text, message):
    report = checker.check(leaf(text, DEPTH), 'student_sfm')
    assert not report.ok
    assert any(message in problem for problem in problems(report)), report.as_text()


def test_a_frozen_teacher_of_another_kind_can_be_tried(checker):
    report = checker.check(DEPTH, 'distil')
    (distil,) = report.stages
    assert report.ok, report.as_text()
    assert distil.trial.views == ('first', 'second')
    count = distil.trial.parameters
    assert count['teacher'] > 2 * count['student']


def test_windows_of_depth_stay_multiples_of_what_the_network_needs():
    data = dict(type='ssltoolbox.SfmDataset', size=(320, 256))
    for multiple, side in ((64, 64), (32, 32)):
        content = dict(data, settings=dict(multiple=multiple))
        assert shrink(content, 40)[0]['size'] == (side, side)


def test_a_network_that_refuses_small_images_is_tried_on_larger_ones():
    config = ROOT / 'configs/semiseg/pan_kvasir-seg_supervised.py'
    report = Checker(max_side=128).check(config)  # 128 x 96 px are too few for PAN
    assert report.ok, report.as_text()
    assert report.stages[0].trial.side == 256


@pytest.mark.parametrize(
    ('full', 'max_side', 'crop', 'heatmap'),
    [
        ((256, 192), None, (256, 192), (64, 48)),
        ((256, 192), 256, (256, 192), (64, 48)),
        ((256, 192), 128, (128, 96), (32, 24)),
        ((256, 192), 64, (64, 32), (16, 8)),  # 48 px is no multiple of the stride of 32
        ((288, 384), 128, (96, 128), (24, 32)),
        ((96, 96), 64, (64, 64), (16, 16)),
        ((64, 256), 64, (32, 64), (8, 16)),  # 16 px is less than the stride
    ],
)
def test_crops_shrink_to_what_a_network_can_take(full, max_side, crop, heatmap):
    codec = dict(input_size=full, heatmap_size=(full[0] // 4, full[1] // 4))
    content = dict(codec=codec, steps=[dict(input_size=full)])
    small, share = shrink(content, max_side)
    assert small['codec']['heatmap_size'] == heatmap
    assert small['steps'][0]['input_size'] == small['codec']['input_size'] == crop
    assert share == crop[0] * crop[1] / (full[0] * full[1])
    assert codec['input_size'] == full


def test_crops_are_kept_where_heatmaps_would_not_come_out_whole():
    content = dict(codec=dict(input_size=(96, 96), heatmap_size=(64, 64)))
    assert shrink(content, 64) == (content, 1.0)


def test_keys_that_nothing_reads_are_named(checker, leaf):
    report = checker.check(leaf('semi_epoch = 3'), 'pseudo_label')
    assert report.warnings == [
        "nothing reads the key 'semi_epoch', did you mean 'semi_epochs'?"
    ]
    report = checker.check(leaf('semi_stage = dict(modle=1)'), 'pseudo_label')
    assert "'modle', did you mean 'model'" in problems(report)[0]


def test_a_config_that_cannot_be_read_is_reported_with_the_others(tool, leaf, capsys):
    broken = leaf('labels = (', base=TOY)
    with pytest.raises(SystemExit) as end:
        raise SystemExit(tool('check_config').main([str(broken), 'absent.py']))
    shown = capsys.readouterr().out
    assert end.value.code == 1
    assert 'absent.py does not exist' in shown and 'SyntaxError' in shown
    assert '0 of 2 configs can be run' in shown


def test_missing_data_count_only_if_asked_for(tool, capsys):
    arguments = [str(TOY), '--stage', 'pseudo_label']
    assert tool('check_config').main(arguments) == 0
    assert 'not here: data root' in capsys.readouterr().out
    assert tool('check_config').main([*arguments, '--data']) == 1
    assert 'error' in capsys.readouterr().out


def test_masks_that_an_earlier_stage_will_write_are_not_missed(polyps, leaf):
    base = ROOT / 'configs' / 'semiseg' / 'fpenet_toypolyps_data-distillation.py'
    path = leaf(f"data_root = '{polyps}'\nlabels = 3", base=base)
    report = Checker(max_side=64, need_data=True).check(path, 'target')
    assert report.ok, problems(report)
    (target,) = report.stages
    # the pool, of which the store will have as many as are accepted
    assert not target.absent and target.counts == {'labelled': 3, 'pseudo': 5}


def test_equal_parts_are_tried_once(leaf):
    checker = Checker(max_side=64)
    checker.check(TOY, 'pseudo_label')
    checker.check(leaf("labels = 'ap10k_split1_5shot.json'"), 'pseudo_label')
    assert len(checker._trials) == 1


def test_a_mistake_is_found_after_a_sound_config_that_differs_in_it_alone(
    checker, leaf
):
    text = "semi_scheduler = [dict(type='MultiStepLR', milestones={}, gamma=0.1)]"
    assert checker.check(leaf(text.format([6])), 'semi').ok
    wrong = checker.check(leaf(text.format(7)), 'semi')
    assert any("'int' object is not iterable" in each for each in problems(wrong))
