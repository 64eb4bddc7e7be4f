"""A step of each method consists of the passes that its paper asks for."""

from pathlib import Path

import pytest
import torch
from torch import nn

from ssltoolbox.apis.benchmarking.passes import bare_step, record_passes, summary
from ssltoolbox.apis.benchmarking.step import build_step, training_config

CONFIGS = Path(__file__).parents[3] / 'configs'
LEARNS, SEES = '1 x student, 4 to weights', '2 x student, 4 to nothing'
PASSES = {
    # learns on the strong view, looks at the weak and the plain one
    'scarcenet/resnet18_toyanimals_5shot': [LEARNS, SEES, '1 x teacher, 4 to nothing'],
    # each network learns on 2 labelled and 2 hard views, and looks at the easy ones
    'posedual/resnet18_toypersons_posedual': [
        '2 x student, 2 to weights',
        '2 x teacher, 2 to weights',
        '1 x student, 2 to nothing',
        '1 x teacher, 2 to nothing',
    ],
    # once more on the perturbed view, which one power iteration found
    'ssl2dpose/daunet_toyinstruments_vat-mean-teacher': [
        '2 x student, 4 to weights',
        '1 x teacher, 4 to nothing',
        '1 x student, 4 to image',
    ],
    # 2 labelled and 2 weak images, of which the weak ones lose features; 2 + 2 strong
    'semiseg/fpenet_toypolyps_weak-to-strong': [
        '1 x student, 4 + 2 dropped to weights',
        LEARNS,
    ],
    'semiseg/fpenet_toypolyps_supervised': ['1 x network, 4 to weights'],
    # both frames of a pair
    'endodepth/fcdensenet_toytubes_sfm': ['2 x student, 4 to weights'],
}


@pytest.mark.parametrize('name', PASSES)
def test_passes_of_a_step_and_nothing_else_are_repeated(name):
    cfg = training_config(str(CONFIGS / f'{name}.py'))
    step = build_step(cfg, batch=4)
    assert step.batch == 4
    passes = record_passes(step.model, step.run)
    assert summary(passes) == PASSES[name]
    before = [p.clone() for p in step.model.parameters() if p.requires_grad]
    bare = bare_step(step.model, passes)
    assert summary(record_passes(step.model, bare)) == PASSES[name]
    after = [p for p in step.model.parameters() if p.requires_grad]
    assert any(not torch.equal(*pair) for pair in zip(before, after, strict=True))


def test_nothing_is_left_behind():
    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.backbone, self.head = nn.Conv2d(3, 2, 1), nn.Conv2d(2, 1, 1)

    network = Network()
    images = torch.zeros(5, 3, 4, 4)
    (one,) = record_passes(network, lambda: network.head(network.backbone(images)))
    assert (one.name, one.towards, one.appended) == ('network', 'weights', 0)
    assert not network.backbone._forward_pre_hooks
    assert not network.head._forward_pre_hooks
    with pytest.raises(ValueError, match='no network with a backbone was called'):
        record_passes(network, lambda: None)
