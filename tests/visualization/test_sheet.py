import cv2
import numpy as np
import pytest

from ssltoolbox.visualization.colors import KEPT, PAPER
from ssltoolbox.visualization.draw import joint_icon
from ssltoolbox.visualization.pseudo_labels import pseudo_label_panel
from ssltoolbox.visualization.sheet import fit, grid, legend_strip, text_strip


def picture(value, height=40, width=40):
    return np.full((height, width, 3), value, np.uint8)


def test_pictures_lie_row_by_row():
    images = [picture(10 * i) for i in range(1, 5)]
    sheet = grid(images, cols=2, cell=(40, 40))
    assert sheet.shape == (40 * 2 + 10 + 40, 40 * 2 + 10 + 40, 3)
    corners = [sheet[40, 40], sheet[40, 90], sheet[90, 40], sheet[90, 90]]
    assert [int(pixel[0]) for pixel in corners] == [10, 20, 30, 40]


def test_last_row_is_filled_with_paper():
    sheet = grid([picture(10)] * 3, cols=2, cell=(40, 40))
    assert tuple(sheet[90, 90]) == PAPER


@pytest.mark.parametrize(
    'extra',
    [
        {'titles': ['a', 'b']},
        {'headings': ['left', 'right']},
        {'row_titles': ['sample 7']},
        {'legend': {'kept': joint_icon(KEPT)}},
    ],
)
def test_text_makes_the_sheet_higher(extra):
    images = [picture(10), picture(20)]
    plain = grid(images, cols=2, cell=(60, 60))
    full = grid(images, cols=2, cell=(60, 60), **extra)
    assert full.shape[0] > plain.shape[0]
    assert full.shape[1] == plain.shape[1]
    assert full.min() < 100


def test_shape_of_a_picture_is_kept():
    cell = fit(picture(10, height=20, width=80), (40, 40))
    assert (cell[:, 20, 0] < 100).sum() == 10
    assert fit(np.zeros((5, 5), np.uint8), (10, 12)).shape == (12, 10, 3)


def test_long_text_stays_in_its_strip():
    strip = text_strip('a very long caption ' * 20, 100, 14)
    assert strip.shape[1] == 100
    assert text_strip('', 100, 14).min() == PAPER[0]


def test_a_legend_goes_on_in_the_next_line():
    legend = {name: joint_icon(KEPT) for name in ('left clasper', 'shaft', 'not kept')}
    lines = {width: legend_strip(legend, width, 12) for width in (600, 130, 60)}
    assert [strip.shape[0] // 24 for strip in lines.values()] == [1, 3, 3]
    assert all(row.min() < 100 for row in lines[130].reshape(3, 24, 130, 3))
    assert (lines[130][:, -3:] == PAPER).all()


def test_empty_grid_is_refused():
    with pytest.raises(ValueError, match='images is empty'):
        grid([])


def test_titles_must_match():
    with pytest.raises(ValueError, match='1 titles for 2 images'):
        grid([picture(1)] * 2, ['a'])


def test_panel_has_one_row_per_sample(tmp_path):
    path = tmp_path / 'panel.png'
    columns = {'weak': [picture(10)] * 3, 'teacher': [picture(20)] * 3}
    pseudo_label_panel(columns, path, ['a', 'b', 'c'], cell=(80, 80))
    sheet = cv2.imread(str(path))
    dark = sheet[:, 60, 0] == 10
    assert (np.diff(dark.astype(int)) == 1).sum() == 3


def test_panel_with_uneven_columns_is_refused(tmp_path):
    columns = {'weak': [picture(1)], 'teacher': []}
    with pytest.raises(ValueError, match="'weak': 1, 'teacher': 0"):
        pseudo_label_panel(columns, tmp_path / 'panel.png')
