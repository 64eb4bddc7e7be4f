import pytest
from mmengine.config import Config

from ssltoolbox.apis.config import (
    ConfigError,
    load_config,
    read_config,
    referenced,
    resolve,
    stage_names,
)


def resolved(outputs=None, **content):
    return resolve(Config(content), outputs)._cfg_dict.to_dict()


@pytest.fixture
def write(tmp_path):
    def make(text, name='config.py'):
        path = tmp_path / name
        path.write_text(text)
        return path

    return make


def test_a_whole_value_becomes_what_it_names_of_any_type():
    out = resolved(a=[1, 2], b='${a}', c=dict(d='${e}'), e=None, f='${g}', g=1.5)
    assert out == dict(a=[1, 2], b=[1, 2], c=dict(d=None), e=None, f=1.5, g=1.5)


def test_a_reference_reaches_into_dictionaries_and_through_others():
    out = resolved(a=dict(b=dict(c=7)), x='${a.b.c}', y='${x}', z=('${y}', 'n'))
    assert (out['x'], out['y'], out['z']) == (7, 7, (7, 'n'))


def test_a_reference_reaches_into_what_another_names():
    out = resolved(a=dict(b=dict(c=7)), x='${a}', y='${x.b}', z='${y.c}', u='${x.b.c}')
    assert (out['y'], out['z'], out['u']) == (dict(c=7), 7, 7)


def test_inside_a_longer_text_it_becomes_text():
    out = resolved(root='data', split=2, file='${root}/train-${split}.json')
    assert out['file'] == 'data/train-2.json'


def test_a_star_puts_the_items_of_a_list_into_a_list():
    out = resolved(
        steps=[1, '${two}'], two=2, all=[0, '*${steps}', 3], none=['*${no}'], no=[]
    )
    assert out['all'] == [0, 1, 2, 3] and out['none'] == []


@pytest.mark.parametrize('value', [None, 3, 'text', dict(type='X')])
def test_a_star_before_what_is_no_list_is_refused(value):
    with pytest.raises(ConfigError, match=r"'steps'.*\$\{extra\}.*list, got"):
        resolved(steps=[1, '*${extra}'], extra=value)


def test_copies_are_independent():
    cfg = resolve(Config(dict(a=dict(b=1), x='${a}', y='${a}')))
    cfg.x.b = 2
    assert (cfg.a.b, cfg.y.b) == (1, 1)


@pytest.mark.parametrize(
    'content',
    [
        dict(a='${a}'),
        dict(a='${b}', b='x${a}'),
        dict(a=dict(b='${a}')),
        dict(a=['*${a}']),
        dict(a='${b}', b='${c}', c='${b}'),
        dict(a='${a.b}'),
    ],
)
def test_a_reference_to_itself_is_refused(content):
    with pytest.raises(ConfigError, match='refers to itself'):
        resolved(**content)


def test_a_sister_key_is_no_reference_to_itself():
    assert resolved(a=dict(b='${a.c}', c=1))['a'] == dict(b=1, c=1)


def test_an_unknown_name_is_refused_with_the_nearest_known_one():
    with pytest.raises(
        ConfigError, match=r"'x'.*\$\{data_rot\}.*mean \$\{data_root\}\?"
    ):
        resolved(x='${data_rot}', data_root=1)
    with pytest.raises(ConfigError, match='names no key of the config'):
        resolved(x='${a.b.c}', a=dict(b=1))


def test_outputs_of_stages_come_first():
    outputs = dict(first=dict(best='net.pth', last=None))
    out = resolved(outputs, first='other', x='${first.best}', y='load ${first.best}')
    assert (out['x'], out['y']) == ('net.pth', 'load net.pth')


def test_an_output_of_a_stage_that_has_not_run_is_none():
    assert resolved(dict(first={}), x='${first.best}')['x'] is None


def test_an_output_that_a_finished_stage_did_not_make_is_refused():
    outputs = dict(first=dict(best='net.pth', last='net.pth'))
    with pytest.raises(ConfigError, match=r'first.*no output .bset.*best, last'):
        resolved(outputs, x='${first.bset}')


def test_names_that_are_referred_to_are_found():
    cfg = Config(dict(a='${b.c}', d=['*${e}'], f='x${g}'))
    assert referenced(cfg) == {'b', 'e', 'g'}


STAGED = """
lr = 0.1
size = 8
optim_wrapper = dict(optimizer=dict(type='SGD', lr='${lr}'))
train_cfg = dict(max_epochs=3)
first_stage = dict(model=dict(type='A', size='${size}'))
second_stage = dict(
    model=dict(type='B', init='${first.best}'),
    train_cfg=dict(max_epochs=9),
    optim_wrapper=dict(optimizer=dict(lr=0.5)),
)
stages = [
    dict(name='first', cfg='${first_stage}'),
    dict(name='label', job=dict(type='J', net='${first.best}')),
    dict(name='second', cfg='${second_stage}'),
]
"""


def test_a_stage_is_the_config_changed_by_its_own(write):
    first = load_config(write(STAGED), 'first')
    assert first.model == dict(type='A', size=8)
    assert first.train_cfg.max_epochs == 3
    assert 'stages' not in first and 'lr' not in first and 'first_stage' not in first
    outputs = dict(first=dict(best='net.pth'))
    second = load_config(write(STAGED), outputs=outputs)
    assert second.model == dict(type='B', init='net.pth')
    assert second.train_cfg.max_epochs == 9
    assert second.optim_wrapper.optimizer == dict(type='SGD', lr=0.5)
    job = load_config(write(STAGED), 'label', outputs=outputs)
    assert job.job == dict(type='J', net='net.pth')
    assert stage_names(read_config(write(STAGED))) == ['first', 'label', 'second']


def test_of_many_keys_the_nearest_are_listed(write):
    text = '\n'.join(f'{key} = 0' for key in ('default_scope', *'abcdefghijklm'))
    file = write(f'{text}\nteacher_epochs = 5\ndistil_epochs = 2')
    with pytest.raises(ConfigError) as error:
        read_config(file, {'distill_epoch': 1})
    known = str(error.value).partition('Known, the nearest first: ')[2]
    assert known.startswith('distil_epochs, teacher_epochs, ')
    # then variables of the config, and no fields of the runner
    assert len(known.split(', ')) == 13 and 'default_scope' not in known


def test_options_are_applied_before_references(write):
    options = {'lr': 0.2, 'first_stage.model.size': 4, 'size': 3}
    cfg = load_config(write(STAGED), 'first', options)
    assert cfg.optim_wrapper.optimizer.lr == 0.2 and cfg.model.size == 4


def test_an_unknown_stage_is_refused(write):
    with pytest.raises(ConfigError, match="no stage 'third'; its stages: first, label"):
        load_config(write(STAGED), 'third')
    with pytest.raises(ConfigError, match="has no stages, so there is no 'first'"):
        load_config(write('model = dict(type="A")'), 'first')


@pytest.mark.parametrize(
    'key, message',
    [
        ('lrr', "nothing reads 'lrr' here. Did you mean 'lr'"),
        (
            'train_cfg.max_epoch',
            "nothing reads 'max_epoch' here. Did you mean 'max_epochs'",
        ),
        ('first_stage.modle.size', "Did you mean 'model'"),
        ('stages.7.name', "stages is a list of 3 entries, '7'"),
        ('stages.first.name', "stages is a list of 3 entries, 'first'"),
    ],
)
def test_an_option_that_nothing_reads_is_refused(write, key, message):
    with pytest.raises(ConfigError, match=f'--cfg-options {key}: .*{message}'):
        read_config(write(STAGED), {key: 1})


@pytest.mark.parametrize(
    'key', ['resume', 'first_stage.model.depth', 'visualizer.type']
)
def test_an_option_that_something_may_read_is_taken(write, key):
    assert read_config(write(STAGED), {key: 1}).get(key.split('.')[0]) is not None


def test_an_option_reaches_into_a_field_that_is_none(write):
    path = write('clip = None\nwrappers = [dict(clip_grad=None)]')
    assert read_config(path, {'clip.max_norm': 2}).clip == dict(max_norm=2)
    assert read_config(path, {'clip': None}).clip is None
    (wrapper,) = read_config(path, {'wrappers.0.clip_grad.max_norm': 2}).wrappers
    assert wrapper == dict(clip_grad=dict(max_norm=2))


def test_an_absent_config_names_an_example(tmp_path):
    with pytest.raises(FileNotFoundError, match='configs/scarcenet'):
        read_config(tmp_path / 'none.py')


def test_the_nearest_config_is_named(tmp_path):
    (tmp_path / 'hrnet_5shot.py').write_text('')
    with pytest.raises(FileNotFoundError, match=r'did you mean .*hrnet_5shot\.py'):
        read_config(tmp_path / 'hrnet_5shots.py')
