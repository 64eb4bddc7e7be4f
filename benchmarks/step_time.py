"""Compare a semi-supervised step with the bare network passes that it consists of.

The passes are seen from a step itself and listed. All else is overhead: preprocessing,
labels, filters, hard views, perturbations, losses, the teacher's average. Images are
noise. ``tools/benchmark.py`` does this for all methods at once.

Examples:
    python benchmarks/step_time.py
    python benchmarks/step_time.py --device cuda --batch 32 --check-sync
    python benchmarks/step_time.py --batch 8 \\
        --config configs/posedual/resnet18_coco1k_posedual-cutout.py
    python benchmarks/step_time.py --batch 2 \\
        --config configs/ssl2dpose/daunet_endovis_vat.py
    python benchmarks/step_time.py --batch 1 --rounds 3 \\
        --config configs/endodepth/fcdensenet57_endoscopy_sfm.py
"""

import torch

from ssltoolbox.apis.benchmarking.passes import bare_step, record_passes, summary
from ssltoolbox.apis.benchmarking.step import build_step, check_no_sync, training_config
from ssltoolbox.apis.benchmarking.timing import (
    add_timing_options,
    interleave,
    machine,
    report,
    start,
)
from ssltoolbox.apis.cli import add_cfg_options, command_line

CONFIG = 'configs/scarcenet/hrnet_ap10k_5shot.py'


def main(argv: list[str] | None = None) -> None:
    """Time steps and bare passes in turns."""
    parser = command_line(__doc__)
    parser.add_argument('--config', default=CONFIG)
    parser.add_argument('--stage', help='its last training stage by default')
    parser.add_argument('--batch', type=int, default=4, help='samples of a batch')
    add_timing_options(parser, rounds=7)
    parser.add_argument(
        '--check-sync',
        action='store_true',
        help='CUDA only: fail where a step makes the host wait, outside of logging',
    )
    add_cfg_options(parser)
    args = parser.parse_args(argv)
    torch.manual_seed(0)
    start(args.threads)
    cfg = training_config(args.config, args.stage, args.cfg_options)
    step = build_step(cfg, args.batch, args.device)
    print(f'{args.config}, batch {step.batch}; {machine(args.device)}')
    if args.check_sync:
        check_no_sync(step)
        print('no step waits for the device')
    passes = record_passes(step.model, step.run)
    print('\n'.join(summary(passes)))
    runs = {'bare passes': bare_step(step.model, passes), 'training step': step.run}
    report(interleave(runs, args.rounds, args.device), 'bare passes')


if __name__ == '__main__':
    main()
