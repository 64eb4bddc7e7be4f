"""What a network costs: parameters, multiply-accumulates, images per second."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from mmengine import Config
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from ssltoolbox.apis.accounting import Accounting, formulas
from ssltoolbox.apis.model import network_config
from ssltoolbox.registry import MODELS  # noqa: F401  prepares the import of mmpose

WARM_UP = 3
MIN_PASSES = 5


@dataclass
class Part:
    """Cost of a part of a network for one image.

    Args:
        name (str): Its name, such as ``'backbone'``.
        parameters (int): Number of its parameters.
        macs (int): Multiply-accumulates, as the accounting counts them.
    """

    name: str
    parameters: int
    macs: int


def count_parts(
    network: nn.Module, inputs: Tensor, accounting: Accounting = 'products'
) -> list[Part]:
    """Count the whole network, named ``'total'``, and each part that it is made of.

    Args:
        network (nn.Module): In any mode; it is called as a network of mmengine.
        inputs (Tensor): (1, 3, H, W); on the device ``'meta'``, as the network, nothing
            is computed.
        accounting (str): What is counted, see :func:`.accounting.formulas`.

    Returns:
        list[Part]: The parts in their order, the whole last.
    """
    counter = FlopCounterMode(display=False, custom_mapping=formulas(accounting))
    children = {n: m for n, m in network.named_children() if _parameters(m)}
    operations = dict.fromkeys(children, 0)
    network.eval()
    with ExitStack() as stack:
        stack.enter_context(torch.no_grad())
        stack.enter_context(counter)
        for name, part in children.items():
            stack.enter_context(_counted(part, name, counter, operations))
        _pass(network, inputs)
    # An operation is a multiplication or an addition; these come in pairs.
    parts = [
        Part(name, _parameters(part), operations[name] // 2)
        for name, part in children.items()
    ]
    total = counter.get_total_flops() // 2
    return [*parts, Part('total', _parameters(network), total)]


@contextmanager
def _counted(
    part: nn.Module, name: str, counter: FlopCounterMode, operations: dict[str, int]
) -> Iterator[None]:
    """Note what the counter counts while a part runs.

    mmpose calls ``head.forward``, which the counter's own hooks do not see.
    """
    forward = part.forward

    def run(*args: Any, **kwargs: Any) -> Any:
        before = counter.get_total_flops()
        outputs = forward(*args, **kwargs)
        operations[name] += counter.get_total_flops() - before
        return outputs

    part.forward = run
    try:
        yield
    finally:
        del part.forward


def images_per_second(
    network: nn.Module, inputs: Tensor, seconds: float = 3.0
) -> float:
    """Time forward passes, without loading, preprocessing and decoding.

    Args:
        network (nn.Module): On the device of ``inputs``.
        inputs (Tensor): (B, 3, H, W).
        seconds (float): How long to repeat the pass, after a few to warm up.
    """

    def wait() -> None:
        if inputs.is_cuda:
            torch.cuda.synchronize(inputs.device)

    network.eval()
    with torch.inference_mode():
        for _ in range(WARM_UP):
            _pass(network, inputs)
        wait()
        start, passes = time.perf_counter(), 0
        while passes < MIN_PASSES or time.perf_counter() - start < seconds:
            _pass(network, inputs)
            wait()
            passes += 1
    return passes * len(inputs) / (time.perf_counter() - start)


def input_size(config: Config) -> tuple[int, int]:
    """Find the (height, width) in px that a config gives to its network.

    It is the codec's ``input_size`` (w, h), else that of a transform of the test or
    validation data, else the (h, w) ``size`` of mmseg's preprocessor.

    Raises:
        ValueError: The config says none of these.
    """
    network = network_config(config)
    codec = (network.get('head') or {}).get('decoder') or {}
    codecs = codec if isinstance(codec, (list, tuple)) else [codec]
    sources: list[Mapping[str, Any]] = [*codecs]
    for subset in ('test', 'val'):
        dataset = (config.get(f'{subset}_dataloader') or {}).get('dataset') or {}
        sources += dataset.get('pipeline') or []
    for source in sources:
        if 'input_size' in source:
            width, height = source['input_size']
            return height, width
    size = (network.get('data_preprocessor') or {}).get('size')
    if size:
        height, width = size
        return height, width
    raise ValueError(
        f'{config.filename or "config"}: cannot tell the input size; expected '
        'input_size of model.head.decoder or of a transform of the validation data, or '
        'model.data_preprocessor.size; else give --shape H W'
    )


def _pass(network: nn.Module, inputs: Tensor) -> None:
    network(inputs, None, mode='tensor')


def _parameters(part: nn.Module) -> int:
    return sum(parameter.numel() for parameter in part.parameters())
