"""Masks go to a person as coloured pictures and come back as classes."""

import json

import numpy as np
import pytest
from PIL import Image

from ssltoolbox.apis.exchange import describe_store, export_store, import_store
from ssltoolbox.semi.map_file import write_maps
from ssltoolbox.semi.map_store import MapStore
from ssltoolbox.semi.mask_store import MaskStore, write_mask

CLASSES = ('background', 'polyp')
ORANGE = (230, 159, 0)


@pytest.fixture
def place(tmp_path):
    """Masks of 8 x 6 px: 1 left and 0 right, one pixel ignored; image 2 is rejected."""
    mask = np.zeros((6, 8), np.uint8)
    mask[:, :4], mask[0, 0] = 1, 255
    sure = np.full((6, 8), 200, np.uint8)
    for i in (1, 2, 3):
        write_mask(tmp_path / 'store', i, mask, sure)
    about = [
        dict(name=name, disagreement=0.1, kept=47 / 48)
        for name in ('a.jpg', 'b.jpg', 'x/a.jpg')
    ]
    members = [dict(checkpoint='net.pth', checkpoint_sha256='12' * 32)]
    meta = dict(classes=CLASSES, members=members)
    MaskStore.write(
        tmp_path / 'store', [1, 2, 3], [0.8, 0.3, 0.9], [True, False, True], meta, about
    )
    export_store(tmp_path / 'store', tmp_path / 'out')
    return tmp_path


def back(place, **arguments):
    return import_store(place / 'out', place / 'store', place / 'new', **arguments)


def paint(place, name, x, y, colour, mode='RGB'):
    path = place / 'out' / 'masks' / name
    with Image.open(path) as file:
        picture = file.convert('RGB')
    picture.putpixel((x, y), colour)
    (picture.quantize() if mode == 'P' else picture.convert(mode)).save(path)


def test_masks_are_shown_in_colours(place):
    # two images called a: their ids tell them apart
    names = sorted(p.name for p in (place / 'out' / 'masks').iterdir())
    assert names == ['a_1.png', 'a_3.png', 'b.png']
    with Image.open(place / 'out' / 'masks' / 'b.png') as file:
        colours = np.array(file.convert('RGB'))
        assert np.array(file)[1, 0] == 1
    assert tuple(colours[1, 0]) == ORANGE
    assert colours[1, 7].tolist() == [0] * 3 and colours[0, 0].tolist() == [255] * 3
    told = json.loads((place / 'out' / 'classes.json').read_text())
    assert told['classes'][1] == dict(id=1, name='polyp', colour=list(ORANGE))


def test_without_edits_every_file_is_identical(place):
    new = back(place)
    for kind in ('masks', 'confidence'):
        for i in (1, 2, 3):
            name = f'{kind}/{i}.png'
            old = (place / 'store' / name).read_bytes()
            assert (place / 'new' / name).read_bytes() == old
    assert new.images == MaskStore.read(place / 'store').images
    assert not new.corrected


@pytest.mark.parametrize('mode', ['RGB', 'RGBA', 'P'])
def test_saving_in_another_format_corrects_nothing(place, mode):
    paint(place, 'b.png', 7, 5, (0, 0, 0), mode)
    new = back(place)
    assert not new.corrected and new.images[2]['accepted'] is False


def test_a_corrected_mask_is_accepted_and_sure(place):
    paint(place, 'b.png', 7, 5, ORANGE)
    new = back(place, by='Ada')
    assert new.corrected == {2} and sorted(new.accepted) == [1, 2, 3]
    classes, confidence = new.load(2)
    assert classes[5, 7] == 1 and classes[0, 0] == 255 and classes[1, 0] == 1
    assert confidence[0, 0] == 0 and (confidence.ravel()[1:] == 255).all()
    image = new.images[2]
    assert image['confidence'] == 1 and image['kept'] == pytest.approx(47 / 48)
    assert image['name'] == 'b.jpg'
    assert 'corrected' not in new.images[1]
    lines = describe_store(place / 'new')
    assert lines[0] == '3 labels: 2 by a network, 1 corrected'
    assert lines[1] == 'network: net.pth (121212121212)'
    assert lines[2].startswith('corrected: 1 by Ada, 20')
    export_store(place / 'new', place / 'out2')
    again = import_store(place / 'out2', place / 'new', place / 'newer')
    assert again.corrected == {2}


def test_grey_class_ids_are_read_too(place):
    mask = np.zeros((6, 8), np.uint8)
    mask[3] = 1
    Image.fromarray(mask).save(place / 'out' / 'masks' / 'a_1.png')
    new = back(place)
    assert new.corrected == {1} and np.array_equal(new.load(1)[0], mask)


def test_checked_images_count_as_corrected_without_a_change(place):
    (place / 'seen.txt').write_text('b.jpg\n')
    new = back(place, checked=place / 'seen.txt')
    assert new.corrected == {2} and 2 in new.accepted
    assert np.array_equal(new.load(2)[0], new.load(1)[0])


def test_only_the_least_sure_images(place):
    assert export_store(place / 'store', place / 'one', least_sure=1) == 1
    assert [p.name for p in (place / 'one' / 'masks').iterdir()] == ['b.png']
    with pytest.raises(ValueError, match='--least-sure must be at least 1'):
        export_store(place / 'store', place / 'none', least_sure=0)


def test_wrong_masks_are_refused(place):
    paint(place, 'b.png', 3, 2, (9, 9, 200))
    with pytest.raises(ValueError, match=r'1 pixels .* the first, x=3 y=2'):
        back(place)
    Image.new('L', (8, 6), 2).save(place / 'out' / 'masks' / 'b.png')
    with pytest.raises(ValueError, match='none of classes 0 to 1'):
        back(place)
    Image.new('L', (16, 12)).save(place / 'out' / 'masks' / 'b.png')
    with pytest.raises(ValueError, match='is 16 x 12 px, it was exported with 8 x 6'):
        back(place)
    (place / 'out' / 'masks' / 'b.png').write_bytes(b'no picture')
    with pytest.raises(ValueError, match='cannot be decoded'):
        back(place)
    (place / 'out' / 'masks' / 'b.png').rename(place / 'out' / 'masks' / 'c.png')
    with pytest.raises(ValueError, match=r'1 unknown masks \(c.png\)'):
        back(place)
    (place / 'out' / 'masks' / 'c.png').unlink()
    with pytest.raises(FileNotFoundError, match=r'lacks 1 of 3 masks \(first: b.png'):
        back(place)
    assert not (place / 'new').exists()


def test_the_store_must_be_the_one_that_was_exported(place):
    meta = place / 'store' / 'meta.json'
    meta.write_text(meta.read_text().replace('net.pth', 'other.pth'))
    with pytest.raises(ValueError, match='exported of another store than'):
        back(place)


def test_probabilities_cannot_be_corrected(tmp_path):
    write_maps(tmp_path / 'maps', 1, np.ones((2, 3, 3)))
    MapStore.write(tmp_path / 'maps', [1], [1.0], [True])
    with pytest.raises(ValueError, match='nobody can correct by hand'):
        export_store(tmp_path / 'maps', tmp_path / 'out')
    with pytest.raises(FileNotFoundError, match='description of a store'):
        export_store(tmp_path, tmp_path / 'out')
