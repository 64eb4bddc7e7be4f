"""Whole images: predictions in image pixels, over-fitting, another backbone."""

import numpy as np
import pytest
import torch
from mmengine.registry import DefaultScope
from mmengine.structures import InstanceData

from ssltoolbox.registry import MODELS, TRANSFORMS

from mmpose.structures import PoseDataSample  # isort: skip

W, H = 64, 32
CONNECTIONS = [(0, 2), (1, 2), (2, 3), (3, 4)]
POINTS = np.array(
    [
        [[6, 5], [14, 5], [10, 12], [13, 19], [14, 27]],
        [[36, 4], [34, 12], [42, 9], [49, 16], [58, 25]],
    ],
    np.float32,
)
DAUNET = dict(type='ssltoolbox.DAUNet', base_channels=8, dropout=0.0)


def network(backbone=DAUNET, stride=1, **head):
    codec = dict(
        type='ssltoolbox.JointConnectionMaps',
        input_size=(W, H),
        heatmap_size=(W // stride, H // stride),
        sigma=2.5,
        num_joints=5,
        connections=CONNECTIONS,
        refine=True,
    )
    config = dict(
        type='ssltoolbox.WholeImagePoseEstimator',
        data_preprocessor=dict(
            type='PoseDataPreprocessor',
            mean=[127.5] * 3,
            std=[127.5] * 3,
            bgr_to_rgb=True,
        ),
        backbone=backbone,
        head=dict(
            type='ssltoolbox.JointConnectionHead',
            **{'in_channels': 8, 'out_channels': 9, 'decoder': codec, **head},
        ),
    )
    with DefaultScope.overwrite_default_scope('mmpose'):
        built = MODELS.build(config)
        encode = TRANSFORMS.build(dict(type='mmpose.GenerateTarget', encoder=codec))
    built.init_weights()
    return built, encode


def batch(encode, matrix=None):
    """One image with marks at the joints, as the pipeline packs it."""
    rng = np.random.default_rng(0)
    image = rng.integers(0, 60, (H, W, 3)).astype(np.uint8)
    for tool in POINTS.astype(int):
        for joint, (x, y) in enumerate(tool):
            image[y - 1 : y + 2, x - 1 : x + 2] = 90 + 30 * joint, 250 - 40 * joint, 200
    record = dict(
        img=image,
        img_id=0,
        id=0,
        ori_shape=(H, W),
        img_shape=(H, W),
        keypoints=POINTS,
        transformed_keypoints=POINTS,
        keypoints_visible=np.ones((2, 5), np.float32),
        flip_indices=[1, 0, 2, 3, 4],
        view=np.eye(3) if matrix is None else matrix,
        input_size=(W, H),
    )
    pack = TRANSFORMS.build(dict(type='ssltoolbox.PackPoseView'))
    packed = pack(encode(record))
    return {
        'inputs': [packed['inputs']],
        'data_samples': [packed['data_samples']],
    }


def learn(net, encode, steps, lr=5e-3):
    """Mean squared errors at the start and at the end."""
    data = net.data_preprocessor(batch(encode), training=True)
    optimiser = torch.optim.Adam(net.parameters(), lr)
    losses = []
    for _ in range(steps):
        loss = net(**data, mode='loss')['loss_kpt']
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return losses[0], losses[-1]


def test_daunet_learns_an_image_by_heart():
    torch.manual_seed(0)
    net, encode = network()
    first, last = learn(net, encode, 120)
    assert last < 0.05 * first
    matrix = np.array([[0, -0.5, 40], [0.5, 0, 3], [0, 0, 1]])
    data = net.data_preprocessor(batch(encode, matrix), training=False)
    with torch.no_grad():
        (sample,) = net.eval()(**data, mode='predict')
    found = sample.pred_instances
    assert found.keypoints.shape == (2, 5, 2) and (found.keypoint_scores > 0.1).all()
    # the view turns by 90 degrees and halves: it is undone
    back = found.keypoints @ matrix[:2, :2].T + matrix[:2, 2]
    order = np.argsort(back[:, 2, 0])
    assert np.abs(back[order] - POINTS).max() < 1.5
    assert sample.pred_fields.heatmaps.shape == (9, H, W)


def test_a_resnet_takes_the_place_of_daunet():
    torch.manual_seed(0)
    backbone = dict(type='ResNet', depth=18, base_channels=8, stem_channels=8)
    deconv = dict(deconv_out_channels=(16, 16, 16), deconv_kernel_sizes=(4, 4, 4))
    net, encode = network(backbone, stride=4, in_channels=64, **deconv)
    first, last = learn(net, encode, 30, lr=1e-2)
    assert last < 0.5 * first
    data = net.data_preprocessor(batch(encode), training=False)
    maps = net.eval()(**data, mode='tensor')
    assert maps.shape == (1, 9, H // 4, W // 4)
    (sample,) = net(**data, mode='predict')
    assert sample.pred_instances.keypoints.shape[1:] == (5, 2)


def test_missing_joints_stay_at_zero():
    net, _ = network()
    found = InstanceData(
        keypoints=np.array([[[4.0, 2], [0, 0]]], np.float32),
        keypoint_scores=np.array([[0.5, 0]], np.float32),
    )
    view = np.array([[-2.0, 0, 20], [0, 2, -4], [0, 0, 1]])
    sample = PoseDataSample(metainfo=dict(view=view))
    (sample,) = net.add_pred_to_datasample([found], None, [sample])
    # x = (20 - 4) / 2, y = (2 + 4) / 2: a mirrored view
    assert sample.pred_instances.keypoints.tolist() == [[[8, 3], [0, 0]]]
    assert sample.pred_instances.keypoints_visible.tolist() == [[0.5, 0]]


def test_an_image_without_instances():
    net, _ = network()
    found = InstanceData(
        keypoints=np.zeros((0, 5, 2), np.float32),
        keypoint_scores=np.zeros((0, 5), np.float32),
    )
    sample = PoseDataSample(metainfo=dict(view=np.eye(3)))
    (sample,) = net.add_pred_to_datasample([found], None, [sample])
    assert sample.pred_instances.keypoints.shape == (0, 5, 2)


def test_a_sample_without_its_view_is_refused():
    net, _ = network()
    sample = PoseDataSample(metainfo=dict(img_path='a.jpg'))
    with pytest.raises(ValueError, match=r"'view' \(3, 3\), which a.jpg lacks"):
        net.add_pred_to_datasample([InstanceData()], None, [sample])
