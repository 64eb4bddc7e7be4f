"""Losses, the selection by loss, schedules, and the teacher's average."""

import numpy as np
import torch
from torch import nn

from ssltoolbox.losses.joints_mse import JointsMSELoss, per_joint_mse
from ssltoolbox.semi.filters.small_loss import SmallLossFilter
from ssltoolbox.semi.progress import Progress
from ssltoolbox.semi.ramp import CosineRamp, SigmoidRamp
from ssltoolbox.semi.teacher import EMATeacher

from ..registry import drives
from ..vectors import Entry


@drives('scarcenet', 'joints_mse')
def joints_mse(entry: Entry) -> None:
    output, target, weight = _maps(entry)
    output.requires_grad_()
    criterion = JointsMSELoss()
    loss = criterion(output, target, weight)
    loss.backward()
    entry.check('out_loss', loss.detach())
    entry.check('out_grad', output.grad)
    output = output.detach()
    entry.check('out_loss_no_weight', criterion(output, target))
    first = criterion(output[:1], target[:1], weight[:1])
    entry.check('out_loss_first_sample_only', first)


def _maps(entry: Entry) -> list[torch.Tensor]:
    names = ('in_output', 'in_target', 'in_target_weight')
    output, target, weight = (torch.from_numpy(entry[name]) for name in names)
    return [output, target, weight[..., 0]]


@drives('scarcenet', 'small_loss_select')
def small_loss_select(entry: Entry) -> None:
    output, target, weight = _maps(entry)
    losses = per_joint_mse(output, target, weight)
    select = SmallLossFilter('all')
    for key, (name,) in entry.matching(r'out_mask_([\d.]+)').items():
        rate = min(entry.params['rates'], key=lambda r: abs(r - float(name)))
        labelled = torch.zeros(len(losses), dtype=torch.bool)
        mask = select(losses, weight, rate, labelled).numpy()
        entry.check(f'out_count_{name}', mask.sum())
        check_selection(entry, key, mask, losses.numpy(), weight.numpy())


def check_selection(entry: Entry, key: str, mask, losses, weight) -> None:
    """Compare masks, a tie decided either way.

    The original ranks a joint without a label as if it had the largest loss of all.
    Ours never selects it; where all are kept, one joint may therefore differ.
    """
    expected = entry[key] > 0
    rank = np.where(weight == 0, losses.max(), losses)
    tied = rank == losses.max()
    assert mask.sum() == expected.sum()
    assert (mask & tied).sum() == (expected & tied).sum()
    assert (mask != expected).sum() <= 2, 'more than one joint differs'
    entry.check(key, mask, 'masks', where=~tied)


@drives('scarcenet', 'schedules')
def schedules(entry: Entry) -> None:
    p = entry.params
    epochs = [Progress(epoch=int(epoch)) for epoch in entry['in_epoch']]
    keep_rate = CosineRamp(0.0, 1.0, p['topkrampdown'], min_value=p['minrate'])
    entry.check('out_topk_rate', [keep_rate(epoch) for epoch in epochs])
    weight = SigmoidRamp(p['const_weight'], length=p['consistency_rampup'])
    entry.check('out_consistency_weight', [weight(epoch) for epoch in epochs])
    for stage in ('supervised', 'semi'):
        rates = entry[f'out_lr_{stage}']
        # ours steps at the end of an epoch: a milestone is the first epoch it changes
        milestones = (np.flatnonzero(np.diff(rates)) + 1).tolist()
        ratios = rates[milestones] / rates[np.array(milestones, int) - 1]
        gamma = float(np.round(ratios.mean(), 9)) if milestones else 0.1
        ours = _learning_rates(p['lr'], milestones, gamma, len(rates))
        entry.check(f'out_lr_{stage}', ours)


def _learning_rates(lr: float, milestones: list, gamma: float, epochs: int) -> list:
    optimizer = torch.optim.Adam([nn.Parameter(torch.zeros(1))], lr)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones, gamma)
    rates = []
    for _ in range(epochs):
        rates.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        scheduler.step()
    return rates


class OneWeight(nn.Module):
    """A network of one parameter."""

    def __init__(self, value: np.ndarray) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(value))


@drives('scarcenet', 'ema')
def ema(entry: Entry) -> None:
    network = dict(type=OneWeight, value=entry['in_teacher0_w'])
    teacher = EMATeacher(network, decay=entry.params['alpha'])
    found = []
    steps = zip(entry['in_student_w'], entry['in_global_step'], strict=True)
    for value, step in steps:
        teacher.updates = int(step)
        teacher.update(OneWeight(value))
        found.append(teacher.model.weight.detach().numpy().copy())
    entry.check('out_teacher_w', np.stack(found))
