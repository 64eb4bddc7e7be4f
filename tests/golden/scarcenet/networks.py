"""Networks and the names of their weights."""

import json

import torch

from ssltoolbox.models.heads.joint_specific_head import JointSpecificHead, from_separate

from ..registry import drives
from ..vectors import Entry
from .parts import converter


@drives('scarcenet', 'part_head')
def part_head(entry: Entry) -> None:
    """Three equal branches in one pass give three times what one branch gave."""
    branches = 3
    weights = {
        name.removeprefix('in_w_'): torch.from_numpy(entry[name])
        for name in entry.matching(r'in_w_.+')
    }
    inside, in_channels = weights['0.weight'].shape[:2]
    grown = len(weights['1.conv3.weight'])
    head = JointSpecificHead(
        in_channels, branches, branch_channels=inside, expansion=grown // inside
    )
    stacked = from_separate([weights] * branches)
    missing, unexpected = head.branches.load_state_dict(stacked, strict=False)
    assert not unexpected
    assert all('running' in key or 'num_batches' in key for key in missing), missing
    for module in head.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            assert module.momentum == entry.params['bn_momentum']
            assert module.eps == entry.params['bn_eps']
    x = (torch.from_numpy(entry['in_x']),)
    with torch.no_grad():
        trained = head.train()(x)
        after = head.branches.state_dict()
        evaluated = head.eval()(x)
    for branch in range(branches):
        entry.check('out_y_train', trained[:, branch : branch + 1])
        entry.check('out_y_eval', evaluated[:, branch : branch + 1])
        for key, (name,) in entry.matching(r'out_after_(.+)').items():
            entry.check(key, after[name].chunk(branches)[branch])


@drives('scarcenet', 'state_dict_shapes')
def state_dict_shapes(entry: Entry) -> None:
    """Every key of both networks becomes one of ours; the rest is checked there."""
    tool = converter('scarcenet')
    for architecture, shapes in json.loads(entry.path.read_text()).items():
        # without memory: only names and shapes matter
        weights = {
            key: torch.empty(shape, device='meta') for key, shape in shapes.items()
        }
        converted = tool.convert(weights)
        assert converted.architecture == architecture
        lost = [row.source for row in converted.rows if not row.target]
        assert not lost, f'{architecture}: {len(lost)} keys are lost, {lost[:3]}'
        counted = sum(
            value.numel()
            for key, value in weights.items()
            if not key.endswith('num_batches_tracked')
        )
        ours = sum(
            value.numel()
            for key, value in converted.weights.items()
            if not key.endswith('num_batches_tracked')
        )
        entry.check(architecture, ours, expected=counted)
