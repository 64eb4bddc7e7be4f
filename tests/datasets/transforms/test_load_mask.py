import numpy as np
import pytest
from PIL import Image

from ssltoolbox.datasets.transforms.load_mask import LoadMask

CLASSES = np.array([[0, 1, 2], [255, 7, 0]], np.uint8)


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
        (np.zeros((2, 3, 3), np.uint8), (2, 3), r'\(2, 3, 3\).*colours'),
        (CLASSES, (3, 2), r'needs \(3, 2\)'),
        (np.full((2, 3), 300, np.uint16), (2, 3), r'300\.\.300, expected 0\.\.254'),
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
