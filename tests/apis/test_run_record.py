"""The command of a run is kept so that it can be given again."""

import pytest

from ssltoolbox.apis.run_record import FILE, note_command, read_commands, train_command


def test_a_command_is_what_was_typed(tool):
    command = train_command(
        'a.py', 'out', {'size': [4, 3], 'name': 'x'}, stage='semi', amp=True
    )
    import shlex

    _, script, *arguments = shlex.split(command)
    args = tool('train').parse_args(arguments)
    assert script == 'tools/train.py' and args.config == 'a.py'
    assert args.work_dir == 'out' and args.stage == 'semi' and args.amp
    assert args.cfg_options == {'size': [4, 3], 'name': 'x'} and not args.resume


def test_several_processes_are_started_by_their_script(monkeypatch):
    monkeypatch.setenv('LOCAL_WORLD_SIZE', '2')
    command = train_command('a.py', 'out', {}, 'pytorch')
    assert command == 'tools/dist_train.sh a.py 2 --work-dir out'


def test_commands_are_kept_in_order_and_once(tmp_path):
    for command in ('one', 'two', 'one'):
        note_command(tmp_path, command)
    found = read_commands(tmp_path)
    assert found['commands'] == ['two', 'one'] and found['versions']['torch']


def test_nothing_is_known_of_an_old_run(tmp_path):
    assert read_commands(tmp_path) == {}


@pytest.mark.parametrize('text', ['', '[]', '{"commands": [1]}'])
def test_a_damaged_list_is_refused(tmp_path, text):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ValueError, match=FILE):
        read_commands(tmp_path)
