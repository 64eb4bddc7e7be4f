"""Exported segmentors run in mmseg without this toolbox, if mmseg has their parts."""

import copy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config, ConfigDict
from torch import nn

from ssltoolbox.apis.exporting.export import export_model
from ssltoolbox.apis.exporting.seg import plain_network
from ssltoolbox.apis.inference.seg_inferencer import SegInferencer
from ssltoolbox.compat import prepare_segmentation
from ssltoolbox.registry import MODELS

from ...segmentor import write_segmentor

prepare_segmentation()
pytestmark = pytest.mark.filterwarnings(
    'ignore:Default ``avg_non', 'ignore:For binary', 'ignore:When align'
)
ALONE = Path(__file__).with_name('run_mmseg_alone.py')
STUDENT = dict(
    type='mmseg.EncoderDecoder',
    data_preprocessor=dict(
        type='mmseg.SegDataPreProcessor', mean=[120.0] * 3, std=[60.0] * 3,
        bgr_to_rgb=True, size_divisor=1,
    ),
    backbone=dict(
        type='mmseg.CGNet', num_channels=(8, 16, 16), num_blocks=(1, 1),
        norm_cfg=dict(type='BN', eps=1e-5), act_cfg=dict(type='PReLU'),
        init_cfg=dict(type='Pretrained', checkpoint='none.pth'),
    ),
    decode_head=dict(
        type='mmseg.FCNHead', in_channels=32, in_index=2, channels=32, num_convs=0,
        concat_input=False, num_classes=2, align_corners=True,
        loss_decode=dict(type='mmseg.CrossEntropyLoss'),
    ),
    test_cfg=dict(mode='whole'),
)  # fmt: skip
PIPELINE = [
    dict(type='ssltoolbox.LoadImage'),
    dict(type='ssltoolbox.ImageView', input_size=(64, 48), antialias=True),
    dict(type='ssltoolbox.LoadMask'),
    dict(type='ssltoolbox.PackSegView'),
]
DATASET = dict(
    type='ssltoolbox.ImageMaskDataset',
    data_root='data/polyps/',
    data_prefix=dict(img_path='images', seg_map_path='masks'),
    metainfo=dict(classes=('background', 'polyp')),
    pipeline=PIPELINE,
    test_mode=True,
)


def make_config(model, **dataset):
    return Config(
        dict(
            default_scope='mmpose',
            model=copy.deepcopy(model),
            test_dataloader=dict(
                batch_size=2,
                num_workers=0,
                sampler=dict(type='DefaultSampler', shuffle=False),
                dataset={**copy.deepcopy(DATASET), **dataset},
            ),
            test_evaluator=dict(type='ssltoolbox.MaskMetric'),
        )
    )


def random_weights(seed):
    """Of a network whose norms are not neutral."""
    torch.manual_seed(seed)
    student = copy.deepcopy(STUDENT)
    student['backbone']['init_cfg'] = None
    network = MODELS.build(ConfigDict(student))
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.running_mean, std=0.1)
    return network.state_dict()


@pytest.fixture(scope='module')
def run(tmp_path_factory):
    """A semi-supervised checkpoint with the config in it, and the config."""
    config = make_config(dict(type='ssltoolbox.SemiSupervisedModel', student=STUDENT))
    state = {
        f'{prefix}{key}': value
        for seed, prefix in enumerate(('student.', 'teacher.model.'))
        for key, value in random_weights(seed).items()
    }
    path = tmp_path_factory.mktemp('run') / 'epoch_3.pth'
    torch.save(dict(state_dict=state, meta=dict(cfg=config.pretty_text, epoch=3)), path)
    return path, config


def test_mmseg_alone_predicts_the_same(run, tmp_path):
    path, config = run
    picture = np.random.default_rng(0).integers(0, 255, (90, 120, 3), np.uint8)
    np.save(tmp_path / 'picture.npy', picture)
    names = ('teacher', 'student')
    exported = [export_model(path, tmp_path, name) for name in names]
    files = [str(f) for each in exported for f in (each.config, each.checkpoint)]
    subprocess.run(
        [sys.executable, str(ALONE), 'result.pt', 'picture.npy', *files],
        cwd=tmp_path,
        check=True,
    )
    results = torch.load(tmp_path / 'result.pt', weights_only=True)
    for name, result in zip(names, results, strict=True):
        config = copy.deepcopy(config)
        config.model.student.backbone.init_cfg = None
        (ours,) = SegInferencer(config, path, name, 'cpu')(picture)
        share = result['logits'].softmax(0).amax(0)
        np.testing.assert_allclose(share, ours.confidence, atol=1e-5)
        np.testing.assert_array_equal(result['classes'], ours.classes)
        assert np.ptp(ours.confidence) > 1e-3
        assert list(result['meta']['classes']) == ['background', 'polyp']
        assert result['meta']['palette'] == [[0, 0, 0], [230, 159, 0]]
    assert not torch.equal(results[0]['logits'], results[1]['logits'])


def test_config_keeps_how_images_are_read(run, tmp_path):
    exported = export_model(run[0], tmp_path)
    assert exported.config == tmp_path / 'epoch_3_teacher.py'
    config = Config.fromfile(exported.config)
    assert config.test_pipeline == config.test_dataloader.dataset.pipeline
    assert config.test_pipeline == [
        dict(type='LoadImageFromFile', color_type='color_ignore_orientation'),
        dict(type='Resize', scale=(64, 48), keep_ratio=False, backend='pillow'),
        dict(type='LoadAnnotations'),
        dict(type='PackSegInputs'),
    ]
    dataset = config.test_dataloader.dataset
    assert (dataset.type, dataset.data_root) == ('BaseSegDataset', 'data/polyps/')
    assert dataset.data_prefix == dict(img_path='images', seg_map_path='masks')
    assert config.default_scope == 'mmseg'
    assert config.model.type == 'EncoderDecoder'
    assert 'init_cfg' not in config.model.backbone
    assert config.test_evaluator.type == 'IoUMetric'
    assert 'ssltoolbox.' not in config.pretty_text
    assert 'mmseg.' not in config.pretty_text
    text = exported.config.read_text()
    assert text.startswith('# The teacher of epoch_3.pth, for mmseg alone.\n')
    assert '# - the evaluator became mmseg.IoUMetric: in percent' in text


def test_checkpoint_holds_plain_values(run, tmp_path):
    exported = export_model(run[0], tmp_path, 'student')
    content = torch.load(exported.checkpoint, weights_only=True)
    assert content['meta']['network'] == 'student' and content['meta']['epoch'] == 3
    assert content['state_dict'].keys() == random_weights(0).keys()


def test_own_parts_make_the_config_import_the_toolbox(tmp_path):
    config, checkpoint = write_segmentor(tmp_path)
    exported = export_model(checkpoint, tmp_path / 'out', config=config)
    written = Config.fromfile(exported.config, import_custom_modules=False)
    assert written.custom_imports.imports == ['ssltoolbox.registry']
    assert exported.notes[-1] == (
        'ssltoolbox.TestPixels needs ssltoolbox: install it beside mmseg'
    )
    assert 'for mmseg with ssltoolbox.' in exported.config.read_text()
    from mmseg.apis import inference_model, init_model

    model = init_model(str(exported.config), str(exported.checkpoint), device='cpu')
    image = np.full((24, 32, 3), 60, np.uint8)
    image[:, :10] = 200
    (ours,) = SegInferencer(config, checkpoint, device='cpu')(image)
    found = inference_model(model, image).pred_sem_seg.data[0]
    np.testing.assert_array_equal(found, ours.classes)
    assert ours.areas(2).tolist() == [24 * 22, 24 * 10]


def test_own_losses_become_those_of_mmseg():
    loss = dict(type='ssltoolbox.OwnLoss')
    head = dict(type='mmseg.FCNHead', loss_decode=[loss])
    notes = []
    network, weights = plain_network(
        dict(backbone={}, decode_head=head, auxiliary_head=[head]), {}, notes
    )
    plain = dict(type='FCNHead', loss_decode=dict(type='CrossEntropyLoss'))
    assert network['decode_head'] == plain and network['auxiliary_head'] == [plain]
    assert len(notes) == 1 and 'training loss' in notes[0] and weights == {}


def test_what_mmseg_cannot_do_is_noted(run, tmp_path):
    student = copy.deepcopy(STUDENT)
    student['backbone']['init_cfg'] = None
    steps = [*PIPELINE[:2], dict(type='ssltoolbox.RandAugment'), *PIPELINE[2:]]
    metainfo = dict(DATASET['metainfo'], codes=[[0], [255]])
    config = make_config(student, pipeline=steps, metainfo=metainfo, sequences=['a'])
    plain = tmp_path / 'plain.pth'
    torch.save(dict(state_dict=random_weights(0)), plain)
    notes = export_model(plain, tmp_path, config=config).notes
    assert notes == [
        'transform ssltoolbox.RandAugment left out: mmseg has none like it',
        'sequences left out: mmseg reads all sub folders',
        'codes left out: mmseg reads masks of class ids',
        'the evaluator became mmseg.IoUMetric: in percent, over all classes',
    ]
    config.test_dataloader.dataset.pipeline = []
    with pytest.raises(ValueError, match='cannot tell how images are read'):
        export_model(plain, tmp_path, config=config)
