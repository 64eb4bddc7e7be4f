"""No step reads from the device: on the meta device there is nothing to read."""

import pytest
import torch

from ssltoolbox.engine.hooks.pseudo_label_quality import measure
from ssltoolbox.registry import MODELS
from ssltoolbox.semi.progress import Progress
from ssltoolbox.testing.tiny_depth import pair_batch, tiny_depth_network
from ssltoolbox.testing.tiny_pose import easy_batch, tiny_network, view_batch

from .seg_settings import seg_batch, segmentor, weak_strong_batch

HARD = dict(
    type='ssltoolbox.HardView',
    affine=dict(type='ssltoolbox.RandomAffine'),
    cutout=dict(type='ssltoolbox.JointCutout'),
)
PEOPLE = dict(hard_view=HARD, supervised_joints=[0, 2], min_score=0.1)
SCARCENET = dict(
    type='ssltoolbox.ScarceNet',
    small_loss=dict(type='ssltoolbox.SmallLossFilter'),
    keep_rate=dict(type='ssltoolbox.ConstantRamp', end=0.6),
    agreement=dict(type='ssltoolbox.AgreementFilter', max_dist=2.0, mode='centered'),
    consistency=dict(type='ssltoolbox.ConstantRamp', end=2.0),
)
VAT = dict(type='ssltoolbox.VAT', iterations=2)
TEACH = dict(type='ssltoolbox.MeanTeacher')
SFM = dict(type='ssltoolbox.SfmSupervision', max_flow_loss=0.2, by_baseline=True)
METHODS = {
    'DepthDistillation': (
        dict(type='ssltoolbox.DepthDistillation'),
        'FrozenTeacher',
        pair_batch,
    ),
    'MeanTeacher': (TEACH, 'EMATeacher', view_batch),
    'PoseCons': (dict(type='ssltoolbox.PoseCons', **PEOPLE), None, easy_batch),
    'PoseDual': (dict(type='ssltoolbox.PoseDual', **PEOPLE), 'PeerTeacher', easy_batch),
    'PseudoLabelling': (dict(type='ssltoolbox.PseudoLabelling'), None, view_batch),
    'ScarceNet': (SCARCENET, 'EMATeacher', view_batch),
    'SoftDistillation': (dict(type='ssltoolbox.SoftDistillation'), None, seg_batch),
    'SfmSupervision': (SFM, None, pair_batch),
    'Together': (
        dict(type='ssltoolbox.Together', methods=[VAT, TEACH]),
        'EMATeacher',
        view_batch,
    ),
    'VAT': (VAT, None, view_batch),
    'WeakToStrong': (dict(type='ssltoolbox.WeakToStrong'), None, weak_strong_batch),
    'WeakToStrong, taught': (
        dict(type='ssltoolbox.WeakToStrong'),
        'EMATeacher',
        weak_strong_batch,
    ),
}
SEG = (seg_batch, weak_strong_batch)


def networks(batch) -> tuple[dict, str]:
    """Network and task of what a method is tried with."""
    if batch in SEG:
        return segmentor(), 'SegTask'
    if batch is pair_batch:
        return tiny_depth_network(), 'DepthTask'
    return tiny_network(), 'PoseTask'


@pytest.mark.parametrize('name', METHODS)
def test_a_step_never_waits_for_the_device(name):
    method, teacher, batch = METHODS[name]
    network, task = networks(batch)
    model = MODELS.build(
        dict(
            type='ssltoolbox.SemiSupervisedModel',
            student=network,
            teacher=teacher and dict(type=f'ssltoolbox.{teacher}'),
            task=dict(type=f'ssltoolbox.{task}'),
            method=method,
        )
    )
    model.progress = Progress()
    data = model.data_preprocessor(batch(), training=True)
    model = model.to('meta').train()
    inputs = {view: images.to('meta') for view, images in data['inputs'].items()}
    losses = model(inputs, data['data_samples'], mode='loss')
    total, _ = model.parse_losses(losses)
    total.backward()
    model.after_optimizer_step()
    assert total.device.type == 'meta'
    values = measure(model.task, model.method.report)
    assert all(isinstance(value, torch.Tensor) for value in values.values())
