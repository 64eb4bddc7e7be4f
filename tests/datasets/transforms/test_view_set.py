import cv2
import numpy as np
import pytest
import torch

from ssltoolbox.datasets.transforms.branches import branch_collate
from ssltoolbox.datasets.transforms.fixed_views import build_view, view_names
from ssltoolbox.datasets.transforms.view_set import ViewSet

VIEW = dict(type='ssltoolbox.ImageView', input_size=(32, 24))
SEG, POSE = dict(type='ssltoolbox.PackSegView'), dict(type='ssltoolbox.PackPoseView')
PAIRS = {
    'flip_ud': 'H Flip',
    'flip_lr': 'V Flip',
    'rotate_180': 'H+V Flip',
    'box_blur': 'Blurring',
    'mean_filter': '2D-Filter',
    'gamma': 'Gamma',
    'gaussian_blur': 'Gaussian Blur',
    'median_blur': 'Median Blur',
    'bilateral_filter': 'Bilateral Filter',
    'equalize': 'Equalize histogram',
}


def record(size=(40, 30), **fields):
    image = np.random.default_rng(0).integers(0, 256, (*size[::-1], 3), np.uint8)
    return dict(img=image, id=1, img_id=1, ori_shape=size[::-1], **fields)


def look(*views, results=None, view=VIEW, pack=SEG):
    return ViewSet(views, view, pack)(results or record())


def test_there_are_ten_each_with_two_names():
    assert dict(zip(view_names()[::2], view_names()[1::2], strict=True)) == PAIRS
    for plain, original in PAIRS.items():
        (name, one), (same, other) = build_view(plain), build_view(original)
        assert name == same == plain and type(one) is type(other)


def test_the_unchanged_image_comes_first():
    sample = look('gamma', 'flip_lr')
    assert list(sample['inputs']) == ['plain', 'gamma', 'flip_lr']
    image = cv2.resize(record()['img'], (32, 24))
    assert (sample['inputs']['plain'].numpy() == image.transpose(2, 0, 1)).all()
    assert list(look()['inputs']) == ['plain']


@pytest.mark.parametrize(
    ('name', 'dims'), [('flip_ud', [1]), ('flip_lr', [2]), ('rotate_180', [1, 2])]
)
def test_flips_move_pixels_of_the_plain_view(name, dims):
    sample = look(name)
    plain, flipped = (sample['inputs'][key] for key in ('plain', name))
    assert torch.equal(flipped, plain.flip(dims))
    views = [sample['data_samples'][key].view for key in ('plain', name)]
    # the corner of the image is the opposite one of the view
    corner = views[1] @ np.linalg.inv(views[0]) @ (0, 0, 1)
    expected = (31 if 2 in dims else 0, 23 if 1 in dims else 0, 1)
    assert corner == pytest.approx(expected, abs=1e-9)


def test_colours_change_in_the_size_of_the_image():
    blurred = cv2.resize(cv2.medianBlur(record()['img'], 5), (32, 24))
    found = look('Median Blur')['inputs']['median_blur'].numpy()
    assert (found == blurred.transpose(2, 0, 1)).all()


def test_the_image_of_the_record_is_not_changed():
    results = record()
    before = results['img'].copy()
    look(*PAIRS, results=results)
    assert (results['img'] == before).all()


def test_equalising_keeps_the_colours_of_a_dull_image():
    grey = np.tile(np.linspace(100, 140, 64).astype(np.uint8), (16, 1))
    _, view = build_view('equalize')
    found = view.recolour(np.stack([grey] * 3, -1))
    assert np.ptp(found, axis=-1).max() == 0
    assert found.min() < 10 and found.max() == 255


def test_gamma_darkens_and_one_is_no_change():
    image = record()['img']
    assert build_view('gamma')[1].recolour(image).mean() < image.mean() - 10
    same = build_view(dict(type='gamma', exponent=1.0))[1]
    assert (same.recolour(image) == image).all()
    half = build_view(dict(type='gamma', exponent=2))[1].table
    assert half[[0, 51, 255]].tolist() == [0, 10, 255]  # 255 / 5 / 5


def test_joints_travel_with_a_flip():
    """Views are of use to every task: joints are where the flip has put them."""
    points = np.array([[[4.0, 5.0], [30.0, 20.0]]])
    layout = dict(
        keypoints=points,
        keypoints_visible=np.ones((1, 2), np.float32),
        flip_indices=[1, 0],
        bbox=np.array([[0.0, 0, 40, 30]], np.float32),
        bbox_score=np.ones(1, np.float32),
    )
    samples = look('flip_lr', results=record((32, 24), **layout), pack=POSE)
    found = samples['data_samples']['flip_lr'].gt_instances.transformed_keypoints
    assert found[0] == pytest.approx(np.array([[27, 5], [1, 20]]))


def test_two_of_one_kind_need_names():
    sample = look('gamma', dict(type='gamma', name='bright', exponent=0.5))
    assert list(sample['inputs']) == ['plain', 'gamma', 'bright']
    with pytest.raises(ValueError, match=r"views has gamma more than once.*name='"):
        ViewSet(['gamma', 'Gamma'], VIEW, SEG)
    with pytest.raises(ValueError, match=r"views has plain more.*'plain', is always"):
        ViewSet([dict(type='gamma', name='plain')], VIEW, SEG)


def test_an_unknown_name_lists_all():
    with pytest.raises(ValueError, match=r"no view 'hflip'; .*flip_ud, H Flip, fl"):
        ViewSet(['hflip'], VIEW, SEG)
    # a transform of another kind is no fixed view
    with pytest.raises(ValueError, match="no view 'LoadImage'"):
        ViewSet(['LoadImage'], VIEW, SEG)


@pytest.mark.parametrize(
    ('view', 'told'),
    [
        (dict(type='gamma', exponent=0), 'exponent must be above 0, got 0'),
        (dict(type='median_blur', size=4), 'odd number of pixels, got 4'),
        (dict(type='gaussian_blur', sigma=0), 'sigma must be above 0'),
        (dict(type='bilateral_filter', diameter=0), 'diameter must be 1 or more'),
        (dict(type='flip_ud', size=3), "view 'flip_ud'.*argument"),
    ],
)
def test_arguments_out_of_range_are_refused(view, told):
    with pytest.raises(ValueError, match=told):
        ViewSet([view], VIEW, SEG)


def test_one_name_is_no_list():
    with pytest.raises(ValueError, match="list of names or configs, got 'gamma'"):
        ViewSet('gamma', VIEW, SEG)


def test_a_view_that_cannot_be_turned_is_refused():
    crop = dict(type='ssltoolbox.CropView', input_size=(32, 24))
    with pytest.raises(TypeError, match=r'CropView has no look.*ImageView'):
        ViewSet(['gamma'], crop, SEG)


def test_a_normalised_image_is_refused():
    results = record()
    results['img'] = results['img'] / 255
    with pytest.raises(ValueError, match='ViewSet needs img as .* uint8'):
        look('gamma', results=results)


def test_images_of_different_sizes_make_a_batch():
    batch = branch_collate(
        [look('flip_ud', results=record(s)) for s in [(9, 8), (64, 7)]]
    )
    shapes = {name: [tuple(i.shape) for i in v] for name, v in batch['inputs'].items()}
    assert shapes == {name: [(3, 24, 32)] * 2 for name in ('plain', 'flip_ud')}
    assert [s.ori_shape for s in batch['data_samples']['plain']] == [(8, 9), (7, 64)]
