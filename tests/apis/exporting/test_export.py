"""Exported networks run in mmpose without this toolbox."""

import copy
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope
from torch import nn

from ssltoolbox.apis.config import load_config
from ssltoolbox.apis.exporting.export import export_model
from ssltoolbox.checkpoints.loading import CheckpointError
from ssltoolbox.registry import MODELS

# isort: split
from mmpose.models.backbones import ResNet

ROOT = Path(__file__).resolve().parents[3]
ALONE = Path(__file__).with_name('run_mmpose_alone.py')
PIPELINE = [
    dict(type='ssltoolbox.LoadImage'),
    dict(type='GetBBoxCenterScale', padding=1.25),
    dict(type='ssltoolbox.CropView', input_size=(64, 64)),
    dict(type='ssltoolbox.PackPoseView'),
]


def small(name):
    """A student config, cut down in size."""
    student = load_config(ROOT / f'configs/_base_/models/{name}.py').student
    student = student.to_dict()
    student['backbone']['init_cfg'] = None
    student['head'].update(deconv_out_channels=(8,), deconv_kernel_sizes=(4,))
    student['head']['decoder'].update(input_size=(64, 64), heatmap_size=(4, 4))
    if name.endswith('specific'):
        student['head']['branch_channels'] = 3
    return student


def random_weights(student, seed):
    """Weights of a network that looks trained: no norm is neutral."""
    torch.manual_seed(seed)
    with DefaultScope.overwrite_default_scope('mmpose'):
        network = MODELS.build(student).eval()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias)
            nn.init.normal_(module.running_mean, std=0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    return network


@pytest.fixture(scope='module')
def run(tmp_path_factory):
    """Checkpoint of a semi-supervised run, and its two networks."""
    student = small('resnet18_joint-specific')
    networks = dict(
        student=random_weights(student, 0), teacher=random_weights(student, 1)
    )
    dataset = dict(
        type='ssltoolbox.APTenKDataset',
        data_root='data/ap10k/',
        subset='val',
        split=2,
        species=['cat'],
        pipeline=PIPELINE,
        test_mode=True,
    )
    config = Config(
        dict(
            default_scope='mmpose',
            model=dict(type='ssltoolbox.SemiSupervisedModel', student=student),
            val_dataloader=dict(batch_size=2, num_workers=0, dataset=dataset),
            val_evaluator=dict(type='ssltoolbox.KeypointAPMetric'),
        )
    )
    prefixes = dict(student='student.', teacher='teacher.model.')
    state = {
        prefixes[name] + key: value
        for name, network in networks.items()
        for key, value in network.state_dict().items()
    }
    path = tmp_path_factory.mktemp('run') / 'epoch_3.pth'
    meta = dict(cfg=config.pretty_text, epoch=3)
    torch.save(dict(state_dict=state, meta=meta, optimizer={}), path)
    return path, networks, config


@pytest.fixture(scope='module')
def plain_run(tmp_path_factory):
    """Checkpoint of a supervised run with the plain head, without a test pipeline."""
    student = small('resnet18')
    network = random_weights(student, 2)
    path = tmp_path_factory.mktemp('plain') / 'best.pth'
    torch.save(dict(state_dict=network.state_dict()), path)
    loader = dict(batch_size=2, dataset=dict(type='AP10KDataset'))
    config = dict(default_scope='mmpose', model=student, val_dataloader=loader)
    return path, network, Config(config)


def images():
    return torch.linspace(-2, 2, 3 * 64 * 64).sin().view(1, 3, 64, 64)


def test_mmpose_alone_predicts_the_same(run, plain_run, tmp_path):
    path, networks, _ = run
    plain_path, plain_network, plain_config = plain_run
    exported = [
        export_model(path, tmp_path, 'teacher'),
        export_model(path, tmp_path, 'student'),
        export_model(plain_path, tmp_path, config=plain_config),
    ]
    files = [str(f) for e in exported for f in (e.config, e.checkpoint)]
    subprocess.run(
        [sys.executable, str(ALONE), 'result.pt', *files], cwd=tmp_path, check=True
    )
    results = torch.load(tmp_path / 'result.pt', weights_only=True)
    expected = [networks['teacher'], networks['student'], plain_network]
    for result, network in zip(results, expected, strict=True):
        with torch.no_grad():
            heatmaps = network(images(), None)
        torch.testing.assert_close(result['heatmaps'], heatmaps, rtol=1e-4, atol=1e-5)
        assert torch.tensor(result['keypoints']).shape == (1, 17, 2)
    assert not torch.allclose(results[0]['heatmaps'], results[1]['heatmaps'])
    assert results[0]['dataset'] == 'AP10KDataset'
    assert results[0]['joints'][4] == 'Root of tail'


def test_config_keeps_how_images_are_read(run, tmp_path):
    exported = export_model(run[0], tmp_path)
    assert exported.which == 'teacher'
    assert exported.config == tmp_path / 'epoch_3_teacher.py'
    config = Config.fromfile(exported.config)
    dataset = config.test_dataloader.dataset
    assert dataset.pipeline == [
        dict(type='LoadImage'),
        dict(type='GetBBoxCenterScale', padding=1.25),
        dict(type='TopdownAffine', input_size=(64, 64)),
        dict(type='PackPoseInputs'),
    ]
    assert dataset.ann_file == 'annotations/ap10k-val-split2.json'
    assert dataset.metainfo.keypoint_info[0].swap == 'R_Eye'
    assert config.model.head.type == 'HeatmapHead'
    assert 'custom_imports' not in config
    assert 'ssltoolbox.' not in config.pretty_text
    notes = '\n'.join(exported.notes)
    assert "species=['cat'] left out" in notes
    assert 'evaluators left out' in notes
    assert all(note in exported.config.read_text() for note in exported.notes)


def test_checkpoint_holds_plain_values(run, tmp_path):
    exported = export_model(run[0], tmp_path, 'student')
    content = torch.load(exported.checkpoint, weights_only=True)
    assert content.keys() == {'meta', 'state_dict'}
    assert content['meta']['source'] == 'epoch_3.pth'
    assert content['meta']['network'] == 'student'
    assert content['meta']['epoch'] == 3
    assert content['meta']['dataset_meta']['flip_indices'][:3] == [1, 0, 2]
    assert not any('branches' in key for key in content['state_dict'])


def test_two_exports_in_one_folder_do_not_meet(run, tmp_path):
    for which in ('student', 'teacher'):
        export_model(run[0], tmp_path, which)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        'epoch_3_student.pth',
        'epoch_3_student.py',
        'epoch_3_teacher.pth',
        'epoch_3_teacher.py',
    ]


def test_what_mmpose_lacks_makes_the_config_import_the_toolbox(
    plain_run, tmp_path, monkeypatch
):
    path, _, config = plain_run
    monkeypatch.setitem(MODELS.module_dict, 'OnlyHere', ResNet)
    config = copy.deepcopy(config)
    config.model.backbone.type = 'ssltoolbox.OnlyHere'
    exported = export_model(path, tmp_path, config=config)
    written = Config.fromfile(exported.config, import_custom_modules=False)
    assert written.custom_imports.imports == ['ssltoolbox.registry']
    assert exported.notes[-1] == (
        'ssltoolbox.OnlyHere needs ssltoolbox: install it beside mmpose'
    )


def test_training_loss_is_not_needed_to_predict(plain_run, tmp_path):
    path, _, config = plain_run
    config = copy.deepcopy(config)
    config.model.head.loss = dict(type='ssltoolbox.JointsMSELoss')
    exported = export_model(path, tmp_path, config=config)
    assert 'ssltoolbox.' not in Config.fromfile(exported.config).pretty_text
    assert exported.notes[0].startswith('the training loss became')


def test_the_only_network_of_a_run_is_no_student(plain_run, tmp_path):
    path, _, config = plain_run
    exported = export_model(path, tmp_path, config=config)
    assert exported.which == 'plain'
    assert exported.config == tmp_path / 'best_plain.py'
    first = exported.config.read_text().splitlines()[0]
    assert first == '# The network of best.pth, for mmpose alone.'
    content = torch.load(exported.checkpoint, weights_only=True)
    assert content['meta']['network'] == 'plain'


def test_plain_checkpoint_has_no_teacher(plain_run, tmp_path):
    path, _, config = plain_run
    with pytest.raises(CheckpointError, match='no teacher in this checkpoint'):
        export_model(path, tmp_path, 'teacher', config)


def test_checkpoint_without_config_asks_for_it(plain_run, tmp_path):
    with pytest.raises(ValueError, match=r'holds no config.*--config'):
        export_model(plain_run[0], tmp_path)


def test_config_text_of_a_checkpoint_is_not_executed(plain_run, tmp_path):
    content = torch.load(plain_run[0], weights_only=True)
    content['meta'] = dict(cfg='import os\nmodel = dict(type=os.getcwd())\n')
    torch.save(content, tmp_path / 'evil.pth')
    with pytest.raises(ValueError, match='line 1 is no assignment'):
        export_model(tmp_path / 'evil.pth', tmp_path)
    content['meta'] = dict(cfg='model = dict(type=print(1))\n')
    torch.save(content, tmp_path / 'evil.pth')
    with pytest.raises(ValueError, match=r"holds 'print\(1\)'"):
        export_model(tmp_path / 'evil.pth', tmp_path)


def test_command_line(run, tmp_path, capsys):
    spec = importlib.util.spec_from_file_location(
        'export_tool', ROOT / 'tools/export.py'
    )
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    tool.main([str(run[0]), '--which', 'student', '--out', str(tmp_path / 'out')])
    said = capsys.readouterr().out
    assert 'student written:' in said
    assert 'note: the joint-specific head became an equal HeatmapHead' in said
    with pytest.raises(SystemExit, match=r'absent.pth does not exist'):
        tool.main([str(tmp_path / 'absent.pth'), '--out', str(tmp_path)])
