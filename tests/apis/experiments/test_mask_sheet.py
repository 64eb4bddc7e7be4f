"""Masks of several networks beside the truth, on a sheet."""

import cv2
import numpy as np
import pytest

from ssltoolbox.apis.experiments.mask_sheet import _dice, mask_sheet
from ssltoolbox.visualization.sheet import GAP

from ...segmentor import CONFIG, write_segmentor

pytestmark = pytest.mark.filterwarnings('ignore:Default ``avg_non', 'ignore:For binary')


@pytest.fixture
def networks(tmp_path):
    """One that is right, since class 1 is what is bright, and one that is wrong."""
    for number in range(3):
        image = np.full((24, 32, 3), 60, np.uint8)
        image[:, 8 : 16 + number] = 200
        for folder, content in (
            ('images', image),
            ('masks', (image[..., 0] > 128).astype(np.uint8)),
        ):
            (tmp_path / folder).mkdir(exist_ok=True)
            cv2.imwrite(str(tmp_path / folder / f'{number}.png'), content)
    text = CONFIG.replace("data_root=''", f'data_root={str(tmp_path)!r}')
    return {
        name: write_segmentor(tmp_path, name, text, sign)
        for name, sign in (('right', 1.0), ('wrong', -1.0))
    }


def test_a_row_for_each_image_a_column_for_each_network(networks, tmp_path):
    sheets = []
    for count in (1, 2, 9):  # there are three images
        mask_sheet(networks, tmp_path / 'sheet.png', count)
        sheets.append(cv2.imread(str(tmp_path / 'sheet.png')).shape[:2])
    # image, truth and two networks, with gaps between them and a border
    assert {width for _, width in sheets} == {4 * 300 + 3 * GAP + 4 * GAP}
    (one, _), (two, _), (three, _) = sheets
    assert two - one == three - two > 240


def test_dice_is_that_of_the_foreground_on_known_pixels():
    truth = np.array([[0, 1, 1, 255]], np.uint8)
    assert _dice(np.array([[0, 1, 0, 1]], np.uint8), truth, 2) == 'Dice 66.7'
    nothing = np.zeros((1, 4), np.uint8)
    assert _dice(nothing, nothing, 2) == 'nothing there'


@pytest.mark.parametrize('count', [0, 1])
def test_nothing_to_draw_is_refused(networks, tmp_path, count):
    with pytest.raises(ValueError, match='one or more images of one or more networks'):
        mask_sheet({} if count else networks, tmp_path / 'sheet.png', count)
