"""Memory that a depth network keeps for its backward pass, and what sparing it costs.

``with_cp`` computes the blocks of FC-DenseNet anew in the backward pass. What is kept
is counted tensor by tensor; on a GPU the peak of the whole step is reported, too.

Examples:
    python benchmarks/depth_memory.py
    python benchmarks/depth_memory.py --device cuda --batch 8 --depth 103
"""

import torch
from torch import nn

from ssltoolbox.apis.benchmarking.timing import (
    MIB,
    add_timing_options,
    interleave,
    machine,
    report,
)
from ssltoolbox.apis.cli import command_line
from ssltoolbox.models.backbones.fc_densenet import LAYERS, FCDenseNet


def kept_bytes(network: nn.Module, images: torch.Tensor) -> int:
    """Bytes that one forward pass keeps, without parameters and the images."""
    own = {p.data_ptr() for p in network.parameters()} | {images.data_ptr()}
    seen: dict[int, int] = {}

    def note(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            seen[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        held = network(images)
    del held
    return sum(seen.values())


def step_of(network: nn.Module, images: torch.Tensor):
    """Forward and backward of one batch."""

    def run() -> None:
        network.zero_grad()
        network(images)[0].square().mean().backward()

    return run


def main(argv: list[str] | None = None) -> None:
    """Count and time both ways."""
    parser = command_line(__doc__)
    parser.add_argument('--depth', type=int, default=57, choices=sorted(LAYERS))
    parser.add_argument('--batch', type=int, default=1, help='images')
    parser.add_argument('--size', type=int, nargs=2, default=(320, 256))
    add_timing_options(parser, rounds=3, threads=False)
    args = parser.parse_args(argv)
    width, height = args.size
    images = torch.rand(args.batch, 3, height, width, device=args.device)
    print(f'FC-DenseNet-{args.depth}, {width} x {height}; {machine(args.device)}')
    steps = {}
    for name, spared in (('all is kept', False), ('with_cp', True)):
        network = FCDenseNet(args.depth, with_cp=spared).to(args.device).train()
        kept = kept_bytes(network, images) / args.batch / MIB
        line = f'{name:14}{kept:9.0f} MiB per image kept for the backward pass'
        steps[name] = step_of(network, images)
        if args.device.startswith('cuda'):
            torch.cuda.reset_peak_memory_stats()
            steps[name]()
            peak = torch.cuda.max_memory_allocated() / args.batch / MIB
            line += f', peak {peak:.0f} MiB per image'
        print(line, flush=True)
    report(interleave(steps, args.rounds, args.device), 'all is kept')


if __name__ == '__main__':
    main()
