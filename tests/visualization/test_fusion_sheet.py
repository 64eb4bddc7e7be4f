import cv2
import numpy as np

from ssltoolbox.visualization.fusion_sheet import FusedImage, fusion_sheet

META = dict(classes=('background', 'polyp'), palette=[[0, 0, 0], [255, 0, 0]])


def sheet(tmp_path, meta=META, **changes):
    """Sheet of one image of one colour, in cells of 280 x 210."""
    fields = dict(
        image=np.full((21, 28, 3), 200, np.uint8),
        classes=np.zeros((21, 28), np.uint8),
        confidence=np.full((21, 28), 255, np.uint8),
        title='a',
    )
    fusion_sheet([FusedImage(**{**fields, **changes})], tmp_path / 'a.png', meta)
    return cv2.imread(str(tmp_path / 'a.png'))


def middle(picture, column):
    """Colour (B, G, R) in the middle of a cell, below the headings."""
    return picture[150, 20 + 290 * column + 140].tolist()


def test_a_pixel_has_the_colour_of_its_class(tmp_path):
    picture = sheet(tmp_path, classes=np.ones((21, 28), np.uint8))
    assert middle(picture, 0) == [200, 200, 200]
    assert middle(picture, 1) == [100, 100, 228]  # half of the palette's red
    assert middle(sheet(tmp_path), 1) == [200, 200, 200]


def test_ignored_pixels_are_dark(tmp_path):
    picture = sheet(tmp_path, classes=np.full((21, 28), 255, np.uint8))
    assert middle(picture, 1) == [80, 80, 80]


def test_a_guess_is_dark_and_certainty_bright(tmp_path):
    bright = middle(sheet(tmp_path), 2)
    guess = middle(sheet(tmp_path, confidence=np.full((21, 28), 128, np.uint8)), 2)
    four = dict(classes=('a', 'b', 'c', 'd'))
    unsure = sheet(tmp_path, four, confidence=np.full((21, 28), 64, np.uint8))
    assert sum(bright) > 400 and sum(guess) < 200
    assert sum(middle(unsure, 2)) < 200


def test_maps_may_be_smaller_than_the_image(tmp_path):
    classes = np.repeat([[0, 1]], 2, 0).astype(np.uint8)
    picture = sheet(tmp_path, classes=classes, confidence=classes * 255)
    assert picture[150, 320].tolist() == [200] * 3
    assert picture[150, 580].tolist() == [100, 100, 228]
