"""Compare steps in bfloat16, in channels_last layout and compiled with the plain step.

Prints how far the first losses are from those of the plain step, and the times.
``bf16`` is autocast; ``compile`` compiles backbones and heads.

Examples:
    python benchmarks/amp_and_compile.py
    python benchmarks/amp_and_compile.py --device cuda --variants bf16 channels_last
"""

from argparse import Namespace
from contextlib import nullcontext

import torch

from ssltoolbox.apis.benchmarking.step import build_step, training_config
from ssltoolbox.apis.benchmarking.timing import (
    add_timing_options,
    interleave,
    machine,
    report,
    start,
)
from ssltoolbox.apis.cli import add_cfg_options, command_line

CONFIG = 'configs/scarcenet/resnet18_toyanimals_5shot.py'
VARIANTS = ('bf16', 'channels_last', 'compile')


def losses_of(model, data) -> dict[str, float]:
    """Losses of a batch, without a step."""
    batch = model.data_preprocessor(data, True)
    with torch.no_grad():
        losses = model(**batch, mode='loss')
    return {key: value.item() for key, value in losses.items() if 'loss' in key}


def prepare(variant: str, args: Namespace):
    """Return the losses of the first batch, and the function of one step."""
    torch.manual_seed(0)
    cfg = training_config(args.config, options=args.cfg_options)
    model, data, _, step = build_step(cfg, args.batch, args.device)
    context = nullcontext
    if variant == 'bf16':
        context = lambda: torch.autocast(args.device, torch.bfloat16)  # noqa: E731
    elif variant == 'channels_last':
        model.to(memory_format=torch.channels_last)
    elif variant == 'compile':
        # not the whole step, as compile = True would: it depends on numpy arrays and on
        # numbers that change, so it does not compile, or is compiled again and again
        for network in (model.student, model.teacher.model):
            network.backbone.compile()
            network.head.compile()

    def run() -> None:
        with context():
            step()

    with context():
        return losses_of(model, data), run


def main(argv: list[str] | None = None) -> None:
    """Run the variants in turns."""
    parser = command_line(__doc__)
    parser.add_argument('--config', default=CONFIG)
    parser.add_argument('--batch', type=int, default=8, help='images per step')
    add_timing_options(parser, rounds=5)
    parser.add_argument('--variants', nargs='*', choices=VARIANTS, default=VARIANTS)
    add_cfg_options(parser)
    args = parser.parse_args(argv)
    start(args.threads)
    print(f'{args.config}, batch {args.batch}; {machine(args.device)}')
    runs, reference = {}, {}
    for variant in ('plain', *args.variants):
        losses, run = prepare(variant, args)
        reference = reference or losses
        shifts = ', '.join(
            f'{key} {value:.5f} ({value / max(reference[key], 1e-12) - 1:+.2%})'
            for key, value in losses.items()
        )
        print(f'{variant}: {shifts}', flush=True)
        try:
            run()
        except Exception as error:
            print(f'{variant} does not run: {type(error).__name__}: {error}'[:400])
            continue
        runs[variant] = run
    report(interleave(runs, args.rounds, args.device), 'plain')


if __name__ == '__main__':
    main()
