import numpy as np
import pytest
from PIL import Image

from ssltoolbox.registry import TRANSFORMS


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
