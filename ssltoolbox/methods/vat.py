"""Virtual adversarial training (Miyato et al., TPAMI 2018)."""

import logging
import math
from dataclasses import replace

import torch
from mmengine.logging import print_log
from torch import Tensor

from ssltoolbox.methods.consistency import ConsistencyMethod
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.semi.perturb import (
    adversarial_direction,
    frozen_statistics,
    resolution,
    unit_norm,
)
from ssltoolbox.tasks.base import Batch


@TASK_UTILS.register_module()
class VAT(ConsistencyMethod):
    r"""The student's output does not change in the direction that changes it most.

    With the clean output y = f(x), detached, noise d0 ~ N(0, 1) and unit norm N:

       ``d_0 = N(d0)``, ``d_{i+1} = N(grad_d D(y, f(x + xi d_i)))``,
       ``L = L_sup + lambda D(y, f(x + eps d_n))``

    with the distance D of :meth:`Task.match`. The gradient reaches f(x + eps d_n)
    alone. All passes share weights and the dropout of the clean one, so that the
    perturbation is the only difference; batch-norm statistics are moved by the clean
    pass alone.

    Args:
        eps: Norm of the perturbation, in units of the normalised images.
        xi: Norm of the step of the finite difference. A pixel moves by
            ``xi / sqrt(H W)``; where that is below what a number resolves (1.2e-7 in
            float32, 8e-3 in bfloat16, near 1), y and f(x + xi d) differ by rounding
            alone, and d is noise. The published 1e-6 moves it by 3.5e-9 at 256 x 320:
            its d has a cosine of 0.05 with the true one, 0.1 one of 0.99 (0.3 in
            bfloat16), 1 one of 0.94 (0.9). Half precision needs a larger ``eps`` too.
        iterations: Power iterations n (>= 1), each one pass forward and backward.
        norm: ``'channel'``: each colour channel of each image has norm 1, as
            published; ``'sample'``: each image as a whole.
        weight: Ramp of lambda; 1 throughout by default, as published.

    Source: Miyato et al., Virtual Adversarial Training, as applied by Kayhan et al.,
    arXiv 1912.04618, whose eps and norm these are. Fixed here: the program compared
    with the target, of other weights for each pass, and stopped after one iteration.
    """

    needs_teacher = False

    def __init__(
        self,
        eps: float = 0.1,
        xi: float = 1.0,
        iterations: int = 1,
        norm: str = 'channel',
        weight: dict | None = None,
    ) -> None:
        super().__init__()
        if eps <= 0 or xi <= 0 or iterations < 1:
            raise ValueError(
                'VAT needs eps > 0, xi > 0 and iterations >= 1, got '
                f'{eps}, {xi} and {iterations}'
            )
        if norm not in ('channel', 'sample'):
            raise ValueError(f"norm must be 'channel' or 'sample', got {norm!r}")
        self.eps, self.xi, self.iterations = eps, xi, iterations
        self.dims = (-2, -1) if norm == 'channel' else (-3, -2, -1)
        self.weight = TASK_UTILS.build(weight or dict(type='ssltoolbox.ConstantRamp'))
        self.warned = False

    def unlabelled_losses(self, views: dict[str, Batch], output) -> dict[str, Tensor]:
        """Distance of the perturbed output from the clean one."""
        strong = views['strong']
        clean = self.task.soft(output, strong)
        self.warn_of_rounding(strong.inputs)

        def distance(perturbation: Tensor) -> Tensor:
            moved = replace(strong, inputs=strong.inputs + perturbation)
            with self.random_state.replayed(), frozen_statistics(self.student):
                raw = self.task.forward(self.student, moved)
            return self.task.match(raw, clean)

        direction = unit_norm(torch.randn_like(strong.inputs), self.dims)
        for _ in range(self.iterations):
            direction = adversarial_direction(distance, self.xi * direction, self.dims)
        rate = self.weight(self.progress)
        self.tell(self.task.decode(output, strong), loss_vat=rate)
        return {'loss_vat': rate * distance(self.eps * direction)}

    def warn_of_rounding(self, images: Tensor) -> None:
        """Warn once where a perturbation drowns in the rounding of the images."""
        if self.warned:
            return
        self.warned = True
        count = math.prod(images.shape[dim] for dim in self.dims)
        for name, norm in (('xi', self.xi), ('eps', self.eps)):
            moved, resolved = norm / math.sqrt(count), resolution(images)
            if moved < resolved / 4:
                print_log(
                    f'VAT: {name}={norm:g} moves a pixel by {moved:.1e}, and numbers '
                    f'near 1 are only resolved to {resolved:.1e}: what the network '
                    f'answers is rounding. Set {name} to '
                    f'{norm * resolved / moved:.1g} or more, or train in float32',
                    'current',
                    logging.WARNING,
                )
