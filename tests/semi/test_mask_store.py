import json

import numpy as np
import pytest

from ssltoolbox.semi.mask_store import MaskStore, mask_file, write_mask

IDS = [10, 20, 2**62]
CONFIDENCE, ACCEPTED = [0.5, 0.75, 1.0], [True, False, True]


@pytest.fixture
def store(tmp_path):
    for i in IDS:
        classes = np.full((3, 5), i % 3, np.uint8)
        write_mask(tmp_path, i, classes, np.full((3, 5), 128, np.uint8))
    about = [dict(name=f'a{i}', disagreement=0.1) for i in IDS]
    return MaskStore.write(tmp_path, IDS, CONFIDENCE, ACCEPTED, {'x': 1}, about)


def test_what_is_written_is_read(store):
    read = MaskStore.read(store.folder)
    assert read == store and read.known == set(IDS) and read.meta['x'] == 1
    assert set(read.accepted) == {10, 2**62}
    classes, confidence = read.load(20)
    assert classes.dtype == confidence.dtype == np.uint8
    assert classes.tolist() == [[2] * 5] * 3 and (confidence == 128).all()
    image = read.images[20]
    assert image['name'] == 'a20' and image['accepted'] is False
    assert image['confidence'] == 0.75 and image['disagreement'] == 0.1
    assert image['bytes']['masks'] == mask_file(read.folder, 'masks', 20).stat().st_size


def test_files_of_a_killed_job_are_deleted(store):
    write_mask(store.folder, 99, *np.zeros((2, 3, 5), np.uint8))
    MaskStore.write(store.folder, IDS, CONFIDENCE, ACCEPTED)
    names = {path.name for path in (store.folder / 'masks').iterdir()}
    assert names == {f'{i}.png' for i in IDS}


def test_an_unfinished_store_names_its_stage(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'meta.json is missing.*--stage annot'):
        MaskStore.read(tmp_path / 'store')
    (tmp_path / 'stage.json').write_text('{}')
    with pytest.raises(FileNotFoundError, match=f'--stage {tmp_path.name}'):
        MaskStore.read(tmp_path / 'store')


@pytest.mark.parametrize('kind', ['masks', 'confidence'])
@pytest.mark.parametrize('content', [None, b'', b'no picture'])
def test_changed_files_are_noticed(store, kind, content):
    path = mask_file(store.folder, kind, 20)
    path.unlink() if content is None else path.write_bytes(content)
    told = 'absent' if content is None else f'{len(content)} bytes long'
    with pytest.raises(
        ValueError, match=f'20.png is {told}, meta.json says .* annotate'
    ):
        MaskStore.read(store.folder)


def test_a_damaged_picture_of_the_right_size_is_named(store):
    path = mask_file(store.folder, 'masks', 10)
    path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(ValueError, match=r'10\.png is damaged or no picture'):
        MaskStore.read(store.folder).load(10)


def test_an_unknown_image_is_refused(store):
    with pytest.raises(KeyError, match='image 7 is not known.*same data set'):
        store.load(7)


@pytest.mark.parametrize(
    'change', [dict(format='other'), dict(images=3), dict(version=3)]
)
def test_a_store_of_another_kind_is_refused(store, change):
    file = store.folder / 'meta.json'
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises(ValueError, match='damaged or not one of ours'):
        MaskStore.read(store.folder)


def test_duplicates_numbers_and_absent_files_are_refused(store):
    folder = store.folder
    with pytest.raises(ValueError, match='got 1 duplicates'):
        MaskStore.write(folder, [10, 10], [0, 0], [True, True])
    with pytest.raises(ValueError, match=r'other confidences of the images \[20\]'):
        MaskStore.write(folder, [10, 20], [0, np.nan], [True, True])
    with pytest.raises(FileNotFoundError):
        MaskStore.write(folder, [10, 11], [0, 0], [True, True])
