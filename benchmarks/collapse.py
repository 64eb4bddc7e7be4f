"""Does a network that teaches itself fall silent? Three runs on generated persons.

PoseCons lets its easy views teach its hard views. Here it is trained three times with
equal labels, batches and iterations: as published; with hard views that teach easy
ones; and with two hard views, drawn apart, of which one teaches the other. Hard views
are turned and scaled, without cutouts; what lies outside the teacher's view is
background to the student in all three.

Logged are the maxima of the heatmaps of unlabelled images, in the teacher's view, as a
share of those of labelled images: they fall towards 0 where everything is called
background. Writes ``collapse.png``, ``collapse.json`` and the table that it prints.

Examples:
    python benchmarks/collapse.py --iterations 1500
    python benchmarks/collapse.py --seeds 0 1 2 --cfg-options affine.rotation=60
    python benchmarks/collapse.py --runs hard-easy --out work_dirs/collapse

Finished runs are not repeated, interrupted ones go on. Runs that are started apart
with ``--runs`` and the same ``--out`` share one table.
"""

import argparse
from pathlib import Path
from typing import Any

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from ssltoolbox.apis.cli import add_cfg_options, command_line
from ssltoolbox.apis.train import train
from ssltoolbox.augment.random_affine import warp_batch, warp_normalised
from ssltoolbox.geometry.view import invert_affine
from ssltoolbox.methods.posedual import PoseCons
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.tasks.base import Batch
from ssltoolbox.testing.toy_persons.generate import generate
from ssltoolbox.utils.atomic import atomic_path
from ssltoolbox.utils.json_file import read_json, write_json
from ssltoolbox.visualization.curves import PALETTE, read_scalars

CONFIG = 'configs/posedual/resnet18_toypersons_posecons.py'
RUNS: dict[str, dict[str, str]] = {
    'easy-hard': {},
    'hard-easy': dict(teacher_sees='hard', student_sees='easy'),
    'hard-hard': dict(teacher_sees='hard', student_sees='hard'),
}
CURVES = {
    'ratio': 'collapse/ratio',
    'labelled': 'collapse/labelled',
    'unlabelled': 'collapse/unlabelled',
    'AP': 'student/coco/AP',
    'PCK@0.1': 'student/pck/PCK@0.1',
}


@TASK_UTILS.register_module()
class ChosenDifficulty(PoseCons):
    """PoseCons whose teacher and student see the view that is asked for.

    Args:
        teacher_sees: ``'easy'``, or ``'hard'`` for a view of its own draw.
        student_sees: The same for the student.
        kwargs: Those of PoseCons; ``hard_view`` without a cutout, which would need the
            joints before the teacher has looked.
    """

    def __init__(self, teacher_sees: str, student_sees: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.affine = self.hard_view.affine
        if self.affine is None or self.hard_view.cutout is not None:
            raise ValueError('ChosenDifficulty needs an affine and no cutout')
        self.teacher_sees, self.student_sees = teacher_sees, student_sees
        self.hard_view = self.move

    def teach(self, network: nn.Module, easy: Batch) -> Tensor:
        """Heatmaps of the view that the teacher sees, without gradient."""
        self.matrix = self.draw(self.teacher_sees, easy)
        self.seen = warp_batch(easy, self.matrix)
        return super().teach(network, self.seen)

    def move(
        self, batches: list[Batch], maps: list[Tensor], among: Tensor
    ) -> tuple[list[Batch], list[Tensor]]:
        """Make the student's view, and move the heatmaps from the teacher's to it."""
        matrix = self.draw(self.student_sees, batches[0])
        # from the student's view over the easy one to the teacher's: resampled once
        between = (invert_affine(_square(self.matrix)) @ _square(matrix))[:, :2]
        return (
            [warp_batch(batch, matrix) for batch in batches],
            [warp_normalised(each, between) for each in maps],
        )

    def draw(self, difficulty: str, easy: Batch) -> Tensor:
        """Draw (B, 2, 3) sampling matrices."""
        if difficulty == 'hard':
            return self.affine.draw(easy)
        still = torch.eye(2, 3, dtype=torch.double, device=easy.inputs.device)
        return still.expand(len(easy.inputs), -1, -1)

    def reported(self, easy: Batch, *told: Any) -> dict:
        """Report what the network was taught, in the view where it was seen."""
        return super().reported(self.seen, *told)


def _square(matrix: Tensor) -> Tensor:
    row = matrix.new_tensor([0, 0, 1]).expand(len(matrix), 1, 3)
    return torch.cat([matrix, row], 1)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    generate(args.data)
    for seed in args.seeds:
        for name in args.runs:
            print(f'{name}, seed {seed}', flush=True)
            folder = args.out / f'{name}_seed{seed}'
            train(args.config, folder, options=options_of(name, seed, args))
            scalars = read_scalars(folder)
            curves = {key: scalars.get(long, []) for key, long in CURVES.items()}
            write_json(args.out / f'{folder.name}.json', curves)
    found = {
        path.stem: read_json(path, 'curves', 'Delete it and run the benchmark again.')
        for name in RUNS
        for path in sorted(args.out.glob(f'{name}_seed*.json'))
    }
    write_json(args.out / 'collapse.json', found)
    plot(found, args.out / 'collapse.png')
    print(f'\n{as_markdown(found)}\n\n{args.out / "collapse.png"}')


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = command_line(__doc__)
    parser.add_argument('--config', default=CONFIG)
    parser.add_argument('--iterations', type=int, default=1500, help='of each run')
    parser.add_argument('--points', type=int, default=20, help='validations of each')
    parser.add_argument('--runs', nargs='+', choices=RUNS, default=list(RUNS))
    parser.add_argument('--seeds', type=int, nargs='+', default=[0])
    parser.add_argument('--data', type=Path, default=Path('data/toy_persons'))
    parser.add_argument('--out', type=Path, default=Path('work_dirs/collapse'))
    add_cfg_options(parser)
    args = parser.parse_args(argv)
    if not 0 < args.points <= args.iterations:
        parser.error('--points is at least 1 and at most --iterations')
    return args


def options_of(name: str, seed: int, args: argparse.Namespace) -> dict[str, Any]:
    """Fields of the config that say who sees what, and for how long."""
    length = args.iterations // args.points
    look = max(length // 2, 1)
    sides = RUNS[name]
    method = {f'method.{key}': value for key, value in sides.items()}
    if sides:
        method['method.type'] = 'ssltoolbox.ChosenDifficulty'
    return {
        'data_root': str(args.data),
        'labels': f'{args.data}/label_lists/80images_seed{seed}.json',
        'randomness.seed': seed,
        'epochs': args.points,
        'milestones': [args.points * 7 // 10, args.points * 9 // 10],
        'val_interval': 1,
        'watch_interval': look,
        'default_hooks.logger.interval': look,
        'semi_loader.sampler.epoch_length': length,
        **method,
        **args.cfg_options,
    }


def as_markdown(found: dict[str, dict]) -> str:
    """Table with the curves' ends; AP and PCK in percent."""
    lines = [
        '| run | labelled | unlabelled | ratio, first | ratio, last | AP, best '
        '| AP, last | PCK@0.1, last |',
        '|---' * 8 + '|',
    ]
    for name, curves in found.items():
        values = {key: [value for _, value in curve] for key, curve in curves.items()}
        ends = {key: row[-1] if row else float('nan') for key, row in values.items()}
        first = values['ratio'][0] if values['ratio'] else float('nan')
        lines.append(
            f'| {name} | {ends["labelled"]:.3f} | {ends["unlabelled"]:.3f} '
            f'| {first:.2f} | {ends["ratio"]:.2f} '
            f'| {100 * max(values["AP"], default=float("nan")):.1f} '
            f'| {100 * ends["AP"]:.1f} | {100 * ends["PCK@0.1"]:.1f} |'
        )
    return '\n'.join(lines)


def plot(found: dict[str, dict], path: Path) -> None:
    """Draw the ratio of the maxima and the validation AP over the iterations."""
    figure = Figure((9, 3.6), dpi=130, layout='constrained')
    left, right = figure.subplots(1, 2)
    colours = dict(zip(RUNS, PALETTE, strict=False))
    seen: set[str] = set()
    for name, curves in found.items():
        run = name.rpartition('_seed')[0]
        # one entry of the legend for all seeds
        label = None if run in seen else run.replace('-', ' teaches ')
        seen.add(run)
        for axes, key, scale in ((left, 'ratio', 1), (right, 'AP', 100)):
            steps = [step for step, _ in curves[key]]
            values = [scale * value for _, value in curves[key]]
            axes.plot(steps, values, color=colours[run], label=label)
    left.set(xlabel='iteration', ylabel='maxima, unlabelled / labelled', ylim=(0, None))
    right.set(xlabel='iteration', ylabel='AP (val)', ylim=(0, None))
    for axes in (left, right):
        axes.grid(alpha=0.3)
    left.legend(frameon=False)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format='png')


if __name__ == '__main__':
    main()
