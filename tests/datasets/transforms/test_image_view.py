import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from ssltoolbox.datasets.multi_source import seeded
from ssltoolbox.datasets.transforms.image_view import ImageView, RandomImageView
from ssltoolbox.geometry.view import View, change_matrix, project_points

LINKS = [(0, 2), (1, 2), (2, 3), (3, 4)]
MIRROR = [1, 0, 2, 3, 4]


def record(size=(90, 60), instances=2, seed=0):
    rng = np.random.default_rng(seed)
    w, h = size
    image = cv2.GaussianBlur(rng.integers(0, 256, (h, w, 3), np.uint8), (0, 0), 2)
    points = rng.uniform(20, 40, (instances, 5, 2)).astype(np.float32)
    return dict(
        img=image,
        keypoints=points,
        keypoints_visible=np.ones((instances, 5), np.float32),
        flip_indices=MIRROR,
        skeleton_links=LINKS,
    )


def test_the_plain_view_is_opencvs_resize_and_its_matrix_says_where_pixels_went():
    made = record((80, 60))
    image = made['img'].copy()
    out = ImageView((40, 30))(made)
    assert np.array_equal(out['img'], cv2.resize(image, (40, 30)))
    # two pixels become one: pixels 0 and 1 lie half a pixel around pixel 0
    assert out['view'].tolist() == [[0.5, 0, -0.25], [0, 0.5, -0.25], [0, 0, 1]]
    assert out['view'].dtype == np.float64 and out['flip'] is False
    assert out['img_shape'] == (30, 40) and out['input_size'] == (40, 30)
    expected = made['keypoints'] * 0.5 - 0.25
    assert np.allclose(out['transformed_keypoints'], expected, atol=1e-5)


def test_mmposes_way_back_to_the_image_agrees_with_the_matrix():
    out = ImageView((36, 30))(record((90, 60)))
    back = out['transformed_keypoints'] / out['input_size'] * out['input_scale']
    back += out['input_center'] - out['input_scale'] / 2
    assert np.allclose(back, out['keypoints'], atol=1e-4)


CHANGES = {
    'hflip': dict(hflip=True),
    'vflip': dict(vflip=True),
    'half turn': dict(hflip=True, vflip=True),
    'shift': dict(translation=(3, -4)),
    'turn': dict(rotation=17),
    'all': dict(hflip=True, rotation=-9, scale=1.2, translation=(2.5, 1)),
}


@pytest.mark.parametrize('name', CHANGES)
def test_image_mask_map_and_keypoints_move_alike(name):
    x, y = 50, 22
    made = record((80, 60))
    made['img'] = np.zeros((60, 80, 3), np.uint8)
    cv2.circle(made['img'], (x, y), 3, (255, 255, 255), -1)
    made['gt_seg_map'] = made['img'][..., 0] // 255
    made['keypoints'][0, 2] = x, y
    cells = np.stack(np.meshgrid(np.arange(80), np.arange(60)), -1)
    # the plain view is twice the image, and a cell of the map two of its pixels
    centre = np.array([x, y])
    gauss = np.exp(-np.square(cells - centre).sum(-1) / 18)
    made['pseudo_map'] = np.repeat(gauss[None].astype(np.float32), 9, 0)
    change = change_matrix((160, 120), **CHANGES[name])
    out = ImageView((160, 120)).look(made, change)
    point = out['transformed_keypoints'][0, 2]
    for seen in (out['img'][..., 0] > 127, out['gt_seg_map'] == 1):
        middle = np.argwhere(seen).mean(0)[::-1]
        assert np.abs(middle - point).max() < 0.4
    maps = out['pseudo_map']
    assert maps.shape == (9, 60, 80) and maps.dtype == np.float32
    middle = (cells * maps[4, ..., None]).sum((0, 1)) / maps[4].sum()
    assert np.abs(middle * 2 + 0.5 - point).max() < 0.1


def test_what_the_image_does_not_reach_is_black_and_ignored_and_empty():
    made = record((40, 30)) | {'img': np.full((30, 40, 3), 9, np.uint8)}
    made['gt_seg_map'] = np.ones((30, 40), np.uint8)
    made['pseudo_map'] = np.ones((9, 30, 40), np.float32)
    out = ImageView((40, 30)).look(made, change_matrix((40, 30), translation=(3, 0)))
    assert (out['img'][:, :3] == 0).all() and (out['img'][:, 3:] == 9).all()
    assert (out['gt_seg_map'][:, :3] == 255).all() and (
        out['gt_seg_map'][:, 3:] == 1
    ).all()
    assert (out['pseudo_map'][..., :3] == 0).all() and out['pseudo_map'][..., 3:].all()


def test_a_shrunk_mask_takes_the_pixel_in_the_middle():
    made = record((9, 9)) | {'gt_seg_map': np.arange(81, dtype=np.uint8).reshape(9, 9)}
    assert ImageView((3, 3))(made)['gt_seg_map'][0].tolist() == [10, 13, 16]


@pytest.mark.parametrize('name', CHANGES)
@pytest.mark.parametrize('exchange', [False, True])
def test_a_point_of_the_scene_keeps_its_place_between_views(name, exchange):
    """Round trip of every joint between a plain view and another one."""
    view = ImageView((72, 60), exchange)
    plain = view(record())
    other = view.look(record(), change_matrix((72, 60), **CHANGES[name]))
    assert plain['flip_indices'] == other['flip_indices']
    flip = torch.tensor(other['flip_indices'])
    views = [View(torch.from_numpy(v['view'])[None], (72, 60)) for v in (plain, other)]
    points = [torch.from_numpy(v['transformed_keypoints'][:1]) for v in (plain, other)]
    for (a, b), (there, here) in ((views, points), (views[::-1], points[::-1])):
        assert torch.allclose(project_points(there, a, b, flip), here, atol=1e-4)
    back = torch.linalg.inv(views[1].matrix)[0] @ views[1].matrix[0]
    assert (back - torch.eye(3)).abs().max() < 1e-4


@pytest.mark.parametrize('name', CHANGES)
def test_left_and_right_change_only_in_a_mirrored_view_and_only_if_asked(name):
    mirrored = name in ('hflip', 'vflip', 'all')
    change = change_matrix((72, 60), **CHANGES[name])
    for exchange in (False, True):
        made = record()
        made['keypoints_visible'][:, 1] = 0
        made['pseudo_map'] = np.arange(9, dtype=np.float32)[:, None, None] * np.ones(
            (9, 60, 72), np.float32
        )
        out = ImageView((72, 60), exchange).look(made, change)
        assert out['flip'] is mirrored
        swapped = mirrored and exchange
        assert out['keypoints_visible'][0].tolist() == (
            [0, 1, 1, 1, 1] if swapped else [1, 0, 1, 1, 1]
        )
        order = [1, 0, 2, 3, 4, 6, 5, 7, 8] if swapped else list(range(9))
        assert out['pseudo_map'][:, 30, 36].tolist() == order
        assert out['flip_indices'] == (MIRROR if exchange else [0, 1, 2, 3, 4])


def test_an_image_without_instruments_has_views_too():
    out = RandomImageView((36, 30), 1.0)(record(instances=0))
    assert out['transformed_keypoints'].shape == (0, 5, 2)
    assert out['keypoints_visible'].shape == (0, 5)


def test_a_record_without_joints_has_views_too():
    out = ImageView((36, 30))({'img': np.zeros((60, 90, 3), np.uint8)})
    assert 'transformed_keypoints' not in out and 'flip_indices' not in out


def drawn(seed, **fields):
    with seeded(seed):
        return RandomImageView((72, 60), **fields)(record())


def test_equal_seeds_draw_equal_samples():
    one, same, other = (drawn(seed) for seed in (5, 5, 6))
    for key in ('img', 'view', 'transformed_keypoints'):
        assert np.array_equal(one[key], same[key])
        assert not np.array_equal(one[key], other[key])


def test_random_views_stay_within_their_bounds():
    fields = dict(hflip_prob=0, translation=2, rotation=10, scale=0.25)
    plain = ImageView((72, 60))(record())['view']
    turns, shifts, sizes = [], [], []
    for seed in range(300):
        change = drawn(seed, **fields)['view'] @ np.linalg.inv(plain)
        size = np.sqrt(np.linalg.det(change[:2, :2]))
        sizes.append(size)
        turns.append(np.degrees(np.arctan2(change[0, 1], change[0, 0])))
        shifts.append(change[:2] @ (36, 30, 1) - (36, 30))
    for values, bound in ((turns, 10), (shifts, 2), (np.array(sizes) - 1, 0.25)):
        assert 0.95 * bound < np.abs(values).max() <= bound + 1e-9


def test_a_turn_is_counter_clockwise():
    x, y, _ = change_matrix((100, 100), rotation=90) @ (60, 50, 1)
    assert (x, y) == pytest.approx((50, 40))


@pytest.mark.parametrize(
    'fields',
    [dict(hflip_prob=2), dict(rotation=-1), dict(scale=1), dict(input_size=(0, 3))],
)
def test_bad_fields_are_refused(fields):
    with pytest.raises(ValueError, match='RandomImageView'):
        RandomImageView(**{'input_size': (8, 8), **fields})


def test_maps_of_joints_alone_are_exchanged_without_those_of_links():
    made = record() | {'pseudo_map': np.zeros((5, 60, 72), np.float32)}
    made['pseudo_map'][1] = 1
    view = ImageView((72, 60), exchange_sides=True)
    out = view.look(made, change_matrix((72, 60), hflip=True))
    assert out['pseudo_map'].max((1, 2)).tolist() == [1, 0, 0, 0, 0]


@pytest.mark.parametrize('channels', [4, 8, 10])
def test_maps_of_another_layout_are_refused_where_they_would_be_exchanged(channels):
    made = record() | {'pseudo_map': np.zeros((channels, 60, 72), np.float32)}
    view = ImageView((72, 60), exchange_sides=True)
    with pytest.raises(ValueError, match='5 joints and 4 .* need 5 or 9 channels'):
        view.look(made, change_matrix((72, 60), hflip=True))


def test_a_mirrored_border_goes_on_with_image_and_mask():
    view = RandomImageView((5, 3), border='reflect')
    row = np.arange(5, dtype=np.uint8)[None].repeat(3, 0)
    made = {'img': np.stack([row] * 3, -1), 'gt_seg_map': row, 'truth_seg_map': row}
    made['pseudo_map'] = np.ones((1, 3, 5), np.float32)
    out = view.look(made, change_matrix((5, 3), translation=(2, 0)))
    for mask in (out['img'][..., 1], out['gt_seg_map'], out['truth_seg_map']):
        assert mask[0].tolist() == [2, 1, 0, 1, 2]
    assert out['pseudo_map'][0, 0].tolist() == [0, 0, 1, 1, 1]


def test_turns_have_a_probability():
    fields = dict(hflip_prob=0, translation=0, rotation=10, rotation_prob=0.4)
    plain = ImageView((72, 60))(record())['view']
    turned = [not np.allclose(drawn(s, **fields)['view'], plain) for s in range(100)]
    assert 25 < sum(turned) < 55


def test_other_borders_are_refused():
    with pytest.raises(ValueError, match="one of constant, reflect, got 'wrap'"):
        RandomImageView((4, 4), border='wrap')


def test_a_smaller_view_averages_what_it_has_no_room_for():
    noise = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    plain = ImageView((24, 16))(dict(img=noise))
    smooth = ImageView((24, 16), antialias=True)(dict(img=noise))
    expected = Image.fromarray(noise).resize((24, 16), Image.BILINEAR)
    assert np.array_equal(smooth['img'], np.asarray(expected))
    assert smooth['img'].std() < 0.7 * plain['img'].std()
    assert np.array_equal(smooth['view'], plain['view'])
    larger = ImageView((200, 100), antialias=True)(dict(img=noise))['img']
    assert np.array_equal(larger, ImageView((200, 100))(dict(img=noise))['img'])


def test_changed_views_of_a_smaller_image_are_those_of_the_averaged_one():
    image = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
    view, size = ImageView((24, 16), antialias=True), (24, 16)
    plain = view(dict(img=image))
    mirrored = view.look(dict(img=image), change_matrix(size, hflip=True))
    assert np.array_equal(mirrored['img'], plain['img'][:, ::-1])
    change = change_matrix(size, translation=(3, 2))
    moved = view.look(dict(img=image), change)
    assert np.array_equal(moved['img'][2:, 3:], plain['img'][:-2, :-3])
    assert np.allclose(moved['view'], change @ plain['view'])
