import json

import cv2
import numpy as np
import pytest
import torch
from mmengine import Config
from mmengine.registry import DefaultScope

from ssltoolbox.apis.inference.pose_inferencer import PoseInferencer
from ssltoolbox.registry import MODELS

CODEC = dict(type='MSRAHeatmap', input_size=(64, 64), heatmap_size=(16, 16), sigma=2)


def make_config(dataset='AP10KDataset', joints=17, **extra):
    model = dict(
        type='TopdownPoseEstimator',
        data_preprocessor=dict(
            type='PoseDataPreprocessor',
            mean=[123.675, 116.28, 103.53],
            std=[58.395, 57.12, 57.375],
            bgr_to_rgb=True,
        ),
        backbone=dict(type='ResNet', depth=18),
        head=dict(
            type='HeatmapHead',
            in_channels=512,
            out_channels=joints,
            deconv_out_channels=(8, 8, 8),
            deconv_kernel_sizes=(4, 4, 4),
            decoder=CODEC,
        ),
        test_cfg=dict(flip_test=True, flip_mode='heatmap', shift_heatmap=True),
    )
    dataset = dict(type=dataset, data_mode='topdown')
    return Config(
        dict(
            default_scope='mmpose',
            model=model,
            val_dataloader=dict(dataset=dataset),
            **extra,
        )
    )


def save_weights(config, path):
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope('mmpose'):
        model = MODELS.build(config.model)
    torch.save({'state_dict': model.state_dict()}, path)
    return path


@pytest.fixture(scope='module')
def inferencer(tmp_path_factory):
    config = make_config()
    path = save_weights(config, tmp_path_factory.mktemp('weights') / 'net.pth')
    return PoseInferencer(config, path, device='cpu', batch_size=4)


@pytest.fixture(scope='module')
def images():
    rng = np.random.default_rng(0)
    return [rng.integers(0, 255, (50 + 5 * i, 70, 3), np.uint8) for i in range(6)]


def test_whole_images_give_one_pose_each(inferencer, images):
    results = list(inferencer(images))
    assert [result.file for result in results] == list('012345')
    for result, image in zip(results, images, strict=True):
        assert result.keypoints.shape == (1, 17, 2)
        assert result.scores.shape == (1, 17)
        assert result.keypoints.dtype == np.float32
        assert result.image is image


def test_batches_over_boxes_do_not_change_the_poses(inferencer, images):
    boxes = {
        '0': [[5, 5, 30, 30], [20, 10, 40, 30], [0, 0, 70, 50]],
        '2': [[1, 2, 60, 40]] * 3,
        '5': [[10, 10, 30, 50]],
    }
    together = list(inferencer(images, boxes))
    assert [len(result.boxes) for result in together] == [3, 0, 3, 0, 0, 1]
    assert together[1].keypoints.shape == (0, 17, 2)
    inferencer.batch_size = 1
    alone = list(inferencer(images, boxes))
    inferencer.batch_size = 4
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_allclose(one.keypoints, other.keypoints, atol=1e-3)
        np.testing.assert_allclose(one.scores, other.scores, atol=1e-5)


def test_poses_equal_those_of_mmpose(inferencer, images):
    from mmpose.apis import inference_topdown

    codec_size = CODEC['input_size']
    pipeline = [
        dict(type='LoadImage'),
        dict(type='GetBBoxCenterScale'),
        dict(type='TopdownAffine', input_size=codec_size),
        dict(type='PackPoseInputs'),
    ]
    model = inferencer.model
    model.cfg = Config(
        dict(
            default_scope='mmpose',
            test_dataloader=dict(dataset=dict(pipeline=pipeline)),
        )
    )
    corners = np.array([[5, 8, 44, 42]], np.float32)
    reference = inference_topdown(model, images[0], corners)[0].pred_instances
    (result,) = inferencer(images[0], {'0': [[5, 8, 40, 35]]})
    np.testing.assert_array_equal(result.boxes, corners)
    np.testing.assert_allclose(result.keypoints, reference.keypoints, atol=1e-4)
    np.testing.assert_allclose(result.scores, reference.keypoint_scores, atol=1e-6)


def test_poses_move_with_the_picture(inferencer, images):
    """Crops are the same wherever the animal is, so its pose moves along."""
    wide = np.zeros((200, 300, 3), np.uint8)
    here, there = wide.copy(), wide.copy()
    here[40:90, 40:110], there[100:150, 160:230] = images[0], images[0]
    (first,) = inferencer(here, {'0': [[40, 40, 70, 50]]})
    (second,) = inferencer(there, {'0': [[160, 100, 70, 50]]})
    np.testing.assert_allclose(
        second.keypoints - first.keypoints, [[[120, 60]] * 17], atol=1e-2
    )


def test_frames_of_a_video_are_numbered(inferencer, film):
    results = list(inferencer(film))
    assert [result.frame for result in results] == list(range(10))
    assert {result.file for result in results} == {'film.mp4'}


def test_damaged_image_is_passed_over(inferencer, images, tmp_path):
    cv2.imwrite(str(tmp_path / 'a.png'), images[0])
    (tmp_path / 'b.jpg').write_bytes(b'\xff\xd8\xff damaged')
    cv2.imwrite(str(tmp_path / 'c.png'), images[1])
    with pytest.warns(UserWarning, match='b.jpg'):
        files = [result.file for result in inferencer(tmp_path)]
    assert files == ['a.png', 'c.png']


def test_layout_of_the_joints_is_known(inferencer):
    assert inferencer.num_keypoints == 17
    assert inferencer.meta['keypoint_id2name'][4] == 'Root of tail'


def test_pipeline_of_the_config_is_used(tmp_path, images):
    pipeline = [
        dict(type='LoadImage'),
        dict(type='GetBBoxCenterScale', padding=1.0),
        dict(type='TopdownAffine', input_size=(64, 64)),
        dict(type='PackPoseInputs'),
    ]
    config = make_config()
    path = save_weights(config, tmp_path / 'net.pth')
    config.val_dataloader.dataset.pipeline = pipeline
    tight = PoseInferencer(config, path, device='cpu')
    (tight_pose,) = tight(images[0])
    (padded_pose,) = PoseInferencer(make_config(), path, device='cpu')(images[0])
    # without the margin the 70 px wide box is the crop, so no joint lies beyond it
    assert np.ptp(tight_pose.keypoints[..., 0]) <= 70
    assert not np.allclose(tight_pose.keypoints, padded_pose.keypoints)


def test_batch_size_must_be_positive():
    with pytest.raises(ValueError, match='batch_size'):
        PoseInferencer(make_config(), 'net.pth', batch_size=0)


@pytest.mark.real_data
@pytest.mark.parametrize(
    ('folder', 'dataset', 'joints', 'boxes', 'count'),
    [
        ('ap10k', 'AP10KDataset', 17, 'test_ap10k.json', 2),
        ('animalpose', 'AnimalPoseDataset', 20, 'test_animalpose.json', 2),
        ('coco', 'CocoDataset', 17, 'test_coco_det_AP_H_56.json', 118),
    ],
)
def test_real_images_with_their_boxes(
    tmp_path, real_data, folder, dataset, joints, boxes, count
):
    folder = real_data / 'pose_samples' / folder
    config = make_config(dataset, joints)
    path = save_weights(config, tmp_path / 'net.pth')
    inferencer = PoseInferencer(config, path, device='cpu')
    results = list(inferencer(folder, folder / boxes))
    assert sum(len(result.boxes) for result in results) == count
    if isinstance(json.loads((folder / boxes).read_text()), dict):
        assert all(len(result.boxes) for result in results)
    for result in results:
        assert np.isfinite(result.keypoints).all()
