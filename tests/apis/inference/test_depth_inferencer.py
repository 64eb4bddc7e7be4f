"""Depth of arrays and sequences, by a network whose depth is the brightness."""

import shutil

import cv2
import numpy as np
import pytest
import torch

from ssltoolbox.apis import DepthInferencer
from ssltoolbox.apis.inference.depth_inferencer import frame_source
from ssltoolbox.checkpoints.loading import CheckpointError
from ssltoolbox.testing.toy_tubes.generate import generate

from ...depth_network import CONFIG, write_depth_network
from ...segmentor import write_segmentor


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    return write_depth_network(tmp_path_factory.mktemp('trained'))


@pytest.fixture(scope='module')
def tube(tmp_path_factory):
    """A rendered sequence of 4 frames of 96 x 72 px."""
    root = tmp_path_factory.mktemp('toy') / 'tubes'
    options = dict(patients=1, frames=4, width=96, points=80, noise=0, outliers=0)
    generate(root, **options, progress=False)
    return next(root.glob('bag_1/_start*'))


def grey(value, width=64, height=48):
    return np.full((height, width, 3), value, np.uint8)


def test_depth_by_head(trained):
    results = list(DepthInferencer(*trained)([grey(51), grey(102)]))
    assert [each.file for each in results] == ['0', '1']
    for each, depth in zip(results, (0.2, 0.4), strict=True):
        np.testing.assert_allclose(each.depth, depth, rtol=1e-6)
        assert each.depth.shape == (24, 32) and each.depth.dtype == np.float32
        assert each.valid.all() and each.unit == 'network' and not each.known
        assert each.picture_size == (64, 48)


@pytest.mark.parametrize('batch_size', [1, 2, 8])
def test_pictures_of_several_sizes_keep_their_order(trained, batch_size):
    widths = (64, 64, 100, 64, 100, 100)
    pictures = [grey(10 * i + 10, w) for i, w in enumerate(widths)]
    results = list(DepthInferencer(*trained, batch_size=batch_size)(pictures))
    assert [each.depth.shape[1] for each in results] == [32, 32, 56, 32, 56, 56]
    depths = [each.depth.max() * 255 for each in results]
    np.testing.assert_allclose(depths, [10, 20, 30, 40, 50, 60], rtol=1e-5)


def test_padding_has_no_depth(trained):
    (result,) = DepthInferencer(*trained, size=(48, 40))([grey(51)])
    assert result.depth.shape == (40, 48)
    assert result.valid.sum() == 24 * 32
    assert (result.depth[~result.valid] == 0).all()


def test_a_cloud_by_head(trained):
    inferencer = DepthInferencer(*trained, intrinsics=(100, 100, 32, 24))
    (result,) = inferencer([grey(51)])
    cloud = result.cloud(stride=4)
    assert len(cloud) == 6 * 8 and (cloud.colors == 51).all()
    # fx / 2 = 50 and cx / 2 = 16
    np.testing.assert_allclose(cloud.points[0], [-16 / 50 * 0.2, -12 / 50 * 0.2, 0.2])
    with pytest.raises(ValueError, match='0: a cloud of points needs the intrinsics'):
        next(iter(DepthInferencer(*trained)([grey(51)]))).cloud()


def test_a_sequence_is_scaled_to_its_points(trained, tube, tmp_path):
    """Where the picture is its own depth, the scaled depth is the true one."""
    folder = tmp_path / 'bag_1' / 'sequence'
    shutil.copytree(tube, folder)
    for path in folder.glob('truth/*.npy'):
        # PNG under the name of a JPEG, so that nothing is lost but the rounding
        picture = np.rint(20 * np.load(path)).clip(0, 255).astype(np.uint8)
        data = cv2.imencode('.png', cv2.merge([picture] * 3))[1]
        (folder / f'{path.stem}.jpg').write_bytes(data.tobytes())
    results = list(DepthInferencer(*trained)(folder))
    assert [each.file for each in results] == [f'0000100{i}.jpg' for i in range(4)]
    for each in results:
        assert each.unit == 'sfm' and each.error < 0.05
        assert each.scale == pytest.approx(255 / 20, rel=0.03)
        truth = each.window.cut(np.load(folder / 'truth' / f'{each.file[:-4]}.npy'))
        gap = np.abs(each.depth - truth)[each.valid] / truth[each.valid]
        assert np.median(gap) < 0.04
    plain = list(DepthInferencer(*trained, use_sfm=False)(folder))
    ratio = results[0].depth[results[0].valid] / plain[0].depth[results[0].valid]
    np.testing.assert_allclose(ratio, results[0].scale, rtol=1e-5)
    assert plain[0].unit == 'network' and plain[0].intrinsics is not None


def test_a_damaged_sequence_is_named(trained, tube, tmp_path):
    folder = tmp_path / 'sequence'
    shutil.copytree(tube, folder)
    (folder / 'structure.ply').unlink()
    with pytest.raises(FileNotFoundError, match='structure.ply does not exist'):
        list(DepthInferencer(*trained)(folder))
    assert len(list(DepthInferencer(*trained, use_sfm=False)(folder))) == 4


def test_it_is_what_testing_measures(trained, tube):
    """The same depth as by the data set and the pipeline of the config."""
    from mmengine import Config
    from mmengine.dataset import pseudo_collate
    from mmengine.registry import DefaultScope

    from ssltoolbox.apis.model import load_model
    from ssltoolbox.registry import DATASETS

    model, config = load_model(*trained)
    with DefaultScope.overwrite_default_scope('mmpose'):
        dataset = dict(
            config.test_dataloader.dataset, data_root=str(tube.parent.parent)
        )
        dataset |= dict(pipeline=config.frame, adjacent=(1, 2), cache=None)
        samples = DATASETS.build(Config(dataset)._cfg_dict)
        outputs = [model.test_step(pseudo_collate([samples[i]]))[0] for i in range(4)]
    results = list(DepthInferencer(*trained, use_sfm=False)(tube))
    for ours, theirs in zip(results, outputs, strict=True):
        np.testing.assert_array_equal(ours.depth, theirs.pred_depth.data[0].numpy())
        np.testing.assert_array_equal(ours.valid, theirs.valid.data[0] > 0)


def test_masks_of_sequences_are_no_pictures(tube):
    assert len(frame_source(tube).items) == 4
    with pytest.raises(FileNotFoundError, match='no picture but masks'):
        frame_source(tube / 'undistorted_mask.bmp')


def test_depth_that_is_not_finite_is_told(tmp_path):
    pair = write_depth_network(tmp_path, factor=float('nan'))
    with pytest.raises(
        ValueError, match='0: the network gives depth that is no finite'
    ):
        list(DepthInferencer(*pair)([grey(51)]))


def test_a_frozen_teacher_is_not_what_was_trained(tmp_path):
    """Of a distillation the student predicts."""
    _, plain = write_depth_network(tmp_path, factor=2.0)
    weights = torch.load(plain, weights_only=True)['state_dict']
    both = {f'student.{key}': value for key, value in weights.items()}
    both |= {f'teacher.model.{key}': 0 * value for key, value in weights.items()}
    torch.save(dict(state_dict=both), tmp_path / 'both.pth')
    text = CONFIG.replace('model = dict(', 'network = dict(') + (
        "model = dict(type='ssltoolbox.SemiSupervisedModel', student=network,\n"
        "    teacher=dict(type='ssltoolbox.FrozenTeacher', network=network))\n"
    )
    (tmp_path / 'both.py').write_text(text)
    pair = tmp_path / 'both.py', tmp_path / 'both.pth'
    for which, depth in (('auto', 0.4), ('student', 0.4), ('teacher', 0)):
        (result,) = DepthInferencer(*pair, which=which)([grey(51)])
        np.testing.assert_allclose(result.depth, depth, rtol=1e-6)


def test_wrong_networks_are_named(trained, tmp_path):
    with pytest.raises(ValueError, match='EncoderDecoder, .* finds no depth'):
        DepthInferencer(*write_segmentor(tmp_path, 'seg'))
    text = CONFIG.replace('in_channels=3', 'in_channels=4')
    other = tmp_path / 'other.py'
    other.write_text(text)
    with pytest.raises(CheckpointError, match='does not fit'):
        DepthInferencer(other, trained[1])
    other.write_text(CONFIG.replace('ssltoolbox.SfmDataset', 'ssltoolbox.NoDataset'))
    with pytest.raises(ValueError, match='cannot tell how frames are read'):
        DepthInferencer(other, trained[1])
    with pytest.raises(ValueError, match='batch_size must be positive'):
        DepthInferencer(*trained, batch_size=0)
