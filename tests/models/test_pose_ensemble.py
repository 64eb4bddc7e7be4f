"""Two networks predict together: the mean of their heatmaps, decoded once."""

import numpy as np
import pytest
import torch

from ssltoolbox.models.pose_ensemble import PoseEnsemble
from ssltoolbox.registry import MODELS
from ssltoolbox.testing.tiny_pose import FLIP_INDICES, tiny_network, view_batch

MODES = [
    dict(flip_test=False),
    dict(flip_test=True, flip_mode='heatmap', shift_heatmap=False),
    dict(flip_test=True, flip_mode='heatmap', shift_heatmap=True),
]
modes = pytest.mark.parametrize('test_cfg', MODES)


def network(seed, test_cfg):
    torch.manual_seed(seed)
    model = MODELS.build(tiny_network() | dict(test_cfg=test_cfg)).eval()
    # maps without a positive cell have no keypoint
    torch.nn.init.normal_(model.head.final_layer.weight)
    torch.nn.init.ones_(model.head.final_layer.bias)
    return model


def images():
    """Two images and their samples, new ones at each call."""
    batch = view_batch(count=2)
    return {part: batch[part]['plain'] for part in batch}


@torch.no_grad()
def predict(model):
    samples = model.test_step(images())
    return [
        np.concatenate([getattr(s.pred_instances, name) for s in samples])
        for name in ('keypoints', 'keypoint_scores')
    ]


@modes
def test_a_network_with_itself_predicts_as_mmpose_does(test_cfg):
    one = network(0, test_cfg)
    for found, expected in zip(
        predict(PoseEnsemble([one, one])), predict(one), strict=True
    ):
        np.testing.assert_array_equal(found, expected)


@torch.no_grad()
def mean_maps(pair, inputs):
    return sum(n(inputs, None, mode='tensor').numpy() for n in pair) / len(pair)


@modes
def test_the_mean_of_the_heatmaps_is_decoded(test_cfg):
    pair = [network(0, test_cfg), network(1, test_cfg)]
    inputs = pair[0].data_preprocessor(images())['inputs']
    maps = mean_maps(pair, inputs)
    if test_cfg['flip_test']:
        mirrored = mean_maps(pair, inputs.flip(-1))[:, FLIP_INDICES, :, ::-1]
        if test_cfg['shift_heatmap']:
            # one cell to the right; the first column is kept
            mirrored = np.concatenate([mirrored[..., :1], mirrored[..., :-1]], -1)
        maps = (maps + mirrored) / 2
    keypoints, scores = predict(PoseEnsemble(pair))
    np.testing.assert_allclose(scores, maps.max((2, 3)), rtol=1e-5)
    # a crop of 64 px has cells of 4 px; peaks move a quarter cell at most
    cells = [np.unravel_index(m.argmax(), m.shape) for m in maps.reshape(-1, 16, 16)]
    in_crop = np.array(cells, float)[:, ::-1].reshape(2, 5, 2) * 4
    box = images()['data_samples'][0].metainfo
    scale, centre = box['input_scale'] / 64, box['input_center']
    expected = in_crop * scale + centre - box['input_scale'] / 2
    assert np.abs(keypoints - expected).max() <= 1.01 * scale.max()
    alone = [predict(n)[1] for n in pair]
    assert not any(np.allclose(scores, other) for other in alone)


def test_as_tensor_it_gives_mean_heatmaps():
    pair = [network(0, MODES[0]), network(1, MODES[0])]
    inputs = torch.randn(2, 3, 64, 64)
    found = PoseEnsemble(pair)(inputs).detach().numpy()
    np.testing.assert_allclose(found, mean_maps(pair, inputs), rtol=1e-6)
