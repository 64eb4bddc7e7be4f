import numpy as np
import pytest
from PIL import Image

from ssltoolbox.datasets.transforms.load_mask import LoadMask

CLASSES = np.array([[0, 1, 2], [255, 7, 0]], np.uint8)
COLOURS = np.full((2, 3, 3), [9, 8, 9], np.uint8)


def loaded(tmp_path, image, shape=(2, 3), **more):
    path = tmp_path / 'mask.png'
    image.save(path)
    record = dict(seg_map_path=str(path), img_path='a.jpg', ori_shape=shape, **more)
    return LoadMask()(record)


def test_a_grey_mask_and_one_with_a_palette_hold_class_ids(tmp_path):
    grey = Image.fromarray(CLASSES)
    palette = Image.fromarray(CLASSES, 'P')
    palette.putpalette([200, 3, 90] * 256)
    for image in (grey, palette):
        mask = loaded(tmp_path, image)['gt_seg_map']
        assert np.array_equal(mask, CLASSES) and mask.dtype == np.uint8


def test_a_mask_of_two_values_counts_from_zero(tmp_path):
    mask = loaded(tmp_path, Image.fromarray(CLASSES > 0))['gt_seg_map']
    assert mask.dtype == np.uint8 and mask.tolist() == [[0, 1, 1], [1, 1, 0]]


def test_the_mask_of_an_unlabelled_image_stays_hidden(tmp_path):
    assert 'gt_seg_map' not in loaded(
        tmp_path, Image.fromarray(CLASSES), labelled=False
    )


@pytest.mark.parametrize(
    'image, shape, says',
    [
        (COLOURS, (2, 3), r'\(2, 3, 3\).*colours'),
        (CLASSES, (3, 2), r'needs \(3, 2\)'),
        (
            np.full((2, 3), 300, np.uint16),
            (2, 3),
            'from 300 to 300, expected .* 0 to 254',
        ),
    ],
)
def test_what_is_no_mask_of_the_image_is_refused(tmp_path, image, shape, says):
    with pytest.raises(ValueError, match=says):
        loaded(tmp_path, Image.fromarray(image), shape)


def test_absent_and_damaged_files_are_named(tmp_path):
    record = dict(img_path='a.jpg', ori_shape=(2, 3))
    with pytest.raises(FileNotFoundError, match='mask None of image a.jpg'):
        LoadMask()(dict(record))
    path = tmp_path / 'broken.png'
    with pytest.raises(FileNotFoundError, match='broken.png'):
        LoadMask()(record | {'seg_map_path': str(path)})
    path.write_bytes(b'no image')
    with pytest.raises(ValueError, match='broken.png cannot be decoded'):
        LoadMask()(record | {'seg_map_path': str(path)})


def test_a_class_that_the_data_set_has_not_is_refused(tmp_path):
    image = Image.fromarray(CLASSES)
    assert loaded(tmp_path, image, num_classes=8)['gt_seg_map'].max() == 255
    with pytest.raises(ValueError, match=r'has class 7, but the 7 classes .* 0\.\.6'):
        loaded(tmp_path, image, num_classes=7)


@pytest.fixture
def said(monkeypatch):
    """Collect what is told in the log."""
    texts = []
    monkeypatch.setattr(
        'ssltoolbox.datasets.transforms.load_mask.print_log',
        lambda text, *a, **k: texts.append(text),
    )
    return texts


def encoded(path, codes=((0,), (255,)), snap=0, shape=(2, 3)):
    record = dict(seg_map_path=str(path), ori_shape=shape, codes=codes, num_classes=2)
    return LoadMask(snap=snap)(record)['gt_seg_map']


def test_values_of_the_file_become_class_ids(tmp_path, said):
    Image.fromarray(np.uint8([[0, 255, 0], [255, 0, 255]])).save(tmp_path / 'a.bmp')
    mask = encoded(tmp_path / 'a.bmp')
    assert mask.tolist() == [[0, 1, 0], [1, 0, 1]] and mask.dtype == np.uint8
    assert encoded(tmp_path / 'a.bmp', [[255], [0]]).tolist() == [[1, 0, 1], [0, 1, 0]]
    assert not said


def test_a_value_without_a_class_names_file_and_value(tmp_path):
    Image.fromarray(np.uint8([[0, 255, 7]] * 2)).save(tmp_path / 'a.png')
    says = r'a.png: the values 7 \(2 of 6 pixels\).*codes.txt.*snap=16.*PNG'
    with pytest.raises(ValueError, match=says):
        encoded(tmp_path / 'a.png')


def test_a_lossy_mask_is_snapped_and_told_once_per_folder(tmp_path, said):
    truth = np.zeros((32, 48), np.uint8)
    truth[8:25, 9:40] = 255
    for folder in ('a', 'b'):
        (tmp_path / folder).mkdir()
        for name in ('1.jpg', '2.jpg'):
            Image.fromarray(truth).convert('RGB').save(tmp_path / folder / name)
    path = tmp_path / 'a' / '1.jpg'
    with pytest.raises(ValueError, match='belong to no class'):
        encoded(path, shape=(32, 48))
    load = LoadMask(snap=127)
    for folder in ('a', 'a', 'b', 'b'):
        record = dict(
            seg_map_path=str(tmp_path / folder / '1.jpg'),
            ori_shape=(32, 48),
            codes=[[0], [255]],
        )
        assert np.array_equal(load(record)['gt_seg_map'], truth > 0)
    assert len(said) == 2
    assert 'pixels had' in said[0] and 'nearest class (snap=127)' in said[0]


def test_grey_stored_in_colours_is_grey(tmp_path):
    grey = np.uint8([[0, 255, 0]] * 2)
    for mode in ('RGB', 'RGBA', 'LA'):
        Image.fromarray(grey).convert(mode).save(tmp_path / 'a.png')
        assert encoded(tmp_path / 'a.png').tolist() == [[0, 1, 0]] * 2
    hidden = np.dstack([grey * 0] * 3 + [grey])
    Image.fromarray(hidden, 'RGBA').save(tmp_path / 'a.png')
    with pytest.raises(ValueError, match=r'shape \(2, 3, 4\)'):
        encoded(tmp_path / 'a.png')


def test_numbers_of_16_bits_and_fractions(tmp_path):
    Image.fromarray(np.uint16([[0, 255, 0]] * 2)).save(tmp_path / 'a.png')
    assert encoded(tmp_path / 'a.png').tolist() == [[0, 1, 0]] * 2
    Image.fromarray(np.float32([[0, 0.5, 0]] * 2)).save(tmp_path / 'a.tif')
    with pytest.raises(ValueError, match='from 0.0 to 0.5, expected whole numbers'):
        encoded(tmp_path / 'a.tif')


def test_a_mask_in_memory_holds_class_ids(tmp_path):
    record = dict(seg_map=CLASSES[:1], ori_shape=(1, 3), codes=[[0], [5], [9]])
    assert LoadMask()(record)['gt_seg_map'].tolist() == [[0, 1, 2]]


@pytest.mark.parametrize('snap', [-1, 128, 0.5])
def test_snap_is_a_number_of_grey_levels(snap):
    with pytest.raises(ValueError, match='snap is a whole number'):
        LoadMask(snap=snap)
