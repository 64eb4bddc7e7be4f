import cv2
import numpy as np
import pytest

from ssltoolbox.apis.inference.image_source import ImageSource


def image(value, height=12, width=16):
    return np.full((height, width, 3), value, np.uint8)


def values(source):
    return [(frame.file, frame.index, int(frame.image[0, 0, 0])) for frame in source]


def test_folder_is_searched_in_depth_and_in_order(tmp_path):
    (tmp_path / 'sub').mkdir()
    for i, name in enumerate(['b.png', 'a.png', 'sub/c.PNG']):
        data = cv2.imencode('.png', image(10 * i))[1]
        (tmp_path / name).write_bytes(data.tobytes())
    (tmp_path / 'notes.txt').write_text('no image')
    source = ImageSource(tmp_path)
    assert len(source) == 3
    assert values(source) == [('a.png', 0, 10), ('b.png', 0, 0), ('sub/c.PNG', 0, 20)]


def test_many_images_keep_their_order():
    source = ImageSource([image(i) for i in range(50)])
    assert values(source) == [(str(i), 0, i) for i in range(50)]


def test_unreadable_images_are_named_and_the_rest_goes_on(tmp_path):
    cv2.imwrite(str(tmp_path / 'c.png'), image(30))
    (tmp_path / 'a.jpg').write_bytes(b'no image at all')
    (tmp_path / 'b.jpg').write_bytes(b'')
    source = ImageSource(tmp_path)
    with pytest.warns(UserWarning, match='no image that can') as said:
        assert values(source) == [('c.png', 0, 30)]
    assert len(said) == 2
    assert source.unreadable == ['a.jpg', 'b.jpg']


def test_broken_video_is_named(tmp_path):
    path = tmp_path / 'film.mp4'
    path.write_bytes(b'no video')
    source = ImageSource(path)
    with pytest.warns(UserWarning, match='film.mp4: no frame'):
        assert list(source) == []
    assert source.unreadable == ['film.mp4']


def test_absent_path_and_empty_folder_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='none.jpg does not exist'):
        ImageSource(tmp_path / 'none.jpg')
    with pytest.raises(FileNotFoundError, match='holds no image'):
        ImageSource(tmp_path)


def test_grey_arrays_become_colour_and_others_are_refused():
    frame = next(iter(ImageSource(np.full((4, 5), 9, np.uint8))))
    assert frame.image.shape == (4, 5, 3)
    with pytest.raises(ValueError, match='float32'):
        list(ImageSource(np.zeros((4, 5, 3), np.float32)))


def test_photographs_are_turned_by_their_tag_only_when_wanted(tmp_path):
    from PIL import Image

    photo = Image.fromarray(image(50, height=10, width=20))
    exif = photo.getexif()
    exif[0x0112] = 6  # to be shown turned by 90 degrees
    photo.save(tmp_path / 'photo.jpg', exif=exif)
    upright = next(iter(ImageSource(tmp_path / 'photo.jpg')))
    stored = next(iter(ImageSource(tmp_path / 'photo.jpg', upright=False)))
    assert upright.image.shape == (20, 10, 3)
    assert stored.image.shape == (10, 20, 3)
