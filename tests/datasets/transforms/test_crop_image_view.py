import numpy as np
import pytest
import torch

from ssltoolbox.datasets.multi_source import seeded
from ssltoolbox.datasets.transforms.crop_image_view import (
    CropImageView,
    RandomCropImageView,
    window,
)
from ssltoolbox.geometry.view import View, change_matrix


def sample(width=90, height=60):
    ys, xs = np.mgrid[:height, :width].astype(np.uint8)
    return dict(
        img=np.stack([xs * 2, ys * 2, xs], -1),
        gt_seg_map=xs,
        truth_seg_map=ys,
        ori_shape=(height, width),
    )


@pytest.mark.parametrize(
    'image, size, place, expected',
    [
        ((90, 60), (64, 48), (0.5, 0.5), (5, 0, 80, 60)),
        ((90, 60), (64, 48), (1, 1), (10, 0, 80, 60)),
        ((60, 90), (64, 48), (0, 0.5), (0, 22, 60, 45)),
        ((64, 48), (64, 48), (0.9, 0.9), (0, 0, 64, 48)),
        ((3, 3), (64, 48), (0, 0), (0, 0, 3, 2)),
    ],
)
def test_the_largest_window_of_the_shape(image, size, place, expected):
    assert window(image, size, np.array(place)) == expected


def test_the_matrix_leads_from_the_file_and_shapes_say_what_is_compared():
    out = CropImageView((40, 30))(sample())
    # columns 5 to 84, two to a pixel
    assert out['view'].tolist() == [[0.5, 0, -2.75], [0, 0.5, -0.25], [0, 0, 1]]
    assert out['native_shape'] == (60, 90) and out['ori_shape'] == (30, 40)
    assert out['img'].shape == (30, 40, 3)
    seen = out['gt_seg_map'][0]
    assert set(seen[:3] - np.array([5, 7, 9])) <= {0, 1}
    assert abs(out['img'][10, 20, 0] / 2 - (5 + 40 + 0.5)) <= 1


def test_a_mirrored_turned_window_moves_all_alike():
    view = RandomCropImageView((80, 60), border='reflect')
    change = change_matrix((80, 60), hflip=True, rotation=8)
    with seeded(1):
        out = view.look(sample(), change)
    made = View(torch.from_numpy(out['view'])[None], (80, 60))
    where = torch.tensor([[[40.0, 30.0], [25.0, 20.0]]])
    points = (made.inverse()[:, :2, :2] @ where.double().mT).mT
    points = points + made.inverse()[:, None, :2, 2]
    for (x, y), (u, v) in zip(points[0].tolist(), where[0].int().tolist(), strict=True):
        assert abs(out['gt_seg_map'][v, u] - x) <= 0.75
        assert abs(out['truth_seg_map'][v, u] - y) <= 0.75
        assert abs(out['img'][v, u, 2] - x) <= 1.5


def test_windows_are_drawn_along_the_room_that_there_is():
    lefts = set()
    for seed in range(40):
        with seeded(seed):
            view = RandomCropImageView((40, 30), 0, translation=0, rotation=0)
            lefts.add(round(-view(sample())['view'][0, 2] * 2 - 0.5))
    assert min(lefts) <= 1 and max(lefts) >= 8 and lefts <= set(range(11))


def test_what_it_cannot_move_is_refused():
    with pytest.raises(ValueError, match='CropImageView cannot move keypoints of a'):
        CropImageView((4, 4))(sample() | dict(keypoints=[], img_path='a'))
