"""Find a learning rate: train a little at ever higher rates, and watch the loss.

    python tools/lr_range_test.py CONFIG --stage supervised --out work_dirs/lr_range

The rate grows from --start to --end, by the same factor in each of --iterations; the
test ends where the smoothed loss is four times its minimum. Chosen is the rate of the
minimum, divided by --divide-by, and at most --cap; where that is below 1e-5, the loss
did not fall, and 1e-3 is chosen. Nothing is saved of the network.

Writes to --out: lr_range.json and lr_range.png. Look at the picture: the loss must have
fallen and risen again for the choice to mean anything. --divide-by 1 --cap inf chooses
as the published program of Semi-Seg does, which may be a rate at which it diverges.
"""

import argparse
import math
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from mmengine.runner import Runner, set_random_seed
from rich.progress import track

from ssltoolbox.apis.cli import (
    add_cfg_options,
    add_trust_checkpoint,
    command_line,
    readable_errors,
)
from ssltoolbox.apis.config import load_config
from ssltoolbox.apis.data_files import require_data
from ssltoolbox.engine.lr_range import LRRange, range_rates, range_test
from ssltoolbox.registry import MODELS
from ssltoolbox.semi.progress import Progress
from ssltoolbox.utils.json_file import write_json
from ssltoolbox.visualization.lr_range import plot_lr_range


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = command_line(__doc__)
    add = parser.add_argument
    add('config', help='config file')
    add('--out', default='work_dirs/lr_range', metavar='DIR', help='(%(default)s)')
    add('--stage', help='stage that trains; default: the last one of the config')
    add('--iterations', type=int, default=100, metavar='N', help='(%(default)s)')
    add('--start', type=float, default=1e-7, metavar='LR', help='(%(default)s)')
    add('--end', type=float, default=10.0, metavar='LR', help='(%(default)s)')
    add('--divide-by', type=float, default=10.0, metavar='F', help='(%(default)s)')
    add('--cap', type=float, default=1e-2, metavar='LR', help='(%(default)s)')
    add('--device', help='such as cuda:0 or cpu; default: the GPU if there is one')
    add_trust_checkpoint(parser)
    add_cfg_options(parser)
    args = parser.parse_args(argv)
    if args.divide_by <= 0 or args.cap <= 0:
        parser.error('--divide-by and --cap must be positive')
    return args


def run(cfg: Config, rates: list[float], device: str) -> LRRange:
    """Make the test on a stage as it begins, without what earlier stages learnt."""
    init_default_scope(cfg.get('default_scope', 'mmpose'))
    seed = cfg.get('randomness', {}).get('seed', 0)
    set_random_seed(seed)
    model = MODELS.build(cfg.model)
    model.init_weights()
    model.to(device)
    if hasattr(model, 'progress'):
        model.progress = Progress()
    loader = Runner.build_dataloader(cfg.train_dataloader, seed=seed)
    wrapper = build_optim_wrapper(model, cfg.optim_wrapper)
    shown = track(rates, 'range test')
    return range_test(model, loader, wrapper, shown)


@readable_errors
def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    rates = range_rates(args.start, args.end, args.iterations)
    cfg = load_config(args.config, args.stage, args.cfg_options)
    require_data(cfg)
    device = args.device or ('cuda' if torch.cuda.is_available() else 'cpu')
    found = run(cfg, rates, device)
    cap = None if math.isinf(args.cap) else args.cap
    picked = found.pick(args.divide_by, cap)
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    table = dict(picked=picked, rates=found.rates, losses=found.losses)
    write_json(out / 'lr_range.json', table)
    plot_lr_range(found, picked, out / 'lr_range.png')
    print(
        f'{len(found.rates)} iterations; lowest smoothed loss {min(found.losses):.4g}'
        f'\nwritten to {out}: lr_range.json, lr_range.png'
        f'\n--cfg-options optim_wrapper.optimizer.lr={picked:.3g}'
    )


if __name__ == '__main__':
    main()
