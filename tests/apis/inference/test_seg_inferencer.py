import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config

from ssltoolbox import apis
from ssltoolbox.apis.config import load_config
from ssltoolbox.apis.inference.pose_inferencer import PoseInferencer
from ssltoolbox.apis.inference.seg_inferencer import SegInferencer

from ...segmentor import CONFIG, write_segmentor

pytestmark = pytest.mark.filterwarnings(
    'ignore:Default ``avg_non', 'ignore:For binary', 'ignore:When align'
)
PLAIN = """
default_scope = 'mmseg'
model = dict(
    type='EncoderDecoder',
    data_preprocessor=dict(type='SegDataPreProcessor', mean=[128] * 3, std=[64] * 3),
    backbone=dict(type='ResNet', depth=18, base_channels=8, stem_channels=8),
    decode_head=dict(
        type='FCNHead', in_channels=16, in_index=1, channels=8, num_convs=1,
        num_classes=3, dropout_ratio=0, align_corners=False,
        loss_decode=dict(type='CrossEntropyLoss')),
    test_cfg=dict(mode='slide', crop_size=(32, 32), stride=(16, 16)))
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=(64, 48), keep_ratio=False),
    dict(type='LoadAnnotations'),
    dict(type='PackSegInputs')]
test_dataloader = dict(dataset=dict(
    type='BaseSegDataset', pipeline=test_pipeline,
    metainfo=dict(classes=('a', 'b', 'c'))))
"""


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp('segmentors')


@pytest.fixture(scope='module')
def files(folder):
    return write_segmentor(folder)


@pytest.fixture(scope='module')
def inferencer(files):
    return SegInferencer(*files, device='cpu', batch_size=2)


def picture(height=48, width=64, bright=(10, 20)):
    """Dark, with a bright band of columns."""
    image = np.full((height, width, 3), 60, np.uint8)
    image[:, slice(*bright)] = 200
    return image


def band(height=48, width=64, bright=(10, 20)):
    return (picture(height, width, bright) > 128)[..., 0].astype(np.uint8)


def test_masks_have_the_size_of_the_image(inferencer):
    sizes = [(48, 64), (24, 32), (96, 128), (48, 64), (72, 96)]
    scales = [height / 48 for height, _ in sizes]
    bands = [(round(16 * s), round(32 * s)) for s in scales]
    images = [picture(*size, b) for size, b in zip(sizes, bands, strict=True)]
    results = list(inferencer(images))
    assert [result.file for result in results] == ['0', '1', '2', '3', '4']
    for result, size, b in zip(results, sizes, bands, strict=True):
        assert result.classes.shape == size and result.classes.dtype == np.uint8
        np.testing.assert_array_equal(result.classes, band(*size, b))
        assert result.confidence.shape == size
        assert 0.5 <= result.confidence.min() and result.confidence.max() <= 1


def test_areas_are_counted_in_pixels_of_the_image(inferencer):
    (result,) = inferencer(picture(24, 32, (4, 10)))
    assert result.areas(2).tolist() == [24 * 26, 24 * 6]
    assert result.areas(3).tolist() == [24 * 26, 24 * 6, 0]


def test_frames_of_a_video_and_what_cannot_be_read(inferencer, film, tmp_path):
    """Frame n of 10 has the grey value 20 n."""
    results = list(inferencer(film))
    assert [result.frame for result in results] == list(range(10))
    assert [int(r.classes.mean()) for r in results] == [0] * 7 + [1] * 3
    cv2.imwrite(str(tmp_path / 'a.png'), picture())
    (tmp_path / 'b.jpg').write_bytes(b'no image')
    with pytest.warns(UserWarning, match='b.jpg'):
        assert [r.file for r in inferencer(tmp_path)][0] == 'a.png'


def test_masks_that_are_known_are_passed_on_in_order(inferencer):
    images = [picture() for _ in range(30)]
    given = np.full((48, 64), 1, np.uint8)
    asked = []

    def known(frame):
        asked.append(frame.file)
        return None if frame.file in ('3', '20') else given

    results = list(inferencer(images, known))
    assert [r.file for r in results] == [str(i) for i in range(30)] == asked
    assert [r.file for r in results if r.confidence is not None] == ['3', '20']
    assert all((r.classes == 1).all() for r in results if r.confidence is None)


def test_networks_vote_by_their_weights(folder, files):
    """The second network takes what is dark for class 1, as sure as the first."""
    dark = write_segmentor(folder, 'dark', sign=-1.0)
    image = picture()

    def classes(weights):
        fields = dict(members=[dark], weights=weights, device='cpu')
        (result,) = SegInferencer(*files, **fields)(image)
        return result

    np.testing.assert_array_equal(classes([2, 1]).classes, band())
    np.testing.assert_array_equal(classes([1, 2]).classes, 1 - band())
    np.testing.assert_allclose(classes([2, 1]).confidence.max(), 2 / 3, atol=1e-3)


def test_members_may_have_inputs_of_other_sizes(folder, files):
    text = CONFIG.replace('input_size=(32, 24)', 'input_size=(64, 48)')
    large = write_segmentor(folder, 'large', text)
    (result,) = SegInferencer(*files, members=[large], device='cpu')(picture())
    np.testing.assert_array_equal(result.classes, band())


def test_views_of_a_network_without_sides_change_nothing(files, inferencer):
    """It looks at each pixel alone, so that mirrored views say the same."""
    rng = np.random.default_rng(0)
    image = cv2.resize(rng.integers(0, 255, (6, 8, 3), np.uint8), (64, 48))
    views = SegInferencer(*files, views=['flip_lr', 'flip_ud'], device='cpu')
    (plain,), (mean,) = inferencer(image), views(image)
    # of logits or of probabilities the interpolation differs
    assert (plain.classes != mean.classes).mean() < 0.02
    (alone,) = SegInferencer(*files, views=['flip_lr'], device='cpu')(image)
    np.testing.assert_allclose(alone.confidence, mean.confidence, atol=1e-5)


def test_views_of_the_colours_count(files):
    """A blurred edge is not sharp any more in the mean of both views."""
    (plain,) = SegInferencer(*files, device='cpu')(picture())
    (mean,) = SegInferencer(*files, views=['box_blur'], device='cpu')(picture())
    assert mean.confidence.mean() < plain.confidence.mean()


def test_equals_what_mmseg_predicts(tmp_path):
    from mmseg.apis import inference_model, init_model

    (tmp_path / 'plain.py').write_text(PLAIN)
    torch.manual_seed(0)
    model = init_model(str(tmp_path / 'plain.py'), device='cpu')
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'plain.pth')
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (50, 70, 3), np.uint8)
    expected = inference_model(model, image).pred_sem_seg.data[0]
    ours = SegInferencer(tmp_path / 'plain.py', tmp_path / 'plain.pth', device='cpu')
    (result,) = ours(image)
    np.testing.assert_array_equal(result.classes, expected)
    assert ours.meta['classes'] == ('a', 'b', 'c')


def test_classes_without_names_are_numbered(files):
    config = Config.fromfile(files[0])
    del config.test_dataloader.dataset.metainfo
    ours = SegInferencer(config, files[1], device='cpu')
    assert ours.meta['classes'] == ['class0', 'class1']


def test_is_found_beside_the_other_calls():
    assert apis.SegInferencer is SegInferencer
    assert apis.PoseInferencer is PoseInferencer


def test_bad_input_is_named(folder, files, tmp_path):
    with pytest.raises(ValueError, match='batch_size must be positive, got 0'):
        SegInferencer(*files, batch_size=0)
    with pytest.raises(ValueError, match=r'weights has \[1\] for 2 networks'):
        SegInferencer(*files, members=[files], weights=[1])
    with pytest.raises(ValueError, match=r"no view 'flip_rl'.*flip_lr"):
        SegInferencer(*files, views=['flip_rl'])
    config = load_config(files[0])
    config.test_dataloader.dataset.pipeline = None
    with pytest.raises(ValueError, match=r'net.py: cannot tell how images are read'):
        SegInferencer(config, files[1])
    names = "classes=('background', 'bright spot')"
    other = CONFIG.replace(names, "classes=('background', 'dark')")
    pair = write_segmentor(folder, 'other', other)
    with pytest.raises(ValueError, match=r'same classes, but .*net.pth has backgr'):
        SegInferencer(*files, members=[pair])
    three = CONFIG.replace(names, "classes=('background', 'dark', 'grey')")
    with pytest.raises(ValueError, match=r'has 2 classes, its data set names 3'):
        SegInferencer(*write_segmentor(folder, 'three', three))
    with pytest.raises(ValueError, match=r'finds no poses.*SegInferencer'):
        PoseInferencer(*files, device='cpu')
