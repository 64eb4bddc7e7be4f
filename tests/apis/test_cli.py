import os
import statistics
import subprocess
import sys

import pytest
from mmengine.registry import Registry
from torch.utils.data import DataLoader, Dataset

from ssltoolbox.apis.cli import (
    add_cfg_options,
    add_launcher,
    add_trust_checkpoint,
    command_line,
    readable_errors,
)
from ssltoolbox.checkpoints import loading as checkpoint
from ssltoolbox.datasets.transforms.load_image import LoadImage


def fail(error):
    @readable_errors
    def main():
        raise error

    return main


@pytest.mark.parametrize(
    'error', [ValueError('a.json is bad'), KeyError('a.json is bad'), OSError('a.json')]
)
def test_wrong_input_ends_in_one_sentence(error):
    with pytest.raises(SystemExit, match=r'^error: a\.json'):
        fail(error)()


def test_errors_of_the_program_keep_their_traceback(monkeypatch):
    with pytest.raises(TypeError):
        fail(TypeError('x'))()
    # A library's ValueError says nothing to a user.
    with pytest.raises(statistics.StatisticsError):
        readable_errors(lambda: statistics.mean([]))()
    monkeypatch.setenv('SSLTOOLBOX_DEBUG', '1')
    with pytest.raises(ValueError, match='bad'):
        fail(ValueError('bad'))()


def test_an_argument_that_a_component_does_not_take_is_the_users(monkeypatch):
    registry = Registry('sizes')

    @registry.register_module()
    def size(width, broken=False):
        return width + ('' if broken else 0)

    @readable_errors
    def main(**arguments):
        return registry.build(dict(type='size', **arguments))

    assert main(width=2) == 2
    with pytest.raises(SystemExit, match="error: .*'wdth'.* correct the key"):
        main(wdth=2)
    # inside the component it is an error of the program
    with pytest.raises(TypeError, match='unsupported'):
        main(width=2, broken=True)
    monkeypatch.setenv('SSLTOOLBOX_DEBUG', '1')
    with pytest.raises(TypeError, match='wdth'):
        main(wdth=2)


def test_of_an_argument_that_is_refused_the_nearest_is_named():
    registry = Registry('shapes')

    class Shape:
        def __init__(self, colour='red', size=1):
            self.colour, self.size = colour, size

    @registry.register_module()
    class Box(Shape):
        def __init__(self, flow_weight=1.0, inner=None, **kwargs):
            # what it does not know itself, its base class has to take
            super().__init__(**kwargs)
            self.inner = inner and registry.build(inner)

    @readable_errors
    def main(**arguments):
        return registry.build(dict(type='Box', **arguments))

    assert main(size=2, inner=dict(type='Box', size=3)).inner.size == 3
    nearest = '^error: Box takes no {!r}, did you mean {!r}.: correct the key'
    with pytest.raises(SystemExit, match=nearest.format('flow_wieght', 'flow_weight')):
        main(flow_wieght=2.0)
    with pytest.raises(SystemExit, match=nearest.format('color', 'colour')):
        main(inner=dict(type='Box', color='blue'))
    every = "takes no 'xyz'; it takes colour, flow_weight, inner, size: correct"
    with pytest.raises(SystemExit, match=every):
        main(xyz=1)


class Damaged(Dataset):
    """Fails as a reader of this package does, or as a library does."""

    def __init__(self, ours):
        self.ours = ours

    def __len__(self):
        return 1

    def __getitem__(self, index):
        return LoadImage().transform({'img_path': 'no.jpg'}) if self.ours else int('x')


def test_what_a_loading_process_says_of_wrong_input_is_kept():
    @readable_errors
    def main(ours):
        next(iter(DataLoader(Damaged(ours), num_workers=1)))

    with pytest.raises(SystemExit, match=r'^error: image no\.jpg does not exist'):
        main(ours=True)
    with pytest.raises(ValueError, match='invalid literal'):
        main(ours=False)


BROKEN = """
from ssltoolbox.apis.cli import readable_errors

@readable_errors
def main():
    for number in range({lines}):
        print('x' * 100)

main()
"""


@pytest.mark.parametrize('lines, unbuffered', [(1, ''), (5000, ''), (2, '1')])
def test_a_reader_that_has_enough_ends_the_tool_quietly(lines, unbuffered):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, '-c', BROKEN.format(lines=lines)],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=os.environ | {'PYTHONUNBUFFERED': unbuffered},
        text=True,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, '')


def test_another_broken_pipe_is_told():
    with pytest.raises(SystemExit, match='error: .*Broken pipe'):
        fail(BrokenPipeError(32, 'Broken pipe'))()


def test_an_interruption_says_how_to_go_on(capsys):
    with pytest.raises(SystemExit) as ended:
        fail(KeyboardInterrupt())()
    assert ended.value.code == 130
    assert 'run the same command again' in capsys.readouterr().err


def test_options(monkeypatch):
    trusted = []
    monkeypatch.setattr(checkpoint, 'trust_checkpoints', lambda: trusted.append(1))
    monkeypatch.delenv('LOCAL_RANK', raising=False)
    parser = command_line('words')
    add_cfg_options(parser)
    add_trust_checkpoint(parser)
    add_launcher(parser)
    args = parser.parse_args([])
    assert (args.cfg_options, args.launcher, trusted) == ({}, 'none', [])
    args = parser.parse_args(
        ['--trust-checkpoint', '--local-rank', '3', '--cfg-options', 'a.b=2']
    )
    assert args.cfg_options == {'a.b': 2}
    assert trusted == [1]
    assert os.environ.pop('LOCAL_RANK') == '3'


def test_options_without_an_equals_sign_are_explained(capsys):
    parser = command_line('')
    add_cfg_options(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(['--cfg-options', 'semi_epochs', '3'])
    assert 'takes KEY=VALUE' in capsys.readouterr().err
