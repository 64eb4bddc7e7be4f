"""Convert checkpoints of the original PoseDual and PoseCons code.

Reads PoseResNet 18, 50, 101, 152 and HRNet-W48: the two networks of PoseDual, which
become ``student.*`` and ``teacher.model.*`` as in our checkpoints; the one network of
PoseCons or of a supervised baseline, which becomes a plain mmpose checkpoint; and
ImageNet weights of these backbones in the same naming, of one network or of both.

    python tools/model_converters/posedual.py model_best.pth.tar posedual.pth --bgr

The original program gives its networks BGR images. ``--bgr`` notes that in the file;
such a network is used with ``--cfg-options
student.data_preprocessor.bgr_to_rgb=False``.
"""

import functools
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
from ssltoolbox.checkpoints.network_names import PREFIXES

CONFIGS = Path(__file__).resolve().parents[2] / 'configs/_base_/models'
PLACES = {'resnet.': PREFIXES['student'], 'resnet2.': PREFIXES['teacher']}
DEPTHS = {
    (False, (2, 2, 2, 2)): 18,
    (True, (3, 4, 6, 3)): 50,
    (True, (3, 4, 23, 3)): 101,
    (True, (3, 8, 36, 3)): 152,
}
OUTPUTS = ('final_layer', 'final_layer_1')  # the second in the ResNets of PoseDual
BGR_NOTE = (
    'wants BGR images: add --cfg-options student.data_preprocessor.bgr_to_rgb=False'
)
RGB_NOTE = (
    'taken to want RGB images: convert what the original program trained with its '
    'usual COLOR_RGB: false by --bgr'
)


def convert(content: object, bgr: bool = False) -> Converted:
    """Rename the weights of the original code.

    Args:
        content: Content of the original's file.
        bgr: The networks were trained on BGR images.

    Raises:
        ValueError: They are not of networks that can be converted.
    """
    networks = split(read_weights(content), name_in(content))
    rows, result, architectures = [], {}, set()
    for source, target, weights in networks:
        try:
            found = rename(weights)
        except ValueError as error:
            where = f'network "{source}": ' if source else ''
            raise ValueError(f'{where}{error}') from error
        architectures.add(found.architecture)
        rows += [
            Row(source + row.source, row.target and target + row.target, row.note)
            for row in found.rows
        ]
        result |= {target + key: value for key, value in found.weights.items()}
    if len(architectures) > 1:
        raise ValueError(
            f'the two networks differ: {" and ".join(sorted(architectures))}'
        )
    return Converted(
        '2 x ' * (len(networks) == 2) + architectures.pop(),
        result,
        rows,
        meta={'bgr_to_rgb': not bgr},
        notes=(BGR_NOTE if bgr else RGB_NOTE,),
    )


def name_in(content: object) -> str:
    """Name of the model that a checkpoint of the original tells, or ''."""
    return str(content.get('model', '')) if isinstance(content, dict) else ''


def split(weights: Weights, name: str) -> list[tuple[str, str, Weights]]:
    """Part the weights by network: prefix in the file, prefix in ours, weights.

    Args:
        weights: All weights of the file.
        name: What the original program calls its model.

    Raises:
        ValueError: One of two networks is missing.
    """
    for prefix in ('backbone.', *PREFIXES.values()):
        if any(key.startswith(prefix) for key in weights):
            raise ValueError(
                f'the keys start with "{prefix}": this is a checkpoint of mmpose or '
                'of this toolbox already, use it as it is'
            )
    parts = {
        prefix: {
            key.removeprefix(prefix): value
            for key, value in weights.items()
            if key.startswith(prefix)
        }
        for prefix in PLACES
    }
    present = [prefix for prefix, part in parts.items() if part]
    if not present:
        return [('', '', weights)]
    for key in weights:
        if not key.startswith(tuple(PLACES)):
            raise ValueError(f'{key!r} belongs neither to "resnet." nor to "resnet2."')
    first, second = PLACES
    dual = name == 'pose_dual' or 'final_layer_1.weight' in parts[first]
    if present == [first] and not dual:
        return [(first, '', parts[first])]
    if len(present) == 1:
        raise ValueError(
            f'PoseDual has two networks, "{first}" and "{second}", but all keys start '
            f'with "{present[0]}": the file is not whole. Take the checkpoint.pth.tar, '
            'model_best.pth.tar or final_state.pth.tar of the training'
        )
    return [(prefix, PLACES[prefix], part) for prefix, part in parts.items()]


def find_architecture(weights: Weights) -> str:
    """Name the base config of the network, without ``.py``."""
    branch = weights.get('transition1.0.0.weight')
    if branch is not None:
        if branch.shape[0] == 48:
            return 'pose-hrnet-w48'
        raise ValueError(
            f'this is HRNet-W{branch.shape[0]} (from "transition1.0.0.weight"); of the '
            'HRNets only W48 can be converted'
        )
    blocks = tuple(
        len({k.split('.')[1] for k in weights if k.startswith(f'layer{stage}.')})
        for stage in range(1, 5)
    )
    depth = DEPTHS.get(('layer1.0.conv3.weight' in weights, blocks))
    if depth is None:
        raise ValueError(
            'this is no network of the original code: expected a ResNet of 18, 50, 101 '
            f'or 152 layers or HRNet-W48, got {blocks} residual blocks; the first key '
            f'is {next(iter(weights))!r}'
        )
    return f'pose-resnet{depth}'


def rename(weights: Weights) -> Converted:
    """Rename one network for mmpose, and load it strictly."""
    architecture = find_architecture(weights)
    outputs = [
        len(weights[f'{name}.weight'])
        for name in OUTPUTS
        if getattr(weights.get(f'{name}.weight'), 'ndim', 0) == 4
    ]
    # original ImageNet weights of HRNet have a convolution "final_layer.0"
    imagenet = not outputs
    if len(outputs) > 1 or (imagenet and 'deconv_layers.0.weight' in weights):
        raise ValueError(
            'a pose network has one of "final_layer" and "final_layer_1", this one has '
            + ('both' if outputs else 'neither')
        )
    rows = [map_key(key, architecture, imagenet) for key in weights]
    result = {row.target: weights[row.source] for row in rows if row.target}
    network = empty_network(
        CONFIGS / f'{architecture}.py', None if imagenet else outputs[0]
    )
    check_by_loading(architecture, network, result)
    return Converted(architecture + ' backbone' * imagenet, result, rows)


def map_key(key: str, architecture: str, imagenet: bool) -> Row:
    """Decide what becomes of one key."""
    row = backbone_row(key, imagenet)
    if row:
        return row
    layer, _, rest = key.partition('.')
    if not imagenet and layer in OUTPUTS:
        return Row(key, f'head.final_layer.{rest}')
    if not imagenet and layer == 'deconv_layers':
        return Row(key, f'head.{key}')
    raise ValueError(
        f'{key!r} is no key of {architecture}: the file comes from another network'
    )


@readable_errors
def main(arguments: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = command_line(__doc__)
    parser.add_argument('source', type=Path, help='checkpoint of the original code')
    parser.add_argument('target', type=Path, help='checkpoint to write')
    parser.add_argument('--verbose', action='store_true', help='print every key')
    parser.add_argument(
        '--bgr', action='store_true', help='the networks were trained on BGR images'
    )
    add_trust_checkpoint(parser)
    args = parser.parse_args(arguments)
    convert_one = functools.partial(convert, bgr=args.bgr)
    convert_file(args.source, args.target, convert_one, args.verbose)


if __name__ == '__main__':
    main()
