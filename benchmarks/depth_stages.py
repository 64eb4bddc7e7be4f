"""What each stage of endoscopic depth gains: tables and pictures.

The three stages (teacher, distillation, student) and the single network are trained,
and their networks tested before and after. Each fold of the generated tubes tests on
another tube, chooses checkpoints on the one before it, and trains on the others.

    python -m ssltoolbox.testing.toy_tubes
    python benchmarks/depth_stages.py
    python benchmarks/depth_stages.py --data endoscopy --cfg-options batch_size=2

Errors are those of depth scaled to the points of each frame: ``depth`` at the points,
``dense`` at all pixels. Finished runs are not repeated.
"""

import argparse
import json
from pathlib import Path
from typing import Any, NamedTuple

import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import DefaultScope

from ssltoolbox.apis.cli import add_cfg_options, command_line
from ssltoolbox.apis.config import read_config
from ssltoolbox.apis.experiments.depth_sheet import depth_sheet
from ssltoolbox.apis.experiments.results_table import Cells, cell_text, markdown_table
from ssltoolbox.apis.experiments.runs import test, train
from ssltoolbox.registry import MODELS
from ssltoolbox.utils.atomic import write_text
from ssltoolbox.utils.json_file import write_json

CONFIGS = Path(__file__).parents[1] / 'configs' / 'endodepth'
STAGES = {
    'teacher-student': {
        'teacher_sfm': 'teacher',
        'distil': 'student, distilled',
        'student_sfm': 'student, from motion',
    },
    'sfm': {'sfm': 'single network'},
}
UNTRAINED = {'teacher_sfm': 'teacher, untrained', 'distil': 'student, untrained'}


class Data(NamedTuple):
    """Configs and metrics of a data set, and the patients that take turns."""

    stem: str
    metrics: tuple[str, ...]
    patients: int = 0


DATA = {
    'toytubes': Data(
        'fcdensenet_toytubes',
        ('depth/AbsRel', 'dense/AbsRel', 'dense/RMSElog', 'dense/delta1'),
        6,
    ),
    'endoscopy': Data(
        'fcdensenet57_endoscopy', ('depth/AbsRel', 'depth/RMSElog', 'depth/delta1')
    ),
}


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    data = DATA[args.data]
    known = [
        options_of(config_of(data.stem, kind), args.cfg_options) for kind in STAGES
    ]
    if unknown := set(args.cfg_options) - {key for each in known for key in each}:
        raise SystemExit(f'--cfg-options {min(unknown)}: no config has this field')
    out = args.out or Path('work_dirs') / f'depth_stages_{args.data}'
    table: Cells = {}
    for fold in args.folds if data.patients else [0]:
        options = {**patients(fold, data.patients), **args.cfg_options}
        folder = out / f'fold{fold}'
        networks = train_all(data.stem, folder, options)
        for name, metrics in measure(data.stem, folder, options, networks).items():
            cells = table.setdefault(name, {metric: [] for metric in data.metrics})
            for metric in data.metrics:
                cells[metric].append(metrics[f'student/{metric}'])
            print(f'fold {fold}, {name}: {cells[data.metrics[0]][-1]:.3f}', flush=True)
        depth_sheet(networks, folder / 'depth.png', args.pictures)
    rows = [
        [name, *(cell_text(cells[metric], metric, each=True) for metric in cells)]
        for name, cells in table.items()
    ]
    text = markdown_table(['network', *data.metrics], rows)
    write_json(out / 'depth_stages.json', table)
    write_text(out / 'depth_stages.md', f'{text}\n')
    print(f'\n{text}')


def parse_args(argv: list[str] | None) -> argparse.Namespace:
    parser = command_line(__doc__)
    add = parser.add_argument
    add('--data', choices=DATA, default='toytubes')
    add('--folds', type=int, nargs='+', default=[2, 4, 6], help='patients to test on')
    add('--pictures', type=int, default=4, help='test frames on each sheet')
    add('--out', type=Path)
    add_cfg_options(parser)
    return parser.parse_args(argv)


def patients(tested: int, count: int) -> dict[str, Any]:
    """Options that give each patient its part."""
    if not count:
        return {}
    chosen = (tested - 2) % count + 1
    others = [p for p in range(1, count + 1) if p not in (tested, chosen)]
    parts = dict(train_set=others, val_set=[chosen], test_set=[tested])
    return {f'{part}.patients': numbers for part, numbers in parts.items()}


def train_all(stem: str, folder: Path, options: dict) -> dict[str, tuple[Path, Path]]:
    """Train, and name config and checkpoint of each stage's network."""
    networks = {}
    for kind, stages in STAGES.items():
        config = config_of(stem, kind)
        train(config, folder / kind, options_of(config, options))
        for stage, name in stages.items():
            file = folder / kind / stage / 'stage.json'
            outputs = json.loads(file.read_text())['outputs']
            checkpoint = Path(outputs.get('best') or outputs['last'])
            networks[name] = folder / kind / stage / 'config.py', checkpoint
    return networks


def measure(
    stem: str, folder: Path, options: dict, networks: dict[str, tuple[Path, Path]]
) -> dict[str, dict[str, float]]:
    """Test what was trained, and what it started from."""
    found = {}
    for kind, stages in STAGES.items():
        config = config_of(stem, kind)
        own = options_of(config, options)
        for stage, name in stages.items():
            if stage in UNTRAINED:
                weights = untrained(networks[name][0])
                out = weights.with_suffix('.json')
                found[UNTRAINED[stage]] = test(config, weights, out, own, stage=stage)
            out = folder / kind / stage / 'metrics_test.json'
            found[name] = test(config, networks[name][1], out, own, stage=stage)
    return found


def untrained(config: Path) -> Path:
    """Write the student of a stage with random weights, beside its config."""
    path = config.with_name('untrained.pth')
    cfg = Config.fromfile(config)
    torch.manual_seed(0)
    with DefaultScope.overwrite_default_scope(cfg.default_scope):
        network = MODELS.build(cfg.model.student)
    MMLogger.get_current_instance().setLevel('ERROR')  # else it lists all weights
    network.init_weights()
    state = {f'student.{key}': value for key, value in network.state_dict().items()}
    torch.save({'meta': {}, 'state_dict': state}, path)
    return path


def options_of(config: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Leave out options of fields that only the other config has."""
    cfg = read_config(config).to_dict()

    def has(key: str) -> bool:
        part: Any = cfg
        for name in key.split('.'):
            if not isinstance(part, dict) or name not in part:
                return False
            part = part[name]
        return True

    return {key: value for key, value in options.items() if has(key)}


def config_of(stem: str, kind: str) -> Path:
    return CONFIGS / f'{stem}_{kind}.py'


if __name__ == '__main__':
    main()
