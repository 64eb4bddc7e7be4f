"""Depth of several networks beside the truth, on a sheet."""

import cv2
import numpy as np
import pytest
from mmengine.config import Config

from ssltoolbox.apis.experiments.depth_sheet import _frames, depth_sheet
from ssltoolbox.testing.toy_tubes.generate import generate
from ssltoolbox.visualization.sheet import GAP

from ...depth_network import CONFIG, write_depth_network


@pytest.fixture(scope='module')
def networks(tmp_path_factory):
    """One whose depth is the brightness, and one that is twice as far everywhere."""
    folder = tmp_path_factory.mktemp('toy')
    options = dict(patients=1, frames=4, width=96, points=80, noise=0, outliers=0)
    generate(folder / 'tubes', **options, progress=False)
    text = CONFIG.replace("data_root='data'", f'data_root={str(folder / "tubes")!r}')
    text = text.replace(
        "pipeline=[dict(type='ssltoolbox.SfmPair', frame=frame)]",
        'pipeline=frame, test_mode=True',
    )
    return {
        name: write_depth_network(folder, name, text, factor)
        for name, factor in (('one', 1.0), ('two', 2.0))
    }


def sheet_of(networks, path, count):
    depth_sheet(networks, path, count)
    return cv2.imread(str(path)).astype(int)


def test_a_row_for_each_frame_a_column_for_each_network(networks, tmp_path):
    one, two, all_four = (
        sheet_of(networks, tmp_path / 'sheet.png', count).shape for count in (1, 2, 9)
    )
    # frame, truth and two networks, with gaps between them and a border
    assert one[1] == two[1] == 4 * 240 + 3 * GAP + 4 * GAP
    assert two[0] - one[0] == (all_four[0] - two[0]) / 2 > 200


def test_the_unit_of_a_network_does_not_show(networks, tmp_path):
    sheet = sheet_of(networks, tmp_path / 'sheet.png', 2)
    truth, one, two = (
        sheet[:, left : left + 240]
        for left in range(2 * GAP + 240 + GAP, sheet.shape[1] - 240, 240 + GAP)
    )
    np.testing.assert_array_equal(one[40:], two[40:])  # below the headings
    assert (truth[40:] != one[40:]).mean() > 0.1


def test_the_truth_has_the_unit_of_the_networks(networks):
    ((path, truth),) = _frames(Config.fromfile(networks['one'][0]), 1)
    file = np.load(path.parent / 'truth' / f'{path.stem}.npy')
    # frames are halved, so the depths of a window lie between those of the frame
    near, far = np.percentile(file, (5, 95))
    assert near == pytest.approx(np.percentile(truth, 5), rel=0.1)
    assert far == pytest.approx(np.percentile(truth, 95), rel=0.1)


@pytest.mark.parametrize('count', [0, 1])
def test_nothing_to_draw_is_refused(networks, tmp_path, count):
    with pytest.raises(ValueError, match='one or more frames of one or more networks'):
        depth_sheet({} if count else networks, tmp_path / 'sheet.png', count)
