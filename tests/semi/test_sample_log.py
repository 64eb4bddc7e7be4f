"""Few samples of a long training, spread over it, whatever interrupts it."""

import numpy as np
import pytest

from ssltoolbox.semi.sample_log import LIST, SampleLog, read_samples, side_by_side

GREY = [[np.full((8, 16, 3), 128, np.uint8)] * 2] * 2


def facts(step):
    return [dict(name=f's{step}', fate='kept', values={'kept': 0.5})] * 2


def steps(folder):
    return [each['step'] for each in read_samples(folder)]


def test_what_is_added_is_read_with_its_pictures(tmp_path):
    SampleLog(tmp_path, 10).add(3, facts(3), GREY)
    first, second = read_samples(tmp_path)
    assert first['step'] == 3 and first['values'] == {'kept': 0.5}
    assert first['file'] != second['file']
    assert {p.name for p in tmp_path.glob('*.jpg')} == {first['file'], second['file']}


def test_the_number_is_bounded_and_spread(tmp_path):
    log = SampleLog(tmp_path, 8)
    for step in range(1, 41):
        log.add(step, facts(step), GREY)
    kept = sorted(set(steps(tmp_path)))
    assert len(steps(tmp_path)) == 8 and kept[0] == 1 and kept[-1] == 40
    assert len(list(tmp_path.glob('*.jpg'))) == 8


def test_a_resumed_run_leaves_the_same_files(tmp_path):
    whole, killed = SampleLog(tmp_path / 'a', 6), SampleLog(tmp_path / 'b', 6)
    for step in (1, 2, 3):
        whole.add(step, facts(step), GREY)
    # killed after step 3 and resumed from a checkpoint of step 1
    for step in (1, 2, 3, 2, 3):
        killed.add(step, facts(step), GREY)
    a, b = tmp_path / 'a' / LIST, tmp_path / 'b' / LIST
    assert a.read_bytes() == b.read_bytes()
    assert {p.name for p in a.parent.iterdir()} == {p.name for p in b.parent.iterdir()}


@pytest.mark.parametrize('text', ['{', '[]', '{"step": 1}', '{"step": "x"}'])
def test_a_damaged_list_is_named_but_ends_no_training(tmp_path, text):
    (tmp_path / LIST).write_text(text + '\n')
    with pytest.raises(ValueError, match=LIST):
        read_samples(tmp_path)
    SampleLog(tmp_path, 4).add(5, facts(5), GREY)
    assert steps(tmp_path) == [5, 5]


def test_tiles_have_one_height():
    row = side_by_side([np.zeros((10, 20, 3), np.uint8)] * 2, 5)
    assert row.shape == (5, 20, 3)
