"""Convert checkpoints of the original ScarceNet code to plain mmpose checkpoints.

Reads the networks ``pose_hrnet`` and ``pose_hrnet_part``, and HRNet-W32 ImageNet
weights in the same naming, which become the backbone that training starts from:

    python tools/model_converters/scarcenet.py model_best.pth converted.pth
    python tools/model_converters/scarcenet.py hrnet_w32-36af842e.pth \\
        models/hrnet_w32-imagenet.pth
"""

import collections
import re
from pathlib import Path
from typing import NamedTuple

import torch
from mmengine.registry import DefaultScope

from ssltoolbox.apis.cli import add_trust_checkpoint, command_line, readable_errors
from ssltoolbox.apis.config import load_config
from ssltoolbox.apis.export import write_checkpoint
from ssltoolbox.engine.checkpoint import load_checkpoint_file
from ssltoolbox.models.heads.joint_specific_head import from_separate
from ssltoolbox.registry import MODELS
from ssltoolbox.utils.digest import file_sha256
from ssltoolbox.version import __version__

CONFIGS = Path(__file__).resolve().parents[2] / 'configs/_base_/models'
CONFIG = {
    'pose_hrnet': 'hrnet-w32.py',
    'pose_hrnet_part': 'hrnet-w32_joint-specific.py',
    'imagenet': 'hrnet-w32.py',
}
BACKBONE = re.compile(r'(conv|bn)[12]\.|layer1\.|transition[123]\.|stage[234]\.')
BRANCH = re.compile(r'part_layers\.(\d+)\.(.+)')
CLASSIFIER = re.compile(r'(incre_modules|downsamp_modules|final_layer|classifier)\.')
LOWER_FUSION = re.compile(r'stage4\.2\.fuse_layers\.[123]\.')

Weights = dict[str, torch.Tensor]


class Row(NamedTuple):
    """What becomes of one key."""

    source: str
    target: str | None
    note: str


class Converted(NamedTuple):
    """A network in mmpose's naming, and how it came about."""

    architecture: str
    weights: Weights
    rows: list[Row]


def read_weights(content: object) -> Weights:
    """Find the weights in the original file's content, under bare names."""
    if isinstance(content, dict) and isinstance(content.get('state_dict'), dict):
        content = content['state_dict']
    if not isinstance(content, dict) or not content:
        raise ValueError(
            'the file holds no weights: expected a state dict, or a dict with one '
            f'under "state_dict", got {type(content).__name__}'
        )
    wrong = [k for k, v in content.items() if not isinstance(v, torch.Tensor)]
    if wrong:
        raise ValueError(
            f'the file holds no weights: {wrong[0]!r} is not a tensor. Give a '
            'checkpoint.pth, model_best.pth or final_state.pth'
        )
    return {key.removeprefix('module.'): value for key, value in content.items()}


def find_architecture(weights: Weights) -> str:
    """Name the network that the weights belong to."""
    if any(key.startswith('backbone.') for key in weights):
        raise ValueError(
            'the keys start with "backbone.": this is an mmpose checkpoint already, '
            'use it as it is'
        )
    first = weights.get('transition1.0.0.weight')
    if first is None or 'stage4.0.fuse_layers.0.1.0.weight' not in weights:
        raise ValueError(
            'this is not an HRNet of the original code: "transition1" or "stage4" is '
            f'missing, the first key is {next(iter(weights))!r}. Only pose_hrnet, '
            'pose_hrnet_part and HRNet ImageNet weights can be converted'
        )
    if first.shape[0] != 32:
        raise ValueError(
            f'this is HRNet-W{first.shape[0]} (from "transition1.0.0.weight"); only '
            'HRNet-W32 can be converted'
        )
    if 'classifier.weight' in weights:
        return 'imagenet'
    if 'part_layers.0.0.weight' in weights:
        return 'pose_hrnet_part'
    if getattr(weights.get('final_layer.weight'), 'ndim', 0) == 4:
        return 'pose_hrnet'
    raise ValueError(
        'this HRNet has no head that is known here: expected "final_layer.weight" '
        '(pose_hrnet), "part_layers" (pose_hrnet_part) or "classifier" (ImageNet)'
    )


def map_key(key: str, architecture: str) -> Row:
    """Decide what becomes of one key."""
    if architecture == 'imagenet' and CLASSIFIER.match(key):
        return Row(key, None, 'classification head, no part of a pose network')
    if architecture == 'imagenet' and LOWER_FUSION.match(key):
        return Row(key, None, 'fusion into lower resolutions, which no head reads')
    if BACKBONE.match(key):
        return Row(key, f'backbone.{key}', '')
    if architecture == 'pose_hrnet' and key.startswith('final_layer.'):
        return Row(key, f'head.{key}', '')
    branch = BRANCH.fullmatch(key)
    if architecture == 'pose_hrnet_part' and branch:
        joint, rest = branch.groups()
        return Row(key, f'head.branches.{rest}', f'joint {joint}')
    raise ValueError(
        f'{key!r} is no key of {architecture}: the file comes from another network'
    )


def convert(weights: Weights) -> Converted:
    """Rename the weights of the original code for mmpose.

    Raises:
        ValueError: They are not of a network that can be converted.
    """
    architecture = find_architecture(weights)
    rows = [map_key(key, architecture) for key in weights]
    result = {}
    joints = collections.defaultdict(dict)
    for row in rows:
        branch = BRANCH.fullmatch(row.source)
        if branch:
            joints[int(branch[1])][branch[2]] = weights[row.source]
        elif row.target:
            result[row.target] = weights[row.source]
    if joints:
        if sorted(joints) != list(range(len(joints))):
            raise ValueError(f'"part_layers" has gaps: found joints {sorted(joints)}')
        stacked = from_separate([joints[joint] for joint in sorted(joints)])
        result |= {f'head.branches.{key}': value for key, value in stacked.items()}
    check_by_loading(architecture, result)
    return Converted(architecture, result, rows)


def check_by_loading(architecture: str, weights: Weights) -> None:
    """Load the weights strictly into the network that our configs describe.

    Raises:
        ValueError: A key is missing or left over, or a shape differs.
    """
    model = build_network(architecture, weights)
    wanted = model.state_dict()
    problems = [
        f'{key}: expected {_shape(value)}, got {_shape(weights.get(key))}'
        for key, value in wanted.items()
        if _shape(value) != _shape(weights.get(key))
    ]
    problems += [f'{key}: not expected' for key in weights if key not in wanted]
    if problems:
        raise ValueError(
            f'the file is not of {architecture} as published, {len(problems)} keys do '
            'not fit: ' + '; '.join(problems[:3])
        )
    model.load_state_dict(weights, strict=True, assign=True)


def build_network(architecture: str, weights: Weights) -> torch.nn.Module:
    """Build what the weights should fit, with as many joints as they have."""
    student = load_config(CONFIGS / CONFIG[architecture]).student
    student.backbone.init_cfg = None
    # without memory: random weights would take most of the time
    with DefaultScope.overwrite_default_scope('mmpose'), torch.device('meta'):
        if architecture == 'imagenet':
            return torch.nn.ModuleDict({'backbone': MODELS.build(student.backbone)})
        student.head.out_channels = len(weights[_output(architecture)])
        return MODELS.build(student)


def _output(architecture: str) -> str:
    part = architecture == 'pose_hrnet_part'
    return 'head.branches.2.weight' if part else 'head.final_layer.weight'


def _shape(value: torch.Tensor | None) -> str:
    return 'nothing' if value is None else str(list(value.shape))


def report(converted: Converted, verbose: bool) -> str:
    """Tell what became of the keys, every one of them if ``verbose``."""
    dropped = collections.Counter(r.note for r in converted.rows if not r.target)
    lines = []
    if verbose:
        for row in converted.rows:
            note = f'  ({row.note})' if row.note else ''
            lines.append(f'{row.source} -> {row.target or "DROPPED"}{note}')
    lines.append(
        f'{converted.architecture}: {len(converted.rows)} keys read, '
        f'{len(converted.rows) - dropped.total()} mapped, {dropped.total()} dropped, '
        'loads strictly'
    )
    lines += [f'  dropped {count}: {why}' for why, count in dropped.items()]
    return '\n'.join(lines)


def provenance(path: Path, content: dict, architecture: str) -> dict:
    """Say where the weights come from, in plain types."""
    meta = dict(
        source=path.name,
        source_sha256=file_sha256(path),
        architecture=architecture,
        ssltoolbox_version=__version__,
    )
    if 'epoch' in content and 'state_dict' in content:
        meta['epoch'] = int(content['epoch'])
        if content.get('perf') is not None:
            meta['perf'] = float(content['perf'])
    return meta


@readable_errors
def main(arguments: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = command_line(__doc__)
    parser.add_argument('source', type=Path, help='checkpoint of the original code')
    parser.add_argument('target', type=Path, help='mmpose checkpoint to write')
    parser.add_argument('--verbose', action='store_true', help='print every key')
    add_trust_checkpoint(parser)
    args = parser.parse_args(arguments)
    content = load_checkpoint_file(args.source)
    try:
        converted = convert(read_weights(content))
    except ValueError as error:
        raise ValueError(f'{args.source}: {error}.') from error
    meta = provenance(args.source, content, converted.architecture)
    write_checkpoint({'meta': meta, 'state_dict': converted.weights}, args.target)
    print(report(converted, args.verbose))
    print(f'written: {args.target}')


if __name__ == '__main__':
    main()
