import numpy as np
import pytest
import torch
from mmengine import Config

from ssltoolbox.apis import other_joints
from ssltoolbox.apis.model import dataset_meta, load_model
from ssltoolbox.apis.other_joints import warn_of_other_joints
from ssltoolbox.checkpoints.loading import CheckpointError
from ssltoolbox.checkpoints.network_weights import load_network_weights
from ssltoolbox.registry import MODELS


def network(joints=17, in_channels=512):
    return dict(
        type='mmpose.TopdownPoseEstimator',
        data_preprocessor=dict(type='mmpose.PoseDataPreprocessor', bgr_to_rgb=True),
        backbone=dict(type='mmpose.ResNet', depth=18),
        head=dict(
            type='mmpose.HeatmapHead',
            in_channels=in_channels,
            out_channels=joints,
            deconv_out_channels=None,
            decoder=dict(
                type='MSRAHeatmap', input_size=(64, 64), heatmap_size=(2, 2), sigma=1
            ),
        ),
    )


def plain_config(**kwargs):
    return Config(dict(default_scope='mmpose', model=network(**kwargs)))


def semi_config():
    model = dict(
        type='ssltoolbox.SemiSupervisedModel',
        student=network(),
        teacher=dict(type='ssltoolbox.EMATeacher'),
    )
    return Config(dict(default_scope='mmpose', model=model))


@pytest.fixture(scope='module')
def weights():
    """Weights of a plain network; those of the teacher are all 1 higher."""
    torch.manual_seed(0)
    from mmengine.registry import DefaultScope

    with DefaultScope.overwrite_default_scope('mmpose'):
        student = MODELS.build(network()).state_dict()
    return student, {k: v + 1 for k, v in student.items()}


def save(path, state):
    torch.save({'state_dict': state, 'meta': {}}, path)
    return path


@pytest.fixture
def plain_file(tmp_path, weights):
    return save(tmp_path / 'plain.pth', weights[0])


@pytest.fixture
def semi_file(tmp_path, weights):
    student, teacher = weights
    state = {f'student.{k}': v for k, v in student.items()}
    state |= {f'teacher.model.{k}': v for k, v in teacher.items()}
    return save(tmp_path / 'semi.pth', {**state, 'method.counter': torch.zeros(1)})


def bias(model):
    return model.head.final_layer.bias[0].item()


@pytest.mark.parametrize(
    ('which', 'step'), [('auto', 1), ('teacher', 1), ('student', 0)]
)
def test_network_of_a_semi_checkpoint_is_chosen(semi_file, weights, which, step):
    model, cfg = load_model(semi_config(), semi_file, which)
    expected = weights[0]['head.final_layer.bias'][0].item() + step
    assert bias(model) == pytest.approx(expected)
    assert not model.training
    assert cfg.model.type == 'ssltoolbox.SemiSupervisedModel'


@pytest.mark.parametrize('which', ['auto', 'student'])
def test_plain_checkpoint_fits_plain_and_semi_configs(plain_file, weights, which):
    expected = weights[0]['head.final_layer.bias'][0].item()
    for config in (plain_config(), semi_config()):
        assert bias(load_model(config, plain_file, which)[0]) == pytest.approx(expected)


def test_missing_teacher_is_named(plain_file):
    with pytest.raises(CheckpointError, match='no teacher .* it holds: plain'):
        load_model(semi_config(), plain_file, 'teacher')


def test_unknown_network_is_refused(plain_file):
    with pytest.raises(ValueError, match="got 'ema'"):
        load_model(plain_config(), plain_file, 'ema')


def test_other_number_of_joints_is_explained(plain_file):
    with pytest.raises(CheckpointError) as error:
        load_model(plain_config(joints=20), plain_file)
    message = str(error.value)
    assert 'plain.pth' in message
    assert '2 weights are of another shape' in message
    assert 'head.final_layer.weight (17, 512, 1, 1) instead of (20,' in message


def test_other_names_are_counted(tmp_path, weights):
    state = {f'net.{k}': v for k, v in weights[0].items()}
    path = save(tmp_path / 'other.pth', state)
    count = len(state)
    with pytest.raises(CheckpointError, match=f'{count} weights are missing') as error:
        load_model(plain_config(), path)
    assert f'{count} weights are unknown to the network (net.' in str(error.value)


def test_file_without_weights_is_refused(tmp_path):
    path = tmp_path / 'log.pth'
    torch.save({'epoch': 3}, path)
    with pytest.raises(CheckpointError, match='no network weights'):
        load_model(plain_config(), path)


def test_absent_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='none.pth'):
        load_model(plain_config(), tmp_path / 'none.pth')


def test_config_without_model_is_explained(plain_file):
    with pytest.raises(ValueError, match='--stage'):
        load_model(Config(dict(stages=[])), plain_file)


def test_weights_are_loaded_into_a_given_network(semi_file, weights):
    model, _ = load_model(semi_config(), semi_file, 'student')
    load_network_weights(model, semi_file)
    expected = weights[1]['head.final_layer.bias'][0].item()
    assert bias(model) == pytest.approx(expected)


def test_layout_comes_from_the_data_set():
    config = Config(dict(val_dataloader=dict(dataset=dict(type='mmpose.AP10KDataset'))))
    meta = dataset_meta(config)
    assert meta['num_keypoints'] == 17
    assert meta['keypoint_id2name'][2] == 'Nose'
    np.testing.assert_array_equal(meta['flip_indices'][:3], [1, 0, 2])
    assert dataset_meta(Config(dict())) is None


def test_a_checkpoint_of_other_keypoints_is_named(monkeypatch):
    said = []
    monkeypatch.setattr(other_joints, 'print_log', lambda text, *_: said.append(text))
    layouts = [
        {'keypoint_id2name': dict(enumerate(names))}
        for names in (['nose', 'tail'], ['tail', 'nose'])
    ]
    meta = {'dataset_meta': layouts[0]}
    warn_of_other_joints(meta, layouts[0], 'net.pth')
    warn_of_other_joints({}, layouts[1], 'net.pth')
    assert not said
    warn_of_other_joints(meta, layouts[1], 'net.pth')
    assert 'net.pth was trained on other keypoints (nose, tail' in said[0]


def test_classes_of_a_segmentation_take_the_place_of_keypoints(monkeypatch):
    said = []
    monkeypatch.setattr(other_joints, 'print_log', lambda text, *_: said.append(text))
    kind = 'ssltoolbox.ImageMaskDataset'
    data = dict(type=kind, metainfo=dict(classes=('tissue', 'tool')))
    meta = dataset_meta(Config(dict(val_dataloader=dict(dataset=data))))
    assert meta['classes'] == ('tissue', 'tool')
    warn_of_other_joints({'dataset_meta': {'classes': ['tissue', 'tool']}}, meta, '')
    assert not said
    warn_of_other_joints({'dataset_meta': {'classes': ['tool', 'tissue']}}, meta, '')
    assert 'trained on other classes (tool, tissue' in said[0]
