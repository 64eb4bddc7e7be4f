import shutil

import pytest

from ssltoolbox.datasets.leaks.compare import Pictures, compare
from ssltoolbox.datasets.leaks.image_set import ImageSet
from ssltoolbox.datasets.leaks.message import describe, refusal
from ssltoolbox.datasets.leaks.settings import LeakSettings

from .pictures import texture, write

PARTS = ('labelled', 'unlabelled', 'validation', 'test')
SETTINGS = LeakSettings()


@pytest.fixture
def files(tmp_path):
    return write(tmp_path, **{f'p{n}': texture(n) for n in range(6)})


def records(files, names, **fields):
    return [dict(img_path=files[name], **fields) for name in names]


def findings(settings=SETTINGS, pictures=False, **parts):
    sets = {
        name: each
        if isinstance(each := parts.get(name, []), ImageSet)
        else ImageSet.of(each)
        for name in PARTS
    }
    get = (lambda name: Pictures.of(sets[name], settings)) if pictures else None
    return list(compare(sets, settings, get))


def kinds(found):
    return [(f.kind, f.first, f.second, f.refused, f.count) for f in found]


@pytest.mark.parametrize(
    'first, second, refused',
    [
        ('labelled', 'test', True),
        ('unlabelled', 'test', True),
        ('labelled', 'validation', True),
        ('unlabelled', 'validation', False),
        ('validation', 'test', False),
    ],
)
def test_equal_files_are_refused_where_they_spoil_the_figures(
    files, first, second, refused
):
    sides = {
        first: records(files, ['p0', 'p1']),
        second: records(files, ['p1', 'p2']),
    }
    assert kinds(findings(**sides)) == [('file', first, second, refused, 1)]


def test_labelled_images_may_be_in_the_unlabelled_pool(files):
    same = records(files, ['p0', 'p1'])
    assert findings(labelled=same, unlabelled=same, pictures=True) == []


def test_a_link_is_the_file_that_it_leads_to(files, tmp_path):
    (tmp_path / 'link.png').symlink_to(files['p0'])
    linked = [dict(img_path=str(tmp_path / 'link.png'))]
    found = findings(labelled=records(files, ['p0']), test=linked)
    assert kinds(found) == [('file', 'labelled', 'test', True, 1)]


def test_a_copy_under_another_name_is_found_and_named(files, tmp_path):
    shutil.copy(files['p1'], tmp_path / 'elsewhere.png')
    copies = {'copy': str(tmp_path / 'elsewhere.png'), 'p2': files['p2']}
    (found,) = findings(
        labelled=records(files, ['p0', 'p1']),
        test=records(copies, copies),
        pictures=True,
    )
    assert kinds([found]) == [('copy', 'labelled', 'test', True, 1)]
    assert found.examples == [(files['p1'], copies['copy'])]
    assert found.distances == [0] and found.of == 2
    assert files['p1'] in describe(found) and 'elsewhere.png' in describe(found)


def test_alike_pictures_are_only_told(files):
    bounds = LeakSettings(max_copy=0, max_similar=256)
    (found,) = findings(
        bounds, True, labelled=records(files, ['p0']), test=records(files, ['p1'])
    )
    assert kinds([found]) == [('similar', 'labelled', 'test', False, 1)]
    assert '--group-by' in describe(found)


@pytest.mark.parametrize('key', ['patient', 'group', 'video', 'recording', 'sequence'])
def test_groups_stay_on_one_side(files, key):
    train = records(files, ['p0'], **{key: 'a'}) + records(files, ['p1'], **{key: 'b'})
    test = records(files, ['p2'], **{key: 'b'}) + records(files, ['p3'], **{key: 'c'})
    (found,) = findings(labelled=train, test=test)
    # a sequence is often but the folder of an image
    assert kinds([found]) == [('group', 'labelled', 'test', key != 'sequence', 1)]
    assert found.examples == [(key, 'b')]


def test_groups_of_two_data_roots_are_two(files):
    sets = ImageSet(), ImageSet()
    for root, name, images in zip('ab', ('p0', 'p1'), sets, strict=True):
        images.add(dict(img_path=files[name], id=1, patient=1), root, has_ids=True)
    assert findings(labelled=sets[0], test=sets[1]) == []


def test_equal_ids_and_names_of_one_annotation_are_told(tmp_path):
    sets = {}
    for part in ('labelled', 'test'):
        path = write(tmp_path / part, same=texture(len(part)))['same']
        sets[part] = ImageSet()
        sets[part].add(dict(img_path=path, img_id=7), 'root', has_ids=True)
    assert kinds(findings(**sets)) == [('id', 'labelled', 'test', False, 1)]


def test_pictures_without_contrast_are_not_called_copies(tmp_path):
    black = write(tmp_path, a=texture(0) * 0, b=texture(0) * 0)
    sides = records(black, ['a']), records(black, ['b'])
    assert findings(labelled=sides[0], test=sides[1], pictures=True) == []


def test_large_parts_are_compared_in_part(files):
    images = ImageSet.of(records(files, files))
    chosen = Pictures.of(images, LeakSettings(max_images=3)).files
    assert chosen == [images.files[i] for i in (0, 2, 5)]


def test_a_refusal_says_how_to_go_on(files):
    same = records(files, ['p0'])
    text = refusal(findings(labelled=same, test=same))
    assert files['p0'] in text and "leak_check.allow='REASON'" in text


@pytest.mark.parametrize(
    'values, message',
    [
        (dict(alow='x'), 'no alow; it has allow'),
        (dict(allow=' '), 'reason for the log'),
        (dict(allow=True), 'reason for the log'),
        (dict(allow=dict(similar='x')), "no 'similar'"),
        (dict(max_copy=9, max_similar=8), 'max_copy <= max_similar'),
        (dict(max_images=0), 'at least 1'),
    ],
)
def test_wrong_settings_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        LeakSettings.read(values)
