"""Small changes of images: in which direction, and with all else kept equal."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase


def unit_norm(direction: Tensor, dims: tuple[int, ...] = (-2, -1)) -> Tensor:
    """Scale to Euclidean norm 1; zeros stay zeros.

    The maximum is divided out first, so that no square underflows.

    Args:
        direction: (B, C, H, W).
        dims: Dimensions over which the norm is taken.

    Source: Miyato et al., Virtual Adversarial Training, TPAMI 2018.
    """
    scaled = direction / (1e-12 + direction.abs().amax(dims, keepdim=True))
    return scaled / (1e-6 + scaled.square().sum(dims, keepdim=True)).sqrt()


def adversarial_direction(
    distance: Callable[[Tensor], Tensor],
    start: Tensor,
    dims: tuple[int, ...] = (-2, -1),
) -> Tensor:
    """Direction in which a distance grows fastest, by one power iteration.

    No parameter's ``grad`` is touched, and nothing waits for the device.

    Args:
        distance: Scalar of a perturbation (B, C, H, W), a mean over outputs.
        start: Perturbation at which the gradient is taken. At 0 a distance from the
            unperturbed output has none.
        dims: See :func:`unit_norm`.

    Returns:
        (B, C, H, W) of norm 1, without gradient; 0 where the gradient is.
    """
    start = start.detach().requires_grad_()
    with torch.enable_grad():
        # gradients of a mean underflow in half precision; the length is of no matter
        (gradient,) = torch.autograd.grad(start.numel() * distance(start), start)
    return unit_norm(gradient.float(), dims)


def resolution(images: Tensor) -> float:
    """Spacing of the numbers near 1 in which a network sees the images, under AMP too.

    >>> resolution(torch.ones(1))
    1.1920928955078125e-07
    """
    device, dtype = images.device.type, images.dtype
    if device in ('cpu', 'cuda') and torch.is_autocast_enabled(device):
        dtype = torch.get_autocast_dtype(device)
    return torch.finfo(dtype).eps


class RandomState:
    """The state of torch's generators at one moment, to draw the same numbers again.

    Args:
        device: Where numbers are drawn, besides the CPU.
    """

    def __init__(self, device: torch.device) -> None:
        self.devices = [device] if device.type == 'cuda' else []
        self.cpu = torch.get_rng_state()
        self.cuda = [torch.cuda.get_rng_state(device) for device in self.devices]

    @contextmanager
    def replayed(self) -> Iterator[None]:
        """Draw as from that moment inside the context, go on as before after it."""
        with torch.random.fork_rng(self.devices):
            torch.set_rng_state(self.cpu)
            for device, state in zip(self.devices, self.cuda, strict=True):
                torch.cuda.set_rng_state(state, device)
            yield


@contextmanager
def frozen_statistics(network: nn.Module) -> Iterator[None]:
    """Keep running statistics as they are; a training network still uses a batch's."""
    norms = [m for m in network.modules() if isinstance(m, _NormBase) and m.training]
    before = [(norm.track_running_stats, norm.momentum) for norm in norms]
    try:
        for norm in norms:
            # instance norms heed the momentum alone
            norm.track_running_stats, norm.momentum = False, 0.0
        yield
    finally:
        for norm, (tracks, momentum) in zip(norms, before, strict=True):
            norm.track_running_stats, norm.momentum = tracks, momentum


@contextmanager
def appended_dropout(
    backbone: nn.Module, rows: slice, prob: float = 0.5
) -> Iterator[None]:
    """Let a backbone give some images twice, the second time with channels dropped.

    What follows the backbone sees B + R images in place of B, so that a perturbation
    of features costs a pass through the head alone, not one through the backbone. Each
    level loses channels of its own, and the others are scaled by 1 / (1 - prob).

    Args:
        backbone: Gives maps (B, C, h, w), or a sequence of them.
        rows: Which R images are repeated.
        prob: Probability of each channel of each image to be dropped.

    Source: the feature perturbation of UniMatch (Yang et al., CVPR 2023).
    """

    def append(module: nn.Module, inputs, output: Tensor | Sequence[Tensor]):
        levels = [output] if isinstance(output, Tensor) else output
        more = [torch.cat([level, F.dropout2d(level[rows], prob)]) for level in levels]
        return more[0] if isinstance(output, Tensor) else tuple(more)

    handle = backbone.register_forward_hook(append)
    try:
        yield
    finally:
        handle.remove()


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Put a network into eval mode inside the context, each part back after it."""
    training = [module for module in network.modules() if module.training]
    network.eval()
    try:
        yield
    finally:
        for module in training:
            module.training = True
