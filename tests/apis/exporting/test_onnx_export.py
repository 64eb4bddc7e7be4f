"""ONNX graphs give what the networks give, without torch and without this toolbox."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope

for _name in ('onnx', 'onnxruntime'):
    pytest.importorskip(_name, reason='needs ssltoolbox[onnx]')

from ssltoolbox.apis.exporting import onnx_export  # noqa: E402
from ssltoolbox.apis.exporting.onnx_check import largest_difference  # noqa: E402
from ssltoolbox.apis.exporting.onnx_export import export_onnx  # noqa: E402
from ssltoolbox.apis.exporting.onnx_graph import graph_of  # noqa: E402
from ssltoolbox.registry import MODELS  # noqa: E402

from ...depth_network import CONFIG as DEPTH_CONFIG  # noqa: E402
from ...depth_network import write_depth_network  # noqa: E402
from ...segmentor import CONFIG as SEG_CONFIG  # noqa: E402
from ...segmentor import write_segmentor  # noqa: E402

ALONE = Path(__file__).with_name('run_onnx_alone.py')
NAMES = ['nose', 'left eye', 'right eye']
POSE = dict(
    type='TopdownPoseEstimator',
    data_preprocessor=dict(
        type='PoseDataPreprocessor', mean=[120.0, 110, 100], std=[60.0, 50, 70],
        bgr_to_rgb=True,
    ),
    backbone=dict(type='ResNet', depth=18, base_channels=8, stem_channels=8),
    head=dict(
        type='HeatmapHead', in_channels=64, out_channels=3, deconv_out_channels=(8,),
        deconv_kernel_sizes=(4,),
        decoder=dict(
            type='MSRAHeatmap', input_size=(64, 96), heatmap_size=(4, 6), sigma=1
        ),
    ),
    test_cfg=dict(flip_test=True),
)  # fmt: skip


def alone(tmp_path, exported, *arrays):
    """What a process without torch computes."""
    files = []
    for number, array in enumerate(arrays):
        files.append(str(tmp_path / f'input_{number}.npy'))
        np.save(files[-1], array)
    command = [sys.executable, str(ALONE), 'found.npz', str(exported.graph), *files]
    subprocess.run(command, cwd=tmp_path, check=True)
    with np.load(tmp_path / 'found.npz', allow_pickle=False) as file:
        return dict(file)


@pytest.fixture(scope='module')
def pose_run(tmp_path_factory):
    """A checkpoint with student and teacher, its networks, and its config in it."""
    torch.manual_seed(0)
    layout = dict(
        dataset_name='three',
        keypoint_info={
            i: dict(name=name, id=i, color=[0, 0, 0], type='', swap=swap)
            for i, (name, swap) in enumerate(
                zip(NAMES, ('', 'right eye', 'left eye'), strict=True)
            )
        },
        skeleton_info={}, joint_weights=[1.0] * 3, sigmas=[0.1] * 3,
    )  # fmt: skip
    dataset = dict(type='CocoDataset', metainfo=layout)
    config = Config(
        dict(
            default_scope='mmpose',
            model=dict(type='ssltoolbox.SemiSupervisedModel', student=POSE),
            val_dataloader=dict(dataset=dataset),
        )
    )
    with DefaultScope.overwrite_default_scope('mmpose'):
        networks = [MODELS.build(POSE).eval() for _ in range(2)]
    for network in networks:
        network.head.final_layer.weight.data.normal_(std=1.0)
        # the nose is never found, eyes always are
        network.head.final_layer.bias.data = torch.tensor([-50.0, 9, 9])
    state = {
        prefix + key: value
        for prefix, network in zip(
            ('student.', 'teacher.model.'), networks, strict=True
        )
        for key, value in network.state_dict().items()
    }
    path = tmp_path_factory.mktemp('run') / 'epoch_3.pth'
    torch.save(dict(state_dict=state, meta=dict(cfg=config.pretty_text, epoch=3)), path)
    return path, networks


@pytest.fixture(scope='module')
def exported(pose_run, tmp_path_factory):
    return export_onnx(pose_run[0], tmp_path_factory.mktemp('exported'))


def test_keypoints_are_those_of_mmpose(pose_run, exported, tmp_path):
    _, (_, teacher) = pose_run
    assert exported.graph.name == 'epoch_3_teacher.onnx'
    assert exported.difference <= 1e-4
    rng = np.random.default_rng(0)
    crops = rng.integers(0, 256, (5, 96, 64, 3), np.uint8)  # RGB
    found = alone(tmp_path, exported, crops.transpose(0, 3, 1, 2))
    bgr = [torch.from_numpy(crop[..., ::-1].copy()).permute(2, 0, 1) for crop in crops]
    with torch.no_grad():
        given = teacher.data_preprocessor(dict(inputs=bgr, data_samples=[]))
        heatmaps = teacher(given['inputs'], None).numpy()
    np.testing.assert_allclose(found['heatmaps'], heatmaps, atol=1e-4)
    assert np.ptp(heatmaps[:, 1:]) > 0.1
    for number, maps in enumerate(found['heatmaps']):
        points, scores = teacher.head.decoder.decode(maps)
        np.testing.assert_allclose(found['keypoints'][number], points[0], atol=1e-3)
        np.testing.assert_allclose(found['scores'][number], scores[0], atol=1e-6)
    assert found['keypoints'].shape == (5, 3, 2)
    assert (found['keypoints'][:, 0] == -16).all()  # one cell before the first
    assert len(np.unique(found['keypoints'][:, 1:] % 16)) > 1


def test_a_json_and_the_graph_itself_say_how_to_feed_it(exported, tmp_path):
    about = json.loads(exported.description.read_text())
    found = alone(tmp_path, exported, np.zeros((2, 3, 96, 64), np.uint8))
    assert json.loads(str(found['about'])) == about
    assert about['inputs']['images']['shape'] == ['B', 3, 96, 64]
    assert about['outputs']['keypoints']['shape'] == ['B', 'K', 2]
    assert about['colours'] == 'RGB' and about['opset'] == 17
    assert about['keypoints'] == NAMES and about['flip_indices'] == [0, 2, 1]
    assert about['in_graph']['mean'] == [120, 110, 100]
    assert about['made_of']['network'] == exported.which == 'teacher'
    assert about['made_of']['epoch'] == 3
    assert about['codec']['input_size'] == [64, 96]
    assert exported.notes == about['notes']
    assert exported.notes[0].startswith('the flip test is left out')


@pytest.mark.parametrize('to_rgb', [True, False])
def test_images_are_rgb_whatever_the_network_was_trained_on(tmp_path, to_rgb):
    text = SEG_CONFIG.replace('bgr_to_rgb=True', f'bgr_to_rgb={to_rgb}')
    config, checkpoint = write_segmentor(tmp_path, text=text)
    content = torch.load(checkpoint, weights_only=True)
    # class 1 is what is bright in the first channel that the network sees
    weight = content['state_dict']['decode_head.conv_seg.weight']
    weight[1, 0], weight[1, 1:] = 40, 0
    torch.save(content, checkpoint)
    exported = export_onnx(checkpoint, tmp_path, config=config)
    images = np.zeros((2, 3, 24, 32), np.uint8)
    images[0, 0], images[1, 2] = 255, 255  # a red one and a blue one
    classes = alone(tmp_path, exported, images)['logits'].argmax(1)
    assert classes.shape == (2, 24, 32)
    assert (classes[0] == to_rgb).all() and (classes[1] == (not to_rgb)).all()
    about = json.loads(exported.description.read_text())
    assert about['classes'] == ['background', 'bright spot']
    assert exported.which == about['made_of']['network'] == 'plain'


def test_depth_is_zero_where_the_scene_is_not_seen(tmp_path):
    text = DEPTH_CONFIG.replace("data_root='data'", "data_root='data', size=(16, 8)")
    config, checkpoint = write_depth_network(tmp_path, text=text, factor=2.0)
    exported = export_onnx(checkpoint, tmp_path, config=config)
    images = np.full((2, 3, 8, 16), 255, np.uint8)
    images[1] = 51
    valid = np.ones((2, 1, 8, 16), np.uint8)
    valid[..., :4] = 0
    depth = alone(tmp_path, exported, images, valid)['depth']
    assert depth.shape == (2, 1, 8, 16)
    np.testing.assert_allclose(depth[0, ..., 4:], 2.0, rtol=1e-6)
    np.testing.assert_allclose(depth[1, ..., 4:], 0.4, rtol=1e-5)
    assert not depth[..., :4].any()


def test_hue_is_not_exchanged_with_value(tmp_path):
    text = DEPTH_CONFIG.replace(
        "dict(type='ssltoolbox.PackDepthView')",
        "dict(type='ssltoolbox.ToHSV'), dict(type='ssltoolbox.PackDepthView')",
    ).replace('bgr_to_rgb=True', 'bgr_to_rgb=False')
    config, checkpoint = write_depth_network(tmp_path, text=text)
    content = torch.load(checkpoint, weights_only=True)
    content['state_dict']['decode_head.conv.weight'][:, 1:] = 0
    torch.save(content, checkpoint)
    exported = export_onnx(checkpoint, tmp_path, config=config, size=(16, 8))
    images = np.zeros((1, 3, 8, 16), np.uint8)
    images[:, 0] = 255  # the first channel is the hue
    depth = alone(tmp_path, exported, images, np.ones((1, 1, 8, 16), np.uint8))['depth']
    np.testing.assert_allclose(depth, 1 / 3, rtol=1e-5)
    about = json.loads(exported.description.read_text())
    assert about['colours'].startswith('HSV')


def test_a_graph_with_other_weights_is_refused(pose_run, exported, tmp_path):
    import onnx
    from onnx import numpy_helper

    graph = graph_of(pose_run[1][1], 'poses')
    assert largest_difference(exported.graph, graph, (64, 96)) <= 1e-4
    model = onnx.load(exported.graph)
    changed = next(w for w in model.graph.initializer if len(w.dims) == 4)
    wrong = numpy_helper.to_array(changed) * np.float32(1.5)
    changed.CopyFrom(numpy_helper.from_array(wrong, changed.name))
    onnx.save(model, tmp_path / 'other.onnx')
    with pytest.raises(ValueError, match='gives other results than the network'):
        largest_difference(tmp_path / 'other.onnx', graph, (64, 96))


def test_nothing_is_written_where_the_results_differ(tmp_path, monkeypatch):
    def differs(*_):
        raise ValueError('other results')

    monkeypatch.setattr(onnx_export, 'largest_difference', differs)
    config, checkpoint = write_segmentor(tmp_path)
    with pytest.raises(ValueError, match='other results'):
        export_onnx(checkpoint, tmp_path / 'out', config=config)
    assert not list((tmp_path / 'out').iterdir())


def test_wrong_requests_are_refused_with_the_next_step(pose_run, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match='--opset must be 13 to 20, .* got 11'):
        export_onnx(pose_run[0], tmp_path, opset=11)
    with pytest.raises(ValueError, match='--input-size 32 32: the codec .* 64 96'):
        export_onnx(pose_run[0], tmp_path, size=(32, 32))
    config, checkpoint = write_depth_network(tmp_path)
    with pytest.raises(ValueError, match='cannot tell the size .*--input-size W H'):
        export_onnx(checkpoint, tmp_path, config=config)
    monkeypatch.setattr(onnx_export, 'find_spec', lambda name: None)
    with pytest.raises(RuntimeError, match=r'pip install "ssltoolbox\[onnx\]"'):
        export_onnx(pose_run[0], tmp_path)


def test_command_line(tool, tmp_path, capsys):
    config, checkpoint = write_segmentor(tmp_path, 'spots')
    arguments = [checkpoint, '--config', config, '--out', str(tmp_path / 'out')]
    tool('export').main([*arguments, '--format', 'onnx', '--input-size', '16', '8'])
    said = capsys.readouterr().out
    assert 'network written:' in said and 'spots_plain.onnx.json' in said
    assert 'under onnxruntime it differs from the network by' in said
    about = json.loads((tmp_path / 'out' / 'spots_plain.onnx.json').read_text())
    assert about['inputs']['images']['shape'] == ['B', 3, 8, 16]
    with pytest.raises(SystemExit):
        tool('export').main([*arguments, '--opset', '17'])
    assert '--opset go with --format onnx' in capsys.readouterr().err
