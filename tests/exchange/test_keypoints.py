"""Keypoints go to a person and come back; what does not fit is refused."""

import json

import numpy as np
import pytest
from PIL import Image

from ssltoolbox.apis import exchange
from ssltoolbox.apis.exchange import describe_store, export_store, import_store
from ssltoolbox.exchange.pool import Pool
from ssltoolbox.semi.store import LabelStore

NAMES = {0: 'nose', 1: 'tail'}
BIG = 2**62 + 11  # ids made of names are larger than JavaScript can count


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Three instances in two images of 100 x 80 px, and their store."""
    files = {}
    for name in ('a.png', 'sub/b.png'):
        path = tmp_path / 'images' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new('L', (100, 80)).save(path)
        files[name] = path
    # instance 7 is the one of b, 5 and BIG are in a; BIG is the least sure
    LabelStore.write(
        tmp_path / 'store',
        [7, 5, BIG],
        [[[10.123, 20.456], [30, 40]], [[1, 2], [3, 4]], [[50, 60], [-9, 70]]],
        [[0.9, 0.8], [0.7, 0.0], [0.2, 0.1]],
        dict(checkpoint='net.pth', checkpoint_sha256='abcdef' * 10),
    )
    boxes = {7: (0, 0, 50, 50), 5: (0, 0, 9, 9), BIG: (40, 40, 90, 79)}
    pool = Pool(
        {7: files['sub/b.png'], 5: files['a.png'], BIG: files['a.png']},
        {i: np.array(box, float) for i, box in boxes.items()},
        dict(
            dataset_name='pets', keypoint_id2name=NAMES, skeleton_links=[(0, 1)],
        ),
    )  # fmt: skip
    monkeypatch.setattr(exchange, 'open_pool', lambda *_: pool)
    export_store(tmp_path / 'store', tmp_path / 'out')
    return tmp_path


def edit(place, change, folder='out'):
    """Change the exported JSON as a person, or a careless tool, would."""
    path = place / folder / 'labels.json'
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def back(place, **arguments):
    return import_store(place / 'out', place / 'store', place / 'new', **arguments)


def same(ours, theirs, rows=slice(None)):
    return all(
        np.array_equal(getattr(ours, key)[rows], getattr(theirs, key)[rows])
        for key in ('ids', 'keypoints', 'scores', 'corrected')
    )


def test_coco_json_has_images_instances_and_joints(place):
    coco = json.loads((place / 'out' / 'labels.json').read_text())
    assert [(i['id'], i['file_name']) for i in coco['images']] == [
        (1, 'a.png'),
        (2, 'sub/b.png'),
    ]
    assert coco['images'][0]['width'] == 100 and coco['images'][0]['height'] == 80
    assert [a['id'] for a in coco['annotations']] == [1, 2, 3]
    of_b = coco['annotations'][2]
    assert of_b['keypoints'] == [10.12, 20.46, 2, 30, 40, 2]
    assert of_b['bbox'] == [0, 0, 50, 50] and of_b['image_id'] == 2
    # without a score, and outside of the image: no label
    assert coco['annotations'][0]['keypoints'] == [1, 2, 2, 0, 0, 0]
    assert coco['annotations'][1]['keypoints'] == [50, 60, 2, 0, 0, 0]
    (category,) = coco['categories']
    assert category['keypoints'] == ['nose', 'tail']
    assert category['skeleton'] == [[1, 2]]


def test_without_edits_the_labels_are_identical(place):
    store, new = LabelStore.read(place / 'store'), back(place)
    assert same(store, new) and not new.corrected.any()
    assert new.meta['checkpoint_sha256'] == store.meta['checkpoint_sha256']
    assert new.meta['corrections'][0]['labels'] == 0


def test_a_moved_joint_makes_the_instance_a_person_s(place):
    def move(content):
        content['annotations'][2]['keypoints'][:2] = [12.5, 20]
        # as tools round, and clear what has no label
        content['annotations'][1]['keypoints'] = [50.04, 60, 2, 5, 5, 0]

    edit(place, move)
    store, new = LabelStore.read(place / 'store'), back(place, by='Ada')
    row = store.lookup([7])[0]
    assert new.corrected.tolist() == [i == 7 for i in store.ids]
    assert new.keypoints[row].tolist() == [[12.5, 20], [30, 40]]
    assert new.scores[row].tolist() == [1, 1]
    assert same(store, new, store.ids != 7)
    assert describe_store(place / 'new')[:2] == [
        '3 labels: 2 by a network, 1 corrected',
        'network: net.pth (abcdefabcdef)',
    ]
    assert describe_store(place / 'new')[2].startswith('corrected: 1 by Ada, 20')


def test_a_joint_that_was_taken_out_has_no_score(place):
    edit(place, lambda c: c['annotations'][2]['keypoints'].__setitem__(5, 0))
    new = back(place)
    row = new.lookup([7])[0]
    assert new.scores[row].tolist() == [1, 0] and new.corrected[row]


def test_a_corrected_store_can_be_corrected_again(place):
    edit(place, lambda c: c['annotations'][2]['keypoints'].__setitem__(5, 0))
    back(place)
    export_store(place / 'new', place / 'out2')
    again = import_store(place / 'out2', place / 'new', place / 'newer', by='Bob')
    assert same(LabelStore.read(place / 'new'), again)
    assert [entry['labels'] for entry in again.meta['corrections']] == [1, 0]


def test_checked_images_count_as_corrected_without_a_change(place):
    (place / 'seen.txt').write_text('# by Ada\na.png\n')
    store, new = (
        LabelStore.read(place / 'store'),
        back(place, checked=place / 'seen.txt'),
    )
    assert new.corrected.tolist() == [i != 7 for i in store.ids]
    assert np.array_equal(new.keypoints, store.keypoints)
    assert new.scores[new.lookup([5])[0]].tolist() == [1, 0]
    (place / 'seen.txt').write_text('c.png')
    with pytest.raises(ValueError, match=r'1 unknown image names \(c.png\)'):
        import_store(
            place / 'out', place / 'store', place / 'x', checked=place / 'seen.txt'
        )


def test_only_the_least_sure_images(place):
    assert export_store(place / 'store', place / 'one', least_sure=1) == 1
    coco = json.loads((place / 'one' / 'labels.json').read_text())
    assert [i['file_name'] for i in coco['images']] == ['a.png']
    assert len(coco['annotations']) == 2
    new = import_store(place / 'one', place / 'store', place / 'new')
    assert same(LabelStore.read(place / 'store'), new)


def test_images_are_copied_under_their_names(place):
    export_store(place / 'store', place / 'full', copy_images=True)
    assert (place / 'full' / 'images' / 'sub' / 'b.png').is_file()


def swap_ids(content):
    first, second = content['annotations'][:2]
    first['id'], second['id'] = second['id'], first['id']


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (
            lambda c: c['annotations'][0].update(id=99),
            r'1 unknown annotation ids \(99\)',
        ),
        (lambda c: c['images'][0].update(file_name='z.png'), r'unknown images \(z.png'),
        (
            lambda c: c['images'][0].update(width=50, height=40),
            'a.png is 50 x 40 px, it was exported with 100 x 80',
        ),
        (
            lambda c: c['annotations'][0].update(keypoints=[1, 2, 2]),
            'has 1 keypoints, expected 2',
        ),
        (lambda c: c['annotations'][0].pop('keypoints'), 'has lost its keypoints'),
        (
            lambda c: c['categories'][0].update(keypoints=['tail', 'nose']),
            'neither renamed, lost nor put into another order',
        ),
        (lambda c: c['annotations'].pop(), r'lacks 1 of 3 .*--accept-deleted'),
        (lambda c: c['annotations'][0].update(image_id=2), 'the tool gave other ids'),
        (swap_ids, 'the tool gave other ids'),
        (
            lambda c: c['annotations'][0].update(keypoints=[100, 2, 2, 0, 0, 0]),
            "'nose' outside of its image",
        ),
        (
            lambda c: c['annotations'][0].update(keypoints=[1, 2, 5, 0, 0, 0]),
            'visibility that is not 0, 1 or 2',
        ),
        (lambda c: c['info'].update(export='0' * 64), 'is of another export than'),
    ],
)
def test_what_does_not_fit_is_refused(place, change, message):
    edit(place, change)
    with pytest.raises(ValueError, match=message):
        back(place)
    assert not (place / 'new').exists()


def test_instances_that_were_deleted_on_purpose_lose_their_joints(place):
    edit(place, lambda c: c['annotations'].pop())
    new = back(place, accept_deleted=True)
    row = new.lookup([7])[0]
    assert not new.scores[row].any() and new.corrected[row]


def test_the_store_must_be_the_one_that_was_exported(place):
    LabelStore.write(place / 'other', [7], [[[1, 2], [3, 4]]], [[1, 1]])
    with pytest.raises(ValueError, match='exported of another store than'):
        import_store(place / 'out', place / 'other', place / 'new')
    with pytest.raises(FileNotFoundError, match='record of an export'):
        import_store(place / 'images', place / 'store', place / 'new')


def test_a_file_of_another_export_of_the_same_store_is_refused(place):
    export_store(place / 'store', place / 'one', least_sure=1)
    (place / 'one' / 'labels.json').rename(place / 'out' / 'labels.json')
    with pytest.raises(ValueError, match='is of another export than'):
        back(place)


def test_nothing_is_overwritten(place):
    with pytest.raises(FileExistsError, match='nothing is overwritten'):
        import_store(place / 'out', place / 'store', place / 'store')
