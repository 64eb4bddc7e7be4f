import json

import pytest

from ssltoolbox.datasets.label_list import (
    LabelList,
    ids_sha256,
    load_label_list,
    shipped_label_lists,
)


@pytest.fixture
def write(tmp_path):
    def _write(text, name='list.json'):
        path = tmp_path / name
        path.write_text(text if isinstance(text, str) else json.dumps(text))
        return path

    return _write


@pytest.mark.parametrize(
    'name, entries, distinct',
    [
        ('5shot', 250, 249),
        ('10shot', 500, 491),
        ('15shot', 750, 750),
        ('20shot', 1000, 1000),
        ('25shot', 1247, 1247),
        ('bovidae', 755, 755),
    ],
)
def test_shipped_lists_have_the_published_sizes(name, entries, distinct):
    name = f'ap10k_split1_{name}'
    everything = load_label_list(f'{name}.json', drop_duplicates=False)
    once = load_label_list(name)
    assert len(everything) == entries and everything.num_duplicates == 0
    assert len(once) == distinct and once.num_duplicates == entries - distinct
    assert once.key == 'image_id' and once.dataset == 'ap10k'
    assert once.sha256 == everything.sha256 == ids_sha256(everything.ids)
    assert f'{name}.json' in shipped_label_lists()


def test_published_lists_are_independent_draws():
    five, ten = (load_label_list(f'ap10k_split1_{n}shot') for n in (5, 10))
    assert five.ids[:3] == (20026, 20057, 20077)
    assert len(set(five.ids) & set(ten.ids)) == 29


def test_fingerprint_is_sha256_of_comma_joined_text():
    # printf 1,2 | sha256sum
    assert ids_sha256([1, 2]).startswith('17f8af97')
    assert ids_sha256([1, 2]) != ids_sha256([2, 1]) != ids_sha256([12])


def test_plain_list_without_extension_keeps_order_and_drops_repeats(write):
    loaded = load_label_list(write([7, 3, 7, 5], name='annotation_list_5'))
    assert loaded.ids == (7, 3, 5) and loaded.num_duplicates == 1
    assert loaded.key == 'image_id'


def test_written_list_reads_back_and_leaves_no_other_file(tmp_path):
    made = LabelList((4, 2), key='annotation_id', dataset='mice', params={'seed': 1})
    made.write(tmp_path / 'new' / 'list.json')
    read = load_label_list(tmp_path / 'new' / 'list.json')
    assert (read.ids, read.key, read.dataset) == ((4, 2), 'annotation_id', 'mice')
    assert read.params == {'seed': 1} and read.sha256 == made.sha256
    assert [p.name for p in (tmp_path / 'new').iterdir()] == ['list.json']


def test_a_file_here_wins_over_a_shipped_list(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'ap10k_split1_5shot.json').write_text('[1]')
    assert load_label_list('ap10k_split1_5shot.json').ids == (1,)


def test_absent_list_names_the_shipped_ones():
    with pytest.raises(FileNotFoundError, match='ap10k_split1_5shot.json'):
        load_label_list('ap10k_split1_6shot')


@pytest.mark.parametrize(
    'content, message',
    [
        ('[1, 2', 'not valid JSON'),
        ('', 'not valid JSON'),
        ({'images': []}, 'not a label list'),
        ('3', 'expected a list of integer ids, got int'),
        ([1, '2'], "entry 1 is '2'"),
        ([1, True], 'entry 1 is True'),
        ([1, 2.5], 'entry 1 is 2.5'),
        ([], 'is empty'),
        ({'format': 'ssltoolbox-label-list', 'version': 2}, 'version 2'),
        ({'format': 'ssltoolbox-label-list', 'version': 1}, 'lacks the fields'),
    ],
)
def test_refuses_what_is_no_label_list(write, content, message):
    with pytest.raises(ValueError, match=message):
        load_label_list(write(content))


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(ids=[1, 2, 4]), 'do not match the sha256'),
        (dict(key='video'), "got 'video'"),
    ],
)
def test_refuses_an_edited_list(tmp_path, change, message):
    path = tmp_path / 'list.json'
    LabelList((1, 2, 3)).write(path)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ValueError, match=message):
        load_label_list(path)


def test_unknown_key_is_refused_when_made():
    with pytest.raises(ValueError, match='image_id'):
        LabelList((1,), key='name')


def test_check_accepts_known_ids():
    LabelList((1, 2)).check(known_ids=[1, 2, 3], forbidden_ids=[4])


def test_check_counts_unknown_ids():
    with pytest.raises(ValueError, match='2 of 3 ids are not in the toys .first: 8, 9'):
        LabelList((1, 8, 9)).check([1, 2], what='toys')


def test_check_refuses_evaluation_images_even_when_known():
    with pytest.raises(ValueError, match='1 of 2 ids belong to the validation or test'):
        LabelList((1, 2)).check([1, 2], forbidden_ids=[2])
