import json
import tracemalloc

import numpy as np
import pytest

from ssltoolbox.semi.map_file import map_file, read_maps, write_maps
from ssltoolbox.semi.map_store import MapStore

IDS, CONFIDENCE, ACCEPTED = [30, 10, 20], [812.5, 3.25, 500.0], [True, False, True]


def maps_of(img_id, shape=(2, 4, 6)):
    return np.random.default_rng(img_id).uniform(-1, 2, shape).astype(np.float32)


@pytest.fixture
def store(tmp_path):
    for img_id, kept in zip(IDS, ACCEPTED, strict=True):
        if kept:
            write_maps(tmp_path / 'store', img_id, maps_of(img_id))
    return MapStore.write(
        tmp_path / 'store', IDS, CONFIDENCE, ACCEPTED, {'made_by': 'net'}
    )


def test_accepted_maps_come_back_in_half_precision(store):
    read = MapStore.read(store.folder)
    assert set(read.accepted) == {20, 30} and read.known == {10, 20, 30}
    assert read.confidence == {30: 812.5, 10: 3.25, 20: 500.0}
    assert read.meta['made_by'] == 'net' and read.meta['map_shape'] == (2, 4, 6)
    for img_id in read.accepted:
        maps = read.load(img_id)
        assert maps.dtype == np.float32
        assert np.array_equal(maps, maps_of(img_id).astype(np.float16))
        assert read.accepted[img_id] == store.folder / 'maps' / f'{img_id}.npz'


def test_equal_maps_give_equal_bytes(tmp_path):
    for name in 'ab':
        write_maps(tmp_path / name, 1, maps_of(1))
        MapStore.write(tmp_path / name, [1], [0.1], [True], {'x': float('inf')})
    for file in ('meta.json', 'maps/1.npz'):
        first, second = ((tmp_path / name / file).read_bytes() for name in 'ab')
        assert first == second
    # infinity is a setting of filters and no JSON
    assert '"x": "inf"' in (tmp_path / 'a' / 'meta.json').read_text()


@pytest.mark.parametrize(
    'img_id, why', [(10, 'image 10 was rejected'), (7, 'image 7 is not known')]
)
def test_other_images_have_no_maps(store, img_id, why):
    with pytest.raises(KeyError, match=why):
        store.load(img_id)


def test_a_store_in_which_all_was_rejected_is_one(tmp_path):
    MapStore.write(tmp_path, [1, 2], [0.5, 0.25], [False, False])
    store = MapStore.read(tmp_path)
    assert store.known == {1, 2} and not store.accepted
    assert store.meta['map_shape'] is None


def test_maps_alone_are_no_store(tmp_path):
    write_maps(tmp_path, 1, maps_of(1))
    with pytest.raises(FileNotFoundError, match='meta.json is missing.*pseudo_label'):
        MapStore.read(tmp_path)


@pytest.mark.parametrize('keep', [0, 0.5, 0.99])
@pytest.mark.parametrize('file', ['meta.json', 'maps/20.npz'])
def test_a_truncated_file_is_refused(store, file, keep):
    path = store.folder / file
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    with pytest.raises(ValueError, match=r'damaged.*Delete\s+the folder'):
        MapStore.read(store.folder)
    if file != 'meta.json':
        with pytest.raises(ValueError, match=r'20.npz is damaged.*Delete the folder'):
            store.load(20)


def test_a_file_that_is_gone_is_named(store):
    store.accepted[20].unlink()
    with pytest.raises(ValueError, match='20.npz is absent, meta.json says'):
        MapStore.read(store.folder)
    with pytest.raises(FileNotFoundError, match='20.npz does not exist.*run the'):
        store.load(20)


def test_a_changed_byte_is_noticed(store):
    content = bytearray(store.accepted[20].read_bytes())
    content[200] ^= 1
    store.accepted[20].write_bytes(content)
    with pytest.raises(ValueError, match='20.npz is damaged'):
        MapStore.read(store.folder).load(20)


def test_the_maps_of_another_image_are_refused(store):
    store.accepted[20].write_bytes(store.accepted[30].read_bytes())
    with pytest.raises(ValueError, match='20.npz .*it holds image 30, not 20'):
        MapStore.read(store.folder).load(20)


def test_maps_of_another_shape_are_refused(store):
    write_maps(store.folder, 20, maps_of(20, (2, 6, 4)))
    with pytest.raises(ValueError, match=r'shape \(2, 6, 4\), the store holds \(2, 4'):
        MapStore.read(store.folder).load(20)


@pytest.mark.parametrize(
    'maps, why',
    [
        (np.full((1, 2, 2), np.nan, np.float16), 'finite float16 maps'),
        (np.zeros((1, 2, 2), np.float32), 'got float32'),
        (np.zeros((2, 2), np.float16), r'float16 \(2, 2\)'),
        (np.array([{}]), 'allow_pickle'),
    ],
)
def test_what_is_no_map_is_refused(store, maps, why):
    np.savez(store.accepted[20], maps=maps, id=20)
    with pytest.raises(ValueError, match=f'20.npz is damaged.*{why}'):
        read_maps(store.accepted[20], 20)


@pytest.mark.parametrize('content', ['[]', '{}', '{"format": "x", "version": 1}'])
def test_another_format_is_refused(store, content):
    (store.folder / 'meta.json').write_text(content)
    with pytest.raises(ValueError, match='damaged or not one of ours'):
        MapStore.read(store.folder)


def test_a_store_of_keypoints_is_none_of_maps(store):
    meta = json.loads((store.folder / 'meta.json').read_text())
    meta['format'] = 'ssltoolbox-pseudo-labels'
    (store.folder / 'meta.json').write_text(json.dumps(meta))
    with pytest.raises(ValueError, match="'ssltoolbox-pseudo-labels' version 1, exp"):
        MapStore.read(store.folder)


@pytest.mark.parametrize('value', [np.nan, np.inf, 1e6])
def test_numbers_that_half_precision_lacks_are_not_written(tmp_path, value):
    maps = maps_of(1)
    maps[0, 1, 2] = value
    with pytest.raises(ValueError, match='image 1 .* 1 of them not'):
        write_maps(tmp_path, 1, maps)
    assert not list(tmp_path.iterdir())


def test_duplicates_and_confidences_that_are_no_numbers_are_refused(tmp_path):
    with pytest.raises(ValueError, match='1 duplicates'):
        MapStore.write(tmp_path, [1, 1], [0, 0], [False, False])
    with pytest.raises(ValueError, match=r'of the images \[2\]'):
        MapStore.write(tmp_path, [1, 2], [0, np.nan], [False, False])


def test_what_a_killed_job_left_is_deleted(store):
    write_maps(store.folder, 10, maps_of(10))
    (store.folder / 'maps' / '.0a1b.tmp.20.npz').write_bytes(b'half')
    MapStore.write(store.folder, IDS, CONFIDENCE, ACCEPTED)
    left = sorted(path.name for path in (store.folder / 'maps').iterdir())
    assert left == ['20.npz', '30.npz']


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    write_maps(tmp_path, 1, maps_of(1))
    before = map_file(tmp_path, 1).read_bytes()

    def full(path, **arrays):
        path.write_bytes(b'half')
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(np, 'savez', full)
    with pytest.raises(OSError, match='No space left'):
        write_maps(tmp_path, 1, maps_of(2))
    assert [path.name for path in (tmp_path / 'maps').iterdir()] == ['1.npz']
    assert map_file(tmp_path, 1).read_bytes() == before


def test_an_open_store_holds_no_maps(tmp_path):
    count, shape = 20, (4, 64, 64)
    for img_id in range(count):
        write_maps(tmp_path, img_id, maps_of(img_id, shape))
    MapStore.write(tmp_path, range(count), [1.0] * count, [True] * count)
    tracemalloc.start()
    store = MapStore.read(tmp_path)
    for img_id in store.accepted:
        store.load(img_id)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * 4 * 64 * 64 * 4
