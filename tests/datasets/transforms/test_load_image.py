import numpy as np
import pytest
from PIL import Image

from ssltoolbox.registry import TRANSFORMS
from ssltoolbox.utils.image_file import to_8_bit


@pytest.fixture
def load():
    return TRANSFORMS.build(dict(type='ssltoolbox.LoadImage'))


def test_reads_bgr_as_stored(load, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # 'turn by 90 degrees'
    path = tmp_path / 'a.png'
    Image.new('RGB', (8, 4), (255, 0, 0)).save(path, exif=exif)
    read = load(dict(img_path=str(path), id=1))
    assert read['img'].shape == (4, 8, 3) and read['ori_shape'] == (4, 8)
    assert read['img'][0, 0].tolist() == [0, 0, 255]


def test_absent_image_names_file_and_annotation(load, tmp_path):
    path = str(tmp_path / 'b.jpg')
    with pytest.raises(
        FileNotFoundError, match='b.jpg of annotation 17 does not exist'
    ):
        load(dict(img_path=path, id=17))


@pytest.mark.parametrize('content', [b'', b'no image', b'\xff\xd8\xff\xe0'])
def test_damaged_image_names_file_and_annotation(load, tmp_path, content):
    path = tmp_path / 'c.jpg'
    path.write_bytes(content)
    with pytest.raises(ValueError, match='c.jpg of annotation 17 cannot be decoded'):
        load(dict(img_path=str(path), id=17))


def test_image_in_memory_needs_no_file(load):
    image = np.zeros((3, 5, 3), np.uint8)
    assert load(dict(img=image))['img_shape'] == (3, 5)


def test_grey_transparent_and_palette_images_have_three_channels(load, tmp_path):
    path = tmp_path / 'a.png'
    red = Image.new('RGBA', (8, 4), (255, 0, 0, 10))
    for image, value in ((red, [0, 0, 255]), (red.convert('P'), [0, 0, 255])):
        image.save(path)
        read = load(dict(img_path=str(path)))['img']
        assert read.shape == (4, 8, 3) and read[0, 0].tolist() == value
    for mode in ('L', 'LA', '1'):
        Image.new('L', (8, 4), 255).convert(mode).save(path)
        assert (load(dict(img_path=str(path)))['img'] == 255).all()


@pytest.mark.parametrize('suffix', ['png', 'tif'])
def test_values_of_16_bits_fill_8(load, tmp_path, suffix):
    path = tmp_path / f'a.{suffix}'
    Image.fromarray(np.uint16([[1000, 2000, 3000, 5000]])).save(path)
    read = load(dict(img_path=str(path)))['img']
    # (2000 - 1000) / 4000 of 255 is 63.75
    assert read.dtype == np.uint8 and read.shape == (1, 4, 3)
    assert read[0, :, 0].tolist() == [0, 64, 128, 255]
    assert (read == read[..., :1]).all()


def test_an_even_image_of_16_bits_is_black(load, tmp_path):
    path = tmp_path / 'a.png'
    Image.fromarray(np.full((2, 2), 700, np.uint16)).save(path)
    assert (load(dict(img_path=str(path)))['img'] == 0).all()


def test_numbers_of_any_type_are_scaled():
    assert to_8_bit(np.float32([-1, 0, 1])).tolist() == [0, 128, 255]
    image = np.uint8([3, 7])
    assert to_8_bit(image) is image
    with pytest.raises(ValueError, match='no numbers'):
        to_8_bit(np.float32([0, np.nan]))
