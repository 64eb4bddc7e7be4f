"""Base, annotation, target and a second round, as one config; and two processes."""

import json
import multiprocessing
import os
import shutil
import traceback
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
import torch.distributed as dist
from mmengine.config import Config

from ssltoolbox.apis.checking.checker import Checker
from ssltoolbox.apis.config import ConfigError
from ssltoolbox.apis.train import train
from ssltoolbox.registry import DATASETS
from ssltoolbox.semi.mask_store import MaskStore

from .coloured_images import CLASSES, files, write_images

ROOT = Path(__file__).parents[2]
CONFIG = """
_base_ = '{root}/configs/_base_/default_runtime.py'
visualizer = dict(type='Visualizer', vis_backends=[dict(type='LocalVisBackend')])
num_workers = 0
metric = 'seg/mIoU'
select = '${{metric}}'
leak_check = dict(allow='whether images are learned by heart is tested')
student = dict(
    type='mmseg.EncoderDecoder',
    data_preprocessor=dict(
        type='mmseg.SegDataPreProcessor', mean=[127.5] * 3, std=[127.5] * 3,
        bgr_to_rgb=True, size_divisor=1,
    ),
    backbone=dict(type='ssltoolbox.DAUNet', base_channels=4, dropout=0),
    decode_head=dict(
        type='mmseg.FCNHead', in_channels=4, in_index=2, channels=4, num_convs=0,
        concat_input=False, dropout_ratio=0, num_classes=2, align_corners=False,
        loss_decode=dict(type='mmseg.CrossEntropyLoss'),
    ),
    test_cfg=dict(mode='whole'),
)
classes = dict(classes={classes})
drawn = dict(
    type='ssltoolbox.ImageMaskDataset', data_root='{data}/drawn',
    metainfo='${{classes}}',
    data_prefix=dict(img_path='images', seg_map_path='masks'),
)
pool_root = '{data}/pool'
unlabelled = dict(
    type='ssltoolbox.FewShotImageDataset', labels=None, part='unlabelled',
    dataset=dict(
        type='ssltoolbox.ImageMaskDataset', data_root='${{pool_root}}',
        metainfo='${{classes}}', data_prefix=dict(img_path='images'),
        require_masks=False,
    ),
)
labelled = dict(
    type='ssltoolbox.FewShotImageDataset', dataset='${{drawn}}', labels=1.0,
    part='labelled',
)
load = [dict(type='ssltoolbox.LoadImage'), dict(type='ssltoolbox.LoadMask')]
plain_view = dict(type='ssltoolbox.ImageView', input_size=(32, 32))
pack = dict(type='ssltoolbox.PackSegView')
views = ['flip_ud', 'H+V Flip', 'median_blur']
annotation = dict(
    type='ssltoolbox.FusionJob',
    members=[
        dict(network='${{student}}', checkpoint='${{base_1.best}}',
             weight='${{base_1.score}}'),
    ],
    task=dict(type='ssltoolbox.SegTask'),
    dataset=dict(
        type='ssltoolbox.MultiSourceDataset',
        sources=dict(unlabelled='${{unlabelled}}'),
        pipeline=[
            '*${{load}}',
            dict(type='ssltoolbox.ViewSet', views='${{views}}', view='${{plain_view}}',
                 pack='${{pack}}'),
        ],
    ),
    batch_size=1,
    num_workers='${{num_workers}}',
)
pseudo = dict(
    type='ssltoolbox.StoredMaskDataset', dataset='${{unlabelled}}',
    store='${{annotate.store}}',
)
sources = dict(labelled='${{labelled}}')
train_dataloader = dict(
    batch_size=2, num_workers=0,
    sampler=dict(type='ssltoolbox.MultiSourceSampler', batch_size=2, epoch_length=4),
    dataset=dict(
        type='ssltoolbox.MultiSourceDataset', sources='${{sources}}',
        pipeline=['*${{load}}', '${{plain_view}}', '${{pack}}'],
    ),
)
val_dataloader = dict(
    batch_size=2, num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='ssltoolbox.ImageMaskDataset', data_root='{data}/drawn',
        metainfo='${{classes}}', test_mode=True,
        data_prefix=dict(img_path='images', seg_map_path='masks'),
        pipeline=[
            dict(type='ssltoolbox.LoadImage'), '${{plain_view}}',
            dict(type='ssltoolbox.LoadMask'), '${{pack}}',
        ],
    ),
)
val_evaluator = dict(type='mmseg.IoUMetric', iou_metrics=['mIoU'], prefix='seg')
train_cfg = dict(type='ssltoolbox.EpochTrainLoop', max_epochs=2, val_interval=1)
val_cfg = dict(type='ssltoolbox.ValLoop')
model = '${{student}}'
optim_wrapper = dict(optimizer=dict(type='Adam', lr=0.01))
stages = [
    dict(name='base_1', cfg=dict(model='${{student}}')),
    dict(name='annotate', job='${{annotation}}'),
    dict(name='target', cfg=dict(sources=dict(pseudo='${{pseudo}}'))),
    dict(name='annotate_2', job=dict(
        type='ssltoolbox.FusionJob',
        members=[
            dict(network='${{student}}', checkpoint='${{base_1.best}}',
                 weight='${{base_1.score}}'),
            dict(network='${{student}}', checkpoint='${{target.best}}',
                 weight='${{target.score}}'),
        ],
        task='${{annotation.task}}', dataset='${{annotation.dataset}}', batch_size=2,
        num_workers=0,
    )),
]
"""


@pytest.fixture(scope='module')
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp('config')
    write_images(folder / 'data' / 'pool', [(40, 30), (32, 32), (24, 48)])
    drawn = write_images(folder / 'data' / 'drawn', [(32, 32)] * 4)
    for file in (drawn / 'images').iterdir():
        red = cv2.imread(str(file))[..., 2] > 127
        (drawn / 'masks').mkdir(exist_ok=True)
        cv2.imwrite(str(drawn / 'masks' / file.name), red.astype(np.uint8))
    path = folder / 'config.py'
    path.write_text(
        CONFIG.format(root=ROOT, data=folder / 'data', classes=repr(CLASSES))
    )
    return path


@pytest.fixture(scope='module')
def trained(config, tmp_path_factory):
    """Work dir and outputs of all stages."""
    folder = tmp_path_factory.mktemp('run')
    return folder, train(config, work_dir=folder)


def test_a_stage_tells_its_score(trained):
    folder, outputs = trained
    score = outputs['base_1']['score']
    lines = (folder / 'base_1').rglob('scalars.json')
    found = [json.loads(line) for file in lines for line in open(file)]
    values = [each['seg/mIoU'] for each in found if 'seg/mIoU' in each]
    assert len(values) == 2 and score == pytest.approx(max(values))
    record = json.loads((folder / 'base_1' / 'stage.json').read_text())
    assert record['outputs']['score'] == score


def test_the_score_is_the_weight(trained):
    folder, outputs = trained
    meta = MaskStore.read(folder / 'annotate_2' / 'store').meta
    weights = [member['weight'] for member in meta['members']]
    assert weights == [outputs[stage]['score'] for stage in ('base_1', 'target')]


def test_a_later_round_takes_the_target_of_an_earlier_one(trained):
    folder, outputs = trained
    meta = MaskStore.read(outputs['annotate_2']['store']).meta
    used = [member['checkpoint'] for member in meta['members']]
    assert used == [outputs[stage]['best'] for stage in ('base_1', 'target')]
    assert (folder / 'annotate_2' / 'pseudo_labels.jpg').is_file()


def test_the_target_learned_from_the_stored_masks(trained):
    folder, _ = trained
    cfg = Config.fromfile(folder / 'target' / 'config.py')
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    assert dict(zip(dataset.source_names, dataset.source_sizes, strict=True)) == {
        'labelled': 4,
        'pseudo': 3,
    }
    sample = dataset[4]['data_samples']
    assert sample.gt_sem_seg.data.shape == (1, 32, 32) and not sample.labelled


def test_nothing_is_run_twice(trained, config):
    folder, outputs = trained
    assert train(config, work_dir=folder) == outputs


def annotated_by(rank, config, folder):
    """Take part in the annotation of two processes, and end this one."""
    status = 1
    try:
        torch.set_num_threads(1)
        file = f'file://{folder}/meeting'
        dist.init_process_group('gloo', init_method=file, rank=rank, world_size=2)
        train(config, work_dir=folder, stage='annotate')
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def test_two_processes_make_the_store_of_one(trained, config, tmp_path):
    folder, _ = trained
    shutil.copytree(folder / 'base_1', tmp_path / 'base_1')
    fork = multiprocessing.get_context('fork')
    both = [
        fork.Process(target=annotated_by, args=(rank, config, tmp_path))
        for rank in range(2)
    ]
    for each in both:
        each.start()
    for each in both:
        each.join(timeout=240)
    assert [each.exitcode for each in both] == [0, 0]
    assert files(tmp_path / 'annotate' / 'store') == files(
        folder / 'annotate' / 'store'
    )


def test_unknown_views_are_found_before_anything_is_trained(config, tmp_path):
    with pytest.raises(ConfigError, match="stage 'annotate': .*no view 'hflip'"):
        train(config, work_dir=tmp_path, options={'views': ['hflip']})
    assert not (tmp_path / 'base_1').exists()


def test_an_empty_pool_is_found_before_anything_is_trained(config, tmp_path):
    (tmp_path / 'pool' / 'images').mkdir(parents=True)
    options = {'pool_root': str(tmp_path / 'pool')}
    with pytest.raises(FileNotFoundError, match='images holds no image'):
        train(config, work_dir=tmp_path / 'run', options=options)
    assert not (tmp_path / 'run' / 'base_1').exists()


def test_a_config_can_be_checked_before_it_ran(config):
    report = Checker().check(config)
    assert not report.errors and len(report.stages) == 4
    for stage in report.stages:
        assert not stage.errors, stage.errors
    assert list(report.stages[3].trial.parameters) == ['network 1', 'network 2']


def test_a_stage_without_validation_has_no_score(config, tmp_path):
    options = {
        'val_dataloader': None,
        'val_cfg': None,
        'val_evaluator': None,
        'default_hooks.checkpoint.save_best': None,
        'train_cfg.max_epochs': 1,
    }
    outputs = train(config, work_dir=tmp_path, stage='base_1', options=options)
    assert outputs['base_1']['score'] is None
    with pytest.raises(ValueError, match='made no score, since its config validates'):
        train(config, work_dir=tmp_path, stage='annotate', options=options)
