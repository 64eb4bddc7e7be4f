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

from ssltoolbox.apis.cli import add_trust_checkpoint, command_line, readable_errors
from ssltoolbox.apis.convert import (
    Converted,
    Row,
    Weights,
    backbone_row,
    check_by_loading,
    convert_file,
    empty_network,
    read_weights,
)
from ssltoolbox.models.heads.joint_specific_head import from_separate

CONFIGS = Path(__file__).resolve().parents[2] / 'configs/_base_/models'
CONFIG = {
    'pose_hrnet': 'pose-hrnet-w32.py',
    'pose_hrnet_part': 'pose-hrnet-w32_joint-specific.py',
    'imagenet': 'pose-hrnet-w32.py',
}
BRANCH = re.compile(r'part_layers\.(\d+)\.(.+)')


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
    row = backbone_row(key, imagenet=architecture == 'imagenet')
    if row:
        return row
    if architecture == 'pose_hrnet' and key.startswith('final_layer.'):
        return Row(key, f'head.{key}')
    branch = BRANCH.fullmatch(key)
    if architecture == 'pose_hrnet_part' and branch:
        joint, rest = branch.groups()
        return Row(key, f'head.branches.{rest}', f'joint {joint}')
    raise ValueError(
        f'{key!r} is no key of {architecture}: the file comes from another network'
    )


def convert(content: object) -> Converted:
    """Rename the weights of the original code for mmpose.

    Raises:
        ValueError: They are not of a network that can be converted.
    """
    weights = read_weights(content)
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
    config = CONFIGS / CONFIG[architecture]
    network = empty_network(config, count_joints(architecture, result))
    check_by_loading(architecture, network, result)
    return Converted(architecture, result, rows)


def count_joints(architecture: str, weights: Weights) -> int | None:
    """Outputs of the network, None without a head."""
    if architecture == 'imagenet':
        return None
    part = architecture == 'pose_hrnet_part'
    return len(weights['head.branches.2.weight' if part else 'head.final_layer.weight'])


@readable_errors
def main(arguments: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = command_line(__doc__)
    parser.add_argument('source', type=Path, help='checkpoint of the original code')
    parser.add_argument('target', type=Path, help='mmpose checkpoint to write')
    parser.add_argument('--verbose', action='store_true', help='print every key')
    add_trust_checkpoint(parser)
    args = parser.parse_args(arguments)
    convert_file(args.source, args.target, convert, args.verbose)


if __name__ == '__main__':
    main()
