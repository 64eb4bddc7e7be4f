"""Label curves with a trainer that only counts: what is run, and what is written."""

import csv
import importlib.util
import json
from dataclasses import replace
from pathlib import Path

import pytest

from ssltoolbox.apis.config import ConfigError, read_config
from ssltoolbox.apis.experiments import label_curve_plan
from ssltoolbox.apis.experiments.label_curve import run_curve, run_folder
from ssltoolbox.apis.experiments.label_curve_labels import Labelling
from ssltoolbox.apis.experiments.label_curve_plan import partner_of, plan_curve
from ssltoolbox.apis.experiments.runs import RunFailed

CONFIGS = Path(__file__).parents[3] / 'configs'
ANIMALS = CONFIGS / 'scarcenet/resnet18_toyanimals_5shot.py'
POLYPS = CONFIGS / 'semiseg/fpenet_toypolyps_data-distillation.py'
BASE = 'resnet18_toyanimals_5shot_supervised'


class Trainer:
    """Reach as many percent as there are labels, teachers 10 and folds 1 more."""

    def __init__(self, fail_at=None):
        self.ran, self.fail_at = [], fail_at

    def __call__(self, config, work_dir, options, finished):
        metrics = work_dir / 'metrics_test.json'
        if metrics.is_file():
            return json.loads(metrics.read_text())
        self.ran.append((work_dir.name, options, [path.name for path in finished]))
        if work_dir.name == self.fail_at:
            raise RunFailed('train.py failed')
        number = int(Path(options['labels']).name.split('shot')[0])
        value = number / 100 + options['randomness.seed'] / 100
        found = {'coco/AP': value, 'pck/error_px': None}
        if not config.stem.endswith('supervised'):
            found = {'teacher/coco/AP': value + 0.1, 'student/coco/AP': value}
        work_dir.mkdir(parents=True)
        metrics.write_text(json.dumps(found))
        return found


@pytest.fixture
def plan(toy):
    def make(budgets=(5, 10), seeds=(0, 1), **given):
        options = {'data_root': str(toy)}
        return plan_curve([ANIMALS], budgets, seeds, options=options, **given)

    return make


def test_every_fold_is_run_once_for_the_partner_and_the_method(plan, tmp_path, toy):
    trainer = Trainer()
    run_curve(plan(), tmp_path, trainer=trainer, show=lambda line: None)
    names = [name for name, _, _ in trainer.ran]
    assert names == [
        f'{config}_{fold}'
        for fold in ('5_seed0', '5_seed1', '10_seed0', '10_seed1')
        for config in (BASE, ANIMALS.stem)
    ]
    # what both begin with is taken over from the partner of the same fold
    assert [others for *_, others in trainer.ran[:2]] == [[], [f'{BASE}_5_seed0']]
    assert trainer.ran[3][1] == {
        'labels': '${data_root}/label_lists/5shot_seed1.json',
        'randomness.seed': 1,
        'data_root': str(toy),
    }


def test_files_hold_every_value_and_its_mean(plan, tmp_path):
    shown = []
    files = run_curve(plan(), tmp_path, trainer=Trainer(), show=shown.append)
    assert [path.name for path in files] == [
        'label_curve.csv',
        'label_curve.md',
        'label_curve.png',
    ]
    rows = list(csv.DictReader(files[0].open()))
    assert rows[0] == dict(
        network=BASE, labels='5', fold='0', metric='coco/AP', value='0.05'
    )
    assert rows[1]['value'] == ''  # undefined
    assert len(rows) == 4 * (2 + 2)
    lines = files[1].read_text().splitlines()
    assert lines[0] == '| coco/AP | 5 shot | 10 shot |'
    assert lines[2] == f'| {BASE} | 5.5 ± 0.7 (5.0, 6.0) | 10.5 ± 0.7 (10.0, 11.0) |'
    assert lines[3].startswith(f'| {ANIMALS.stem} teacher | 15.5 ± 0.7')
    assert files[2].read_bytes().startswith(b'\x89PNG')
    assert shown[1].endswith('teacher/coco/AP 0.150, student/coco/AP 0.050')


def test_finished_runs_are_not_repeated_and_failures_leave_what_is_known(
    plan, tmp_path
):
    broken = Trainer(fail_at=f'{BASE}_10_seed0')
    with pytest.raises(RunFailed):
        run_curve(plan(seeds=(0,)), tmp_path, trainer=broken, show=lambda line: None)
    text = (tmp_path / 'label_curve.md').read_text()
    assert f'| {BASE} | 5.0 ± 0.0 (5.0) | – |' in text
    again = Trainer()
    run_curve(plan(seeds=(0,)), tmp_path, trainer=again, show=lambda line: None)
    assert [name for name, *_ in again.ran] == [
        f'{BASE}_10_seed0',
        f'{ANIMALS.stem}_10_seed0',
    ]
    assert '10.0 ± 0.0 (10.0)' in (tmp_path / 'label_curve.md').read_text()


def test_no_fold_is_begun_after_a_failure(plan, tmp_path):
    broken = Trainer(fail_at=f'{BASE}_5_seed0')
    with pytest.raises(RunFailed):
        run_curve(plan(), tmp_path, trainer=broken, show=lambda line: None)
    assert [name for name, *_ in broken.ran] == [f'{BASE}_5_seed0']


def test_order_of_the_files_is_that_of_the_plan_with_several_jobs(plan, tmp_path):
    first, second = tmp_path / 'one', tmp_path / 'two'
    for out, jobs in ((first, 1), (second, 4)):
        run_curve(plan(), out, jobs, trainer=Trainer(), show=lambda line: None)
    for name in ('label_curve.csv', 'label_curve.md'):
        assert (first / name).read_text() == (second / name).read_text()


def test_folds_with_the_same_labels_are_told(plan, tmp_path, toy):
    usual = plan((5,))
    said = []
    for labels in (usual.labelling.template, str(toy / 'label_lists/5shot_seed0.json')):
        labelling = Labelling('shot', labels)
        told = replace(usual, labellings=(labelling,) * 2)
        out = tmp_path / str(len(said))
        files = run_curve(told, out, trainer=Trainer(), show=lambda line: None)
        said.append('All folds' in files[1].read_text())
    assert said == [False, True]


def test_partner_is_beside_the_config_or_named():
    cfg = read_config(POLYPS)
    assert partner_of(POLYPS, cfg).name == 'fpenet_toypolyps_supervised.py'
    assert partner_of(ANIMALS, read_config(ANIMALS)).stem == BASE
    base = ANIMALS.with_stem(BASE)
    cfg = read_config(base)
    cfg.pop('label_curve')
    assert partner_of(base, cfg) == base
    few = ANIMALS.with_stem('resnet18_toyanimals_10shot')
    assert partner_of(few, read_config(few)).stem == BASE


def test_without_a_partner_the_next_step_is_told(tmp_path):
    config = tmp_path / 'net_data_method.py'
    config.write_text("labels = '5shot_seed0.json'\n")
    message = 'neither net_data_method_supervised.py nor net_data_supervised.py'
    with pytest.raises(ConfigError, match=message):
        plan_curve([config], [5], [0])
    config.write_text("label_curve = dict(against='none.py')\n")
    with pytest.raises(ConfigError, match="'none.py', but .* does not exist"):
        plan_curve([config], [5], [0])


def test_absent_lists_and_data_are_found_before_the_first_training(plan, tmp_path):
    with pytest.raises(FileNotFoundError, match='7shot_seed0.json'):
        plan((5, 7))
    with pytest.raises(FileNotFoundError, match=r'testing\.toy_animals'):
        plan_curve([ANIMALS], [5], [0], options={'data_root': str(tmp_path / 'no')})


def test_names_of_configs_and_metrics_are_checked(plan, tmp_path, toy):
    with pytest.raises(ValueError, match=r'no run has coco/XY; .* coco/AP'):
        run_curve(
            plan((5,), (0,), metrics=['coco/XY']),
            tmp_path,
            trainer=Trainer(),
            show=lambda line: None,
        )
    copy = tmp_path / ANIMALS.name
    copy.write_text(f"_base_ = '{ANIMALS}'\n")
    with pytest.raises(ConfigError, match='need different names'):
        plan_curve(
            [ANIMALS, copy], [5], [0], options={'data_root': str(toy)}, against=ANIMALS
        )


def test_one_number_of_labels_is_drawn_as_rows(plan, tmp_path):
    files = run_curve(
        plan((5,), (0,)), tmp_path, trainer=Trainer(), show=lambda line: None
    )
    assert files[2].stat().st_size > 1000


def test_command_line(tool, toy, monkeypatch, tmp_path, capsys):
    main = tool('label_curve').main
    monkeypatch.setitem(main.__wrapped__.__globals__, 'run_curve', fake_run)
    given = [str(ANIMALS), '--labels', '5', '--folds', '1', '--out', str(tmp_path)]
    main([*given, '--cfg-options', f'data_root={toy}'])
    assert '| 5.0 ± 0.0 (5.0) |' in capsys.readouterr().out
    with pytest.raises(SystemExit, match='error: .*6shot_seed0'):
        main([*given, '--labels', '6', '--cfg-options', f'data_root={toy}'])
    with pytest.raises(SystemExit):
        main([str(ANIMALS), '--labels', '0'])


def fake_run(plan, out, jobs):
    return run_curve(plan, out, jobs, trainer=Trainer(), show=lambda line: None)


def test_folders_are_those_of_earlier_versions():
    folder = run_folder(Path('out'), POLYPS, 10, 2)
    assert folder == Path('out/fpenet_toypolyps_data-distillation_10_seed2')


def test_distillations_go_on_with_the_runs_of_earlier_versions(monkeypatch, tmp_path):
    spec = importlib.util.spec_from_file_location(
        'distillation', CONFIGS.parent / 'benchmarks/distillation.py'
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(label_curve_plan, 'check_plan', lambda plan: None)
    ran = []

    def fake(plan, out, jobs):
        ran.append((plan, out, jobs))
        (tmp_path / 'x.md').touch()
        return [None, tmp_path / 'x.md', None]

    monkeypatch.setattr(module, 'run_curve', fake)
    monkeypatch.setattr(module, 'draw', lambda *given: None)
    module.main([])
    module.main(
        ['--data', 'em-membrane', '--budgets', '0.25', '10', '--seeds', '2', '--jobs']
        + ['3', '--out', 'o', '--cfg-options', 'data_root=d']
    )
    (first, out, _), (second, given, jobs) = ran
    assert out == Path('work_dirs/distillation_toypolyps') and first.seeds == (0, 1, 2)
    assert [c.stem.split('_')[2] for c in first.configs] == list(module.METHODS)
    assert first.options(first.configs[2], 10, 1) == {
        'labels': 'data/toy_polyps/label_lists/10images_seed1.json',
        'randomness.seed': 1,
    }
    assert (given, jobs, second.budgets) == (Path('o'), 3, (0.25, 10))
    assert second.options(second.configs[0], 0.25, 2) == {
        'labels': 0.25,
        'labelled.seed': 2,
        'randomness.seed': 2,
        'data_root': 'd',
    }


def test_each_config_draws_the_share_for_its_own_parts(instruments):
    folder = CONFIGS / 'ssl2dpose'
    method = folder / 'daunet_toyinstruments-seg_pseudo-label.py'
    options = {'data_root': str(instruments)}
    plan = plan_curve([method], [0.5], [1], options=options)
    base = {'labels': 0.5, 'labelled.seed': 1, 'unlabelled.seed': 1}
    rest = {'randomness.seed': 1, **options}
    assert plan.configs[0].name == 'daunet_toyinstruments-seg_supervised.py'
    assert plan.options(plan.configs[0], 0.5, 1) == base | rest
    assert plan.options(method, 0.5, 1) == base | rest | {'pseudo_labelled.seed': 1}
