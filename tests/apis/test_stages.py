import json
from pathlib import Path

import pytest
from mmengine.config import Config

from ssltoolbox.apis.config import ConfigError
from ssltoolbox.apis.stages import Stage, config_hash, run_stages
from ssltoolbox.registry import TASK_UTILS

RUNS = []


@TASK_UTILS.register_module(force=True)
class NoteJob:
    """A stage that notes that it ran and writes its text to a file."""

    def __init__(self, text, fail=False, notes=()):
        self.text, self.fail = text, fail

    def run(self, cfg):
        RUNS.append(self.text)
        if self.fail:
            raise RuntimeError('the stage failed')
        file = Path(cfg.work_dir) / 'note.txt'
        file.write_text(self.text)
        return {'note': str(file)}


@pytest.fixture(autouse=True)
def forget_runs():
    RUNS.clear()


@pytest.fixture
def pipeline(tmp_path):
    """Config of three stages, of which the second reads the first one's output."""

    def make(folder='run', second='b', **fields):
        job = dict(type='ssltoolbox.NoteJob')
        stages = [
            dict(name='first', job=dict(text='a', **job)),
            dict(
                name='second', job=dict(text=second + '${first.note}', **job, **fields)
            ),
            dict(name='third', job=dict(text='c', **job)),
        ]
        return Config(
            dict(work_dir=str(tmp_path / folder), default_scope='mmpose', stages=stages)
        )

    return make


def ran():
    """First letters of the stages that ran since the last look."""
    letters = ''.join(text[0] for text in RUNS)
    RUNS.clear()
    return letters


def test_stages_run_in_order_and_pass_their_outputs_on(pipeline, tmp_path):
    outputs = run_stages(pipeline())
    note = str(tmp_path / 'run' / 'first' / 'note.txt')
    assert outputs['first'] == {'note': note}
    assert Path(outputs['second']['note']).read_text() == f'b{note}'
    assert ran() == 'abc'
    record = json.loads((tmp_path / 'run' / 'second' / 'stage.json').read_text())
    assert record['state'] == 'done' and record['outputs'] == outputs['second']
    assert Config.fromfile(tmp_path / 'run' / 'second' / 'config.py').job.text[0] == 'b'


def test_a_finished_stage_is_not_run_again(pipeline):
    first = run_stages(pipeline())
    ran()
    assert run_stages(pipeline()) == first and ran() == ''


def test_an_interrupted_pipeline_goes_on_at_its_stage(pipeline):
    broken = pipeline()
    broken.stages[1].job.fail = True
    with pytest.raises(RuntimeError, match='the stage failed'):
        run_stages(broken)
    assert ran() == 'ab'
    folders = (Path(broken.work_dir, name) for name in ('first', 'second', 'third'))
    states = [Stage(each.name, each).record().get('state') for each in folders]
    assert states == ['done', 'running', None]
    broken.stages[2].job.text = 'd'
    with pytest.raises(RuntimeError):
        run_stages(broken)
    assert ran() == 'b'


def test_a_changed_config_is_refused_before_anything_is_overwritten(pipeline):
    run_stages(pipeline())
    ran()
    with pytest.raises(ConfigError, match=r"'second' of another config.*--restart"):
        run_stages(pipeline(second='x'))
    assert ran() == ''


def test_a_changed_config_runs_elsewhere_or_from_the_start(pipeline):
    run_stages(pipeline())
    run_stages(pipeline(folder='other', second='x'))
    assert ran() == 'abcaxc'
    run_stages(pipeline(second='x'), restart=True)
    assert ran() == 'axc'


def test_what_does_not_change_the_result_may_change(pipeline):
    cfg = pipeline()
    run_stages(cfg)
    ran()
    cfg.log_level = 'WARNING'
    cfg.env_cfg = dict(cudnn_benchmark=True)
    run_stages(cfg)
    assert ran() == ''


def test_one_stage_alone_needs_the_outputs_of_earlier_ones(pipeline):
    with pytest.raises(ConfigError, match=r"'first' is not done .*--stage first"):
        run_stages(pipeline(), only='second')
    run_stages(pipeline(), only='first')
    outputs = run_stages(pipeline(), only='second')
    assert ran() == 'ab' and list(outputs) == ['first', 'second']


def test_an_output_that_is_gone_is_named(pipeline):
    outputs = run_stages(pipeline())
    Path(outputs['first']['note']).unlink()
    for only in ('second', None):
        with pytest.raises(ConfigError, match='made note = .*note.txt, which is gone'):
            run_stages(pipeline(), only=only)


def test_a_stage_made_from_what_was_made_anew_is_not_taken_for_done(pipeline):
    run_stages(pipeline())
    run_stages(pipeline(), only='first', restart=True)
    assert ran() == 'abca'
    with pytest.raises(
        ConfigError, match=r"'second', but stage 'first' was run again.*--restart"
    ):
        run_stages(pipeline())
    run_stages(pipeline(), only='second', restart=True)
    run_stages(pipeline(), only='third', restart=True)
    assert ran() == 'bc'
    run_stages(pipeline())
    assert ran() == ''


def test_an_unknown_stage_is_refused(pipeline):
    with pytest.raises(
        ConfigError, match="no stage 'fourth'; stages: first, second, third"
    ):
        run_stages(pipeline(), only='fourth')


def test_a_damaged_record_says_what_to_do(pipeline, tmp_path):
    run_stages(pipeline())
    (tmp_path / 'run' / 'first' / 'stage.json').write_text('{"state"')
    with pytest.raises(ValueError, match='stage record .*not valid JSON.*Delete'):
        run_stages(pipeline())


def test_a_later_stage_cannot_be_referred_to(pipeline):
    cfg = pipeline()
    cfg.stages[0].job.text = '${third.note}'
    with pytest.raises(ConfigError, match='no earlier stage'):
        run_stages(cfg)
    assert ran() == ''


def test_the_hash_follows_every_field_but_the_volatile_ones():
    base = dict(model=dict(a=1, b=[1, 2]), work_dir='x')
    same = dict(work_dir='y', model=dict(b=[1, 2], a=1), launcher='pytorch')
    other = dict(model=dict(a=1, b=[2, 1]), work_dir='x')
    first, second, third = (config_hash(Config(c)) for c in (base, same, other))
    assert first == second != third


def test_the_hash_does_not_follow_how_samples_are_loaded():
    few, many = (
        Config(dict(train_dataloader=dict(batch_size=4, num_workers=workers)))
        for workers in (1, 8)
    )
    other = Config(dict(train_dataloader=dict(batch_size=8, num_workers=1)))
    assert config_hash(few) == config_hash(many) != config_hash(other)


def test_a_method_is_built_before_the_first_stage_runs(pipeline):
    cfg = pipeline()
    method = dict(type='ssltoolbox.PoseCons', consistancy=1)
    cfg.stages.append(dict(name='semi', cfg=dict(model=dict(method=method))))
    said = r"'semi', method .*PoseCons takes no 'consistancy', did you mean 'consist"
    with pytest.raises(ConfigError, match=said):
        run_stages(cfg)
    assert ran() == ''


def test_a_moved_folder_is_not_to_be_run_again(pipeline, tmp_path):
    run_stages(pipeline())
    (tmp_path / 'run').rename(tmp_path / 'other')
    with pytest.raises(ConfigError, match='other/first was moved from .*run/first'):
        run_stages(pipeline('other'))
    (tmp_path / 'run').symlink_to(tmp_path / 'other')
    run_stages(pipeline('other'))
    assert ran() == 'abc'


@pytest.mark.parametrize('epochs', ['three', 2.5])
def test_lengths_are_numbers_before_the_first_stage_runs(pipeline, epochs):
    cfg = pipeline()
    cfg.stages.append(dict(name='semi', cfg=dict(train_cfg=dict(max_epochs=epochs))))
    with pytest.raises(ConfigError, match="'semi', train_cfg.max_epochs: .* got"):
        run_stages(cfg)
    assert ran() == ''


def test_a_stage_that_made_nothing_may_be_changed(pipeline):
    with pytest.raises(RuntimeError, match='the stage failed'):
        run_stages(pipeline(fail=True))
    assert ran() == 'ab'
    run_stages(pipeline(second='x'))
    assert ran() == 'xc'


@pytest.mark.parametrize(
    'name', ['records_0.bin', 'store/masks/a.png', 'epoch_1.pth', 'store/values.npz']
)
def test_a_stage_that_labelled_a_part_is_not_forgotten(pipeline, tmp_path, name):
    with pytest.raises(RuntimeError, match='the stage failed'):
        run_stages(pipeline(fail=True))
    file = tmp_path / 'run' / 'second' / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b'hours of work')
    with pytest.raises(ConfigError, match='of another config'):
        run_stages(pipeline(second='x'))
    assert file.read_bytes() == b'hours of work'


def test_a_restart_that_is_interrupted_goes_on_without_it(pipeline, tmp_path):
    run_stages(pipeline())
    ran()
    with pytest.raises(RuntimeError, match='the stage failed'):
        run_stages(pipeline(fail=True), restart=True)
    assert ran() == 'ab' and not (tmp_path / 'run' / 'third').exists()
    run_stages(pipeline())
    assert ran() == 'bc'


def test_says_what_differs_from_the_run_that_is_there(pipeline):
    run_stages(pipeline())
    with pytest.raises(ConfigError, match=r'differs in job\.text\).*--stage second'):
        run_stages(pipeline(second='x'))


def test_the_order_of_keys_is_no_difference(pipeline):
    def at(second):
        return pipeline(second=second, fail=False, notes=[dict(b=(1, 2), a=1)])

    run_stages(at('b'))
    with pytest.raises(ConfigError, match=r'differs in job\.text\)'):
        run_stages(at('x'))
