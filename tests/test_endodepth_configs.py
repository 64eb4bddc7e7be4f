"""Endoscopic depth: published numbers, and leaves that say what is their own alone."""

import math
from functools import cache
from pathlib import Path

import pytest
import torch
from mmengine.registry import init_default_scope

from ssltoolbox.apis.config import load_config
from ssltoolbox.registry import DATASETS, MODELS, TASK_UTILS
from ssltoolbox.semi.progress import Progress

FOLDER = Path(__file__).parents[1] / 'configs' / 'endodepth'
LEAVES = sorted(FOLDER.glob('*.py'))
STAGES = 'fcdensenet57_endoscopy_teacher-student'
ALONE = 'fcdensenet57_endoscopy_sfm'
SIZES = {
    ALONE: 1_374_865,
    'fcdensenet67_endoscopy_sfm': 3_460_353,
    'fcdensenet103_endoscopy_sfm': 9_319_521,
}
each = pytest.mark.parametrize


@cache
def stage(name, which=None, **options):
    init_default_scope('mmpose')
    return load_config(FOLDER / f'{name}.py', which, options)


def frames(cfg):
    return cfg.train_dataloader.dataset.sources.frames


def steps(cfg, kind):
    (pair,) = frames(cfg).pipeline
    return [step for step in pair.frame if step.type == f'ssltoolbox.{kind}']


def ramp(cfg, *epochs):
    weight = TASK_UTILS.build(cfg.model.method).consistency
    return [weight(Progress(epoch=epoch)) for epoch in epochs]


@each('path', LEAVES, ids=lambda path: path.stem)
def test_a_leaf_is_short(path):
    lines = list(filter(None, path.read_text().splitlines()))
    assert len(lines) < 15 and lines[0].endswith('."""')


@each('name', SIZES)
def test_networks_have_the_published_sizes(name):
    with torch.device('meta'):
        network = MODELS.build(stage(name).model.student)
    assert sum(p.numel() for p in network.parameters()) == SIZES[name]


def test_one_network_is_trained_as_published():
    cfg = stage(ALONE)
    loader = cfg.train_dataloader
    assert loader.batch_size * loader.sampler.epoch_length == 2000
    assert cfg.train_cfg.max_epochs == 101
    assert cfg.optim_wrapper.optimizer == dict(type='SGD', lr=1e-3, momentum=0.9)
    assert cfg.optim_wrapper.clip_grad == dict(max_norm=10.0)
    (cycle,) = cfg.param_scheduler
    assert (cycle.half_cycle, cycle.eta_min, cycle.by_epoch) == (2000, 1e-4, False)
    assert ramp(cfg, 0, 20, 21, 100) == [0.1, 0.1, 5, 5]
    assert cfg.model.method.flow_weight == 20
    data = frames(cfg)
    assert (data['size'], data.adjacent) == ((320, 256), (5, 30))
    assert data.settings.inlier_share == 0.99
    assert data.settings.visibility_window == 30


def test_three_stages_are_trained_as_published():
    names = ('teacher_sfm', 'distil', 'student_sfm')
    teacher, distil, student = (stage(STAGES, name) for name in names)
    epochs = [cfg.train_cfg.max_epochs for cfg in (teacher, distil, student)]
    assert epochs == [5, 2, 11]
    for cfg in (teacher, student):
        method = cfg.model.method
        assert (method.flow_weight, method.scale_weight) == (100, 0.3)
        assert ramp(cfg, 0, 4, 10) == [10, 10, 10]
        assert method.agreement == dict(type='ssltoolbox.NormalisedL2Loss', floor=1.0)
        assert method.by_baseline and method.max_flow_loss == 0.2
        assert cfg.optim_wrapper.clip_grad == dict(max_norm=10.0)
        hooks = [hook.type for hook in cfg.custom_hooks]
        assert 'ssltoolbox.FailedSequencesHook' in hooks
    assert distil.optim_wrapper.clip_grad == dict(max_norm=10.0)
    published = stage(STAGES, 'distil', distil_clip=None)
    assert published.optim_wrapper.clip_grad is None
    assert distil.model.method == dict(type='ssltoolbox.DepthDistillation')
    assert distil.model.teacher.network == teacher.model.student
    assert distil.model.student == student.model.student
    (cycle,) = student.param_scheduler
    made = distil.train_cfg.max_epochs * distil.train_dataloader.sampler.epoch_length
    assert math.prod(cycle.first_step) == made == 500
    with torch.device('meta'):
        network = MODELS.build(teacher.model.student)
    assert sum(p.numel() for p in network.parameters()) == 8_652_985


def test_points_of_the_three_stages_have_soft_weights():
    cfg = stage(STAGES)
    (load,) = steps(cfg, 'LoadSfmFrame')
    assert (load.track_constant, load.max_flow) == (5.0, 1.0)
    data = frames(cfg)
    assert data.adjacent == (10, 20)
    assert data.settings.inlier_share == 0.995
    assert data.settings.visibility_window is None and data.settings.scale == 'travel'
    # both systems are measured at the same points
    assert cfg.test_dataloader == stage(ALONE).test_dataloader


def test_colours_change_as_published():
    (full,) = steps(stage(ALONE), 'EndoscopicColour')
    assert full == dict(type='ssltoolbox.EndoscopicColour')
    for name in ('teacher_sfm', 'distil'):
        (light,) = steps(stage(STAGES, name), 'EndoscopicColour')
        assert (light.brightness, light.contrast, light.hue) == (0.2, 0.2, 0)
        assert light.blur_prob == light.noise_prob == 0
        assert light.light_share == 1 and light.gamma == (1, 1)
    (strong,) = steps(stage(STAGES, 'student_sfm'), 'EndoscopicColour')
    assert strong.gamma == (0.5, 1.8) and strong.noise_variance == (10, 50)
    assert strong.grey_noise == (2.55, 12.75)


def test_the_student_goes_on_from_its_own_weights():
    outputs = {
        'teacher_sfm': {'best': 'one.pth', 'last': 'two.pth'},
        'distil': {'best': 'three.pth', 'last': 'four.pth'},
    }
    path = FOLDER / f'{STAGES}.py'
    distil, student = (
        load_config(path, name, outputs=outputs) for name in ('distil', 'student_sfm')
    )
    assert distil.model.teacher.checkpoint == 'one.pth'
    assert student.model.init_student == 'four.pth'
    assert student.model.init_from == 'student'


@each('name', [f'{ALONE}-hsv', f'{STAGES}-hsv'])
def test_hue_is_seen_in_training_and_evaluation(name):
    cfg = stage(name)
    assert len(steps(cfg, 'ToHSV')) == 1
    kinds = [step.type for step in cfg.test_dataloader.dataset.pipeline]
    assert kinds[-2:] == ['ssltoolbox.ToHSV', 'ssltoolbox.PackDepthView']
    assert cfg.model.student.data_preprocessor.bgr_to_rgb is False
    assert stage(ALONE).model.student.data_preprocessor.bgr_to_rgb is True


@each('path', LEAVES, ids=lambda path: path.stem)
def test_the_least_error_is_the_best(path):
    cfg = stage(path.stem)
    hook = cfg.default_hooks.checkpoint
    assert hook.rule == 'less'
    toy = 'toytubes' in path.stem
    assert bool(hook.save_best) == toy  # one patient: nothing to choose on
    if toy:
        sets = [frames(cfg), cfg.val_dataloader.dataset, cfg.test_dataloader.dataset]
        patients = [set(each.patients) for each in sets]
        assert not patients[0] & (patients[1] | patients[2])


def test_the_published_sequence_is_divided_by_frames(real_data):
    cfg = stage(ALONE)
    root = dict(data_root=str(real_data / 'endoscopy_sfm'), cache=None)
    train = frames(cfg).to_dict() | root
    train['forbidden'] = [{**each, **root} for each in train['forbidden'][:1]]
    train = DATASETS.build(train)
    test = DATASETS.build({**cfg.test_dataloader.dataset, **root})
    assert (len(train), len(test)) == (25, 10)
    assert not set(train.ids.tolist()) & set(test.ids.tolist())
    pair, single = train[0], test[0]
    assert pair['inputs']['first'].shape == single['inputs'].shape == (3, 256, 320)
    views = pair['data_samples']
    assert all((views[name].sparse.data[1] > 0).sum() > 100 for name in views)
