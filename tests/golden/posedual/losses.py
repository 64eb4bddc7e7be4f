"""The loss of heatmaps, and the learning rate."""

import numpy as np
import torch
from mmengine.registry import PARAM_SCHEDULERS
from torch import nn

from ssltoolbox.losses.joints_mse import JointsMSELoss

from ..registry import drives
from ..vectors import Entry


@drives('posedual', 'joints_mse_loss')
def joints_mse_loss(entry: Entry) -> None:
    output, target, weight = (
        torch.from_numpy(entry[name]) for name in ('output', 'target', 'target_weight')
    )
    output.requires_grad_()
    criterion = JointsMSELoss()
    loss = criterion(output, target, weight[..., 0])
    loss.backward()
    entry.check('loss', loss.detach())
    entry.check('grad_output', output.grad)
    entry.check('loss_noweight', criterion(output.detach(), target))


@drives('posedual', 'lr_schedule')
def lr_schedule(entry: Entry) -> None:
    """After a resume the original lowers its rate one epoch early, ours does not."""
    lr = float(entry.params['initial_lr'])
    resumed = entry.matching(r'resume_(\w+)_after_(\d+)_epochs')
    for key in entry.matching(r'.+').keys() - resumed.keys():
        rates = entry[key]
        entry.check(key, _rates(lr, *_steps(rates), epochs=len(rates)))
    for key, (short, after) in resumed.items():
        (whole,) = (k for k in entry.arrays if k not in resumed and short in k)
        steps = _steps(entry[whole])
        ours = _rates(lr, *steps, epochs=len(entry[whole]), resume_at=int(after))
        np.testing.assert_allclose(ours, entry[whole], rtol=1e-9)
        entry.check(key, ours[int(after) + 1 :], expected=entry[key][:-1])


def _steps(rates: np.ndarray) -> tuple[list[int], float]:
    """Epochs at which a rate changes, and the factor."""
    milestones = np.flatnonzero(np.diff(rates)) + 1
    factors = rates[milestones] / rates[milestones - 1]
    return milestones.tolist(), float(factors.mean().round(9))


def _rates(
    lr: float,
    milestones: list[int],
    gamma: float,
    epochs: int,
    resume_at: int | None = None,
) -> list[float]:
    """The rate of each epoch; before one of them all is saved and loaded again."""

    def build() -> tuple:
        optimizer = torch.optim.Adam([nn.Parameter(torch.zeros(1))], lr)
        config = dict(type='MultiStepLR', milestones=milestones, gamma=gamma)
        return optimizer, PARAM_SCHEDULERS.build(dict(config, optimizer=optimizer))

    parts, rates = build(), []
    for epoch in range(epochs):
        if epoch == resume_at:
            states = [part.state_dict() for part in parts]
            parts = build()
            for part, state in zip(parts, states, strict=True):
                part.load_state_dict(state)
        optimizer, scheduler = parts
        rates.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        scheduler.step()
    return rates
