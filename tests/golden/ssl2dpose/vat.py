"""Virtual adversarial perturbation: against the target, and as it is meant."""

import numpy as np
import torch
from torch import Tensor, nn

from ssltoolbox.geometry.view import View
from ssltoolbox.methods.vat import VAT
from ssltoolbox.semi.perturb import adversarial_direction, unit_norm
from ssltoolbox.tasks.base import Batch

from ..registry import drives
from ..scarcenet.parts import msra
from ..vectors import Entry
from .methods import GivenTarget, channels_first


class Stub(nn.Module):
    """The network of the recorded step: tanh(conv3x3), without bias."""

    def __init__(self, kernel: np.ndarray) -> None:
        super().__init__()
        self.kernel = nn.Parameter(torch.from_numpy(kernel).permute(3, 2, 0, 1))
        self.seen: list[Tensor] = []

    def forward(self, inputs: Tensor, samples=None, mode: str = 'tensor') -> Tensor:
        self.seen.append(inputs.detach())
        return nn.functional.conv2d(inputs, self.kernel, padding=1).tanh()


def check(entry: Entry, key: str, maps: Tensor) -> None:
    # the tolerance's text names r_adv: relative
    entry.check(key, maps.detach().permute(0, 2, 3, 1), 'r_adv')


@drives('ssl2dpose', 'vat')
def vat(entry: Entry) -> None:
    images, noise, target = (
        channels_first(entry[f'in_{name}']) for name in ('x', 'd0', 'target')
    )
    network = Stub(entry['in_conv_w_hwio'])
    check(entry, 'out_normalized_d0', unit_norm(noise))
    published, raised = entry.params['xi']

    def distance(perturbation: Tensor) -> Tensor:
        return (network(images + perturbation) - target).square().mean()

    # (a) only the release: it takes the target for the clean prediction
    start = published * unit_norm(noise)
    found = entry.params['eps'] * adversarial_direction(distance, start)
    check(entry, 'out_r_adv_ref_target', found)
    entry.check('out_loss_ref_target', distance(found).detach(), 'loss')

    # (b) our method
    loss, clean, found = step(entry, network, images, noise, target, raised)
    check(entry, 'out_clean_pred', clean)
    check(entry, 'out_r_adv_ref_clean_xi01', found)
    entry.check('out_loss_ref_clean_xi01', loss.detach(), 'loss')


def step(entry: Entry, network: Stub, images, noise, target, xi: float):
    """Loss of VAT, the clean output, and the perturbation."""
    size = images.shape[-1], images.shape[-2]
    network.head = type('Head', (), {'decoder': msra(size, size)})()
    task = GivenTarget(network)
    task.given = target
    view = View(torch.eye(3).double().repeat(len(images), 1, 1), size)
    batch = Batch(images, [], view, torch.ones(len(images), dtype=torch.bool))
    p = entry.params
    method = VAT(eps=p['eps'], xi=xi, iterations=p['power_iterations'])
    method.bind(network, None, task)
    network.seen.clear()
    drawn = torch.randn_like
    torch.randn_like = lambda like: noise
    try:
        loss = method.loss({'strong': batch})['loss_vat']
    finally:
        torch.randn_like = drawn
    return loss, network(images), network.seen[-2] - images
