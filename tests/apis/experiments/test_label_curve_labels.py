import pytest
from mmengine.config import Config

from ssltoolbox.apis.config import ConfigError
from ssltoolbox.apis.experiments.label_curve_labels import Labelling, labelling_of


def config(**fields):
    return Config(fields, filename=None)


@pytest.mark.parametrize(
    ('labels', 'unit', 'tenth'),
    [
        ('lists/5shot_seed0.json', 'shot', 'lists/10shot_seed3.json'),
        ('a/all_train_4images_fold1.json', 'images', 'a/all_train_10images_fold3.json'),
        (
            '${data_root}/b/x2017_50_fold0.json',
            'labels',
            '${data_root}/b/x2017_10_fold3.json',
        ),
        ('ap10k_split1_5shot', 'shot', 'ap10k_split1_10shot'),
    ],
)
def test_the_name_of_a_list_stands_for_all_of_its_kind(labels, unit, tenth):
    labelling = labelling_of(config(labels=labels))
    assert labelling.unit == unit
    assert labelling.options(10, 3) == {'labels': tenth}
    assert labelling.folds_differ([10]) == ('3.json' in tenth)


def test_a_config_may_say_where_its_lists_are():
    cfg = config(labels='mine.json', label_curve=dict(labels='l/{budget}frames/{seed}'))
    assert labelling_of(cfg).options(7, 1) == {'labels': 'l/7frames/1'}


def test_a_share_is_drawn_anew_for_each_fold_and_a_number_is_not():
    parts = dict(labelled=dict(labels='${labels}'), pool=dict(labels=None))
    labelling = labelling_of(config(labels=0.25, **parts))
    assert labelling.options(0.5, 2) == {'labels': 0.5, 'labelled.seed': 2}
    assert labelling.options(5, 2) == {'labels': 5}
    assert labelling.folds_differ([0.5, 0.25])
    assert not labelling.folds_differ([0.5, 5])


def test_values_are_drawn_nested_and_by_the_fold():
    draw = dict(field='train_set.patients', values=[1, 2, 3, 4])
    labelling = labelling_of(config(label_curve=dict(draw=draw)))
    assert labelling.unit == 'patients'
    drawn = [
        [labelling.options(n, seed)['train_set.patients'] for n in (1, 2, 3, 4)]
        for seed in range(4)
    ]
    for first, *_, last in drawn:
        assert len(first) == 1 and last == [1, 2, 3, 4]
    for sizes in drawn:
        for few, more in zip(sizes, sizes[1:], strict=False):
            assert set(few) < set(more)
    assert len({tuple(sizes[1]) for sizes in drawn}) > 1
    again = [labelling.options(n, 0)['train_set.patients'] for n in (1, 2, 3, 4)]
    assert drawn[0] == again


@pytest.mark.parametrize('budget', [0, 5, 0.5])
def test_more_than_there_is_cannot_be_drawn(budget):
    labelling = Labelling('patients', drawn='x', values=(1, 2, 3, 4))
    with pytest.raises(ConfigError, match='whole numbers from 1 to 4'):
        labelling.options(budget, 0)


@pytest.mark.parametrize(
    ('fields', 'message'),
    [
        ({}, 'has no labels, so add label_curve'),
        (dict(labels='mine.json'), "'mine.json': its name tells no number of labels"),
        (
            dict(labels=5, label_curve=dict(list='x')),
            'nothing reads list; its keys',
        ),
        (dict(label_curve=dict(draw=dict(field='x'))), 'got the keys field'),
    ],
)
def test_what_does_not_tell_is_refused(fields, message):
    with pytest.raises(ConfigError, match=message):
        labelling_of(config(**fields))
