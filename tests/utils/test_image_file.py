import cv2
import numpy as np
import pytest

from ssltoolbox.utils.image_file import (
    is_image,
    list_files,
    list_images,
    read_image,
    write_image,
)


def picture(value):
    return np.full((8, 12, 3), value, np.uint8)


def test_writing_leaves_one_whole_file(tmp_path):
    path = tmp_path / 'new' / 'sheet.png'
    write_image(path, picture(77))
    assert [file.name for file in path.parent.iterdir()] == ['sheet.png']
    np.testing.assert_array_equal(cv2.imread(str(path)), picture(77))


@pytest.mark.parametrize('name', ['sheet.xyz', 'sheet'])
def test_unknown_format_is_named(tmp_path, name):
    with pytest.raises(ValueError, match='use .png or .jpg'):
        write_image(tmp_path / name, picture(1))
    assert not list(tmp_path.iterdir())


def test_lower_quality_makes_a_smaller_file(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    write_image(tmp_path / 'fine.jpg', noise)
    write_image(tmp_path / 'coarse.jpg', noise, quality=20)
    fine, coarse = ((tmp_path / f'{n}.jpg').stat().st_size for n in ('fine', 'coarse'))
    assert coarse < fine / 2


def test_images_are_found_in_depth_without_hidden_ones(tmp_path):
    for name in ('b.PNG', 'day/a.jpg', '._b.png', 'notes.txt'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b'')
    assert list_images(tmp_path) == ['b.PNG', 'day/a.jpg']


def test_a_folder_without_images_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=f'{tmp_path} holds no image'):
        list_images(tmp_path)


def test_what_is_no_image_reads_as_none(tmp_path):
    (tmp_path / 'a.jpg').write_bytes(b'text')
    assert read_image(tmp_path / 'a.jpg') is None
    assert read_image(tmp_path / 'absent.jpg') is None


def test_images_are_told_by_suffix_and_first_bytes(tmp_path):
    for suffix in ('png', 'jpg', 'bmp', 'tif', 'webp', 'ppm'):
        path = tmp_path / f'a.{suffix}'
        write_image(path, picture(1))
        assert is_image(path)
    (tmp_path / 'a.gif').write_bytes(path.read_bytes())
    (tmp_path / 'b.png').write_text('no image')
    (tmp_path / 'c.png').write_bytes(b'')
    assert not any(is_image(tmp_path / name) for name in ('a.gif', 'b.png', 'c.png'))
    (tmp_path / '.d.png').write_bytes(b'')
    assert list_files(tmp_path)[:3] == ['a.bmp', 'a.gif', 'a.jpg']
    assert '.d.png' not in list_files(tmp_path)


def test_grey_images_of_16_bits_are_read_as_8(tmp_path):
    image = np.uint16([[1000, 2000, 3000, 5000]])
    cv2.imwrite(str(tmp_path / 'a.png'), image)
    read = read_image(tmp_path / 'a.png')
    assert read.shape == (1, 4, 3) and read[0, :, 2].tolist() == [0, 64, 128, 255]
