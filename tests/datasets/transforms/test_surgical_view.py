import cv2
import numpy as np
import pytest

from ssltoolbox.datasets.multi_source import seeded
from ssltoolbox.datasets.transforms.branches import Branches
from ssltoolbox.datasets.transforms.image_view import ImageView
from ssltoolbox.datasets.transforms.surgical_view import MOVES, SurgicalView

SIZE = (100, 60)


def record(tips=(30,), shafts=(60,), width=100, labelled=True, **more):
    """Instruments of five joints, each joint a point of its own grey in the image."""
    image = np.zeros((60, width, 3), np.uint8)
    keypoints = np.zeros((len(tips), 5, 2), np.float32)
    for number, (tip, shaft) in enumerate(zip(tips, shafts, strict=True)):
        xs = np.linspace(tip, shaft, 4)
        keypoints[number] = [(x, 20 + 20 * number) for x in (*xs[[0, 1, 2, 3]], shaft)]
    visible = np.ones(keypoints.shape[:2], np.float32)
    return dict(
        img=image,
        keypoints=keypoints,
        keypoints_visible=visible,
        flip_indices=[1, 0, 2, 3, 4],
        labelled=labelled,
        **more,
    )


class Records:
    """What a data set of mmpose offers to a transform that mixes images."""

    def __init__(self, folder, tips):
        self.folder, self.tips = folder, tips

    def __len__(self):
        return len(self.tips)

    def get_data_info(self, index):
        made = record((self.tips[index],), (90,))
        path = self.folder / f'{index}.png'
        cv2.imwrite(str(path), np.full_like(made.pop('img'), 100 + index))
        return made | {'img_path': str(path)}


@pytest.mark.parametrize(
    'tips, shafts, x',
    [
        ((30,), (60,), 10),  # the shaft comes from the right: 20 px left of the tip
        ((30,), (40,), 50),
        ((30, 61), (60, 90), 45),
        ((5,), (60,), -15),
    ],
)
def test_the_cut_is_beside_a_single_tip_or_between_two(tips, shafts, x):
    assert SurgicalView(SIZE).column(record(tips, shafts), 100) == x


def test_the_margin_is_in_pixels_of_the_view():
    made = record((60,), (120,), width=200)
    assert SurgicalView(SIZE).column(made, 200) == 60 - 2 * 20


@pytest.mark.parametrize('joint', [0, 3])
def test_without_the_joints_there_is_no_cut(joint):
    made = record()
    made['keypoints_visible'][:, joint] = 0
    assert SurgicalView(SIZE).column(made, 100) is None
    image = made['img']
    SurgicalView(SIZE, ['none'], ['swap_sides'])(made)
    assert np.array_equal(made['img'], image)
    assert made['keypoints'].shape == (1, 5, 2)


def test_swap_sides_moves_the_instrument_with_the_image():
    made = record()
    made['img'][20, 30] = 255
    out = SurgicalView(SIZE, ['none'], ['swap_sides'])(made)
    assert out['transformed_keypoints'][0, :, 0].tolist() == [20, 30, 40, 50, 50]
    assert out['img'][20, 20, 0] == 255 and out['img'].sum() == 255 * 3


def test_random_swap_draws_its_other_half_from_the_data_set(tmp_path):
    # x' = 30 - 20, so that columns 0..89 are another image's
    made = record((80,), (95,), dataset=Records(tmp_path, [30] * 20))
    out = SurgicalView(SIZE, ['none'], ['random_swap'])(made)
    assert 100 <= out['img'][0, 0, 0] < 120
    assert (out['img'][:, :90] == out['img'][0, 0, 0]).all()
    assert (out['img'][:, 90:] == 0).all()
    own, other = out['transformed_keypoints'][..., 0]
    assert own.round().tolist() == [0, 0, 90, 95, 95]
    assert other.round().tolist() == [30, 50, 70, 0, 0]
    assert out['keypoints_visible'].tolist() == [[0, 0, 1, 1, 1], [1, 1, 1, 0, 0]]


def test_random_swap_without_a_data_set_is_refused():
    with pytest.raises(ValueError, match="key\n? *'dataset'"):
        SurgicalView(SIZE, ['none'], ['random_swap'])(record(img_path='a.png'))


@pytest.mark.parametrize('move', ['swap_sides', 'random_swap'])
@pytest.mark.parametrize(
    'more',
    [
        dict(labelled=False),
        dict(pseudo_map=np.zeros((5, 60, 100), np.float32)),
        dict(gt_seg_map=np.zeros((60, 100), np.uint8)),
    ],
)
def test_what_cannot_be_cut_is_left_whole(move, more):
    made = record(**more)
    made['img'][:] = np.arange(100, dtype=np.uint8)[:, None]
    out = SurgicalView(SIZE, ['none'], [move])(made)
    assert (out['img'][0, :, 0] == np.arange(100)).all()


@pytest.mark.parametrize('partners', [[0, 1, 2, 3], [0, 1, 2, 3, 4]])
def test_joints_without_sides_are_not_cut(partners):
    made = record()
    for key in ('keypoints', 'keypoints_visible'):
        made[key] = made[key][:, : len(partners)]
    with pytest.raises(ValueError, match='RMIT'):
        SurgicalView(SIZE, moves=['swap_sides'])(made | {'flip_indices': partners})


def changes(flips, moves, count=200):
    plain = ImageView(SIZE)(record())['view']
    for seed in range(count):
        with seeded(seed):
            view = SurgicalView(SIZE, flips, moves)(record())['view']
        yield (view @ np.linalg.inv(plain))[:2]


def test_translations_are_whole_pixels_of_the_published_range():
    shifts = np.array([m[:, 2] for m in changes(['none'], ['translation'])])
    assert np.array_equal(np.unique(shifts), range(-5, 5))


def test_rotations_are_whole_degrees_of_the_published_range():
    turns = [
        np.degrees(np.arctan2(m[0, 1], m[0, 0]))
        for m in changes(['none'], ['rotation'], 600)
    ]
    assert np.array_equal(np.unique(np.round(turns, 6)), range(-20, 20))


def test_mirror_images_are_equally_frequent():
    kinds = [(m[0, 0], m[1, 1]) for m in changes(['none', 'hflip', 'vflip'], ['none'])]
    counts = [kinds.count(kind) for kind in ((1, 1), (-1, 1), (1, -1))]
    assert sum(counts) == 200 and min(counts) > 45


def test_nothing_drawn_is_the_plain_view():
    made, plain = record(), record()
    made['img'] = plain['img'] = np.random.default_rng(0).integers(
        0, 256, (90, 150, 3), np.uint8
    )
    out = SurgicalView(SIZE, ['none'], ['none'])(made)
    assert np.array_equal(out['img'], ImageView(SIZE)(plain)['img'])


def test_equal_seeds_give_equal_samples(tmp_path):
    samples = []
    for seed in (*range(8), *range(8)):
        made = record(dataset=Records(tmp_path, [20, 30, 40]))
        with seeded(seed):
            samples.append(SurgicalView(SIZE)(made))
    for one, same in zip(samples[:8], samples[8:], strict=True):
        for key in ('img', 'view', 'transformed_keypoints', 'keypoints_visible'):
            assert np.array_equal(one[key], same[key])


@pytest.mark.parametrize('move', MOVES)
def test_an_image_without_instruments_passes(move, tmp_path):
    made = record((), (), dataset=Records(tmp_path, [30]))
    out = SurgicalView(SIZE, moves=[move])(made)
    assert out['transformed_keypoints'].shape[1:] == (5, 2)


def test_cuts_beside_other_views_are_refused():
    view = dict(type='ssltoolbox.SurgicalView', input_size=SIZE)
    plain = [dict(type='ssltoolbox.ImageView', input_size=SIZE)]
    with pytest.raises(ValueError, match='between strong, weak.*one view'):
        Branches(strong=[view], weak=plain)
    Branches(strong=[view])
    Branches(strong=[view | {'moves': ['rotation', 'none']}], weak=plain)


@pytest.mark.parametrize(
    'fields',
    [dict(moves=['swap']), dict(flips=[]), dict(moves='none'), dict(rotation=(3, 1))],
)
def test_bad_fields_are_refused(fields):
    with pytest.raises(ValueError, match=f'SurgicalView: {next(iter(fields))}'):
        SurgicalView(SIZE, **fields)
