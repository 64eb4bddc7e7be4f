"""Convert variables of the original ssl2dpose program (TensorFlow 1) to a checkpoint.

The program saves TensorFlow checkpoints, ``tmp<i>/model.ckpt``. Where TensorFlow is
installed, three lines export one as arrays by name:

    import numpy as np, tensorflow as tf
    reader = tf.train.load_checkpoint('tmp7/model.ckpt')
    np.savez('model.npz', **{k: reader.get_tensor(k)
                             for k in reader.get_variable_to_shape_map()})

    python tools/model_converters/ssl2dpose.py model.npz ssl2dpose.pth

The number of outputs and the width are read from the variables. Variables of the
optimiser are left out, and so are those of the further networks that the program makes
by mistake when it trains with mean teacher or VAT: only the first is its student.
"""

import re
from pathlib import Path

import numpy as np
import torch
from mmengine.registry import DefaultScope

from ssltoolbox.apis.cli import command_line, readable_errors
from ssltoolbox.apis.convert import (
    Converted,
    Row,
    check_by_loading,
    convert_file,
    read_arrays,
)
from ssltoolbox.registry import MODELS

LEVELS = 3
SCOPE = 'dau-net/'
OPTIMISER = re.compile(r'(.*/)?(beta[12]_power|global_step|.*/Adam(_1)?)')
FURTHER = re.compile(r'dau-net_\d+/|.*/ExponentialMovingAverage$')
CONV = re.compile(r'(down|up)_conv_(\d)/([wb])([12d])')
NORM = re.compile(r'GroupNorm(?:_(\d+))?/(beta|gamma)')
ATTENTION = re.compile(r'Conv(?:_(\d+))?/(weights|biases)')
OUTPUT = re.compile(r'output_map/(weight|bias)')


def map_name(name: str) -> Row:
    """Decide what becomes of a variable.

    Args:
        name: As TensorFlow gives it, with or without ``:0``.

    Raises:
        ValueError: The network has no such variable.
    """
    plain = name.removesuffix(':0')
    if OPTIMISER.fullmatch(plain):
        return Row(name, None, 'of the optimiser')
    if FURTHER.match(plain):
        return Row(name, None, 'of a further network, which is not the student')
    rest = plain.removeprefix(SCOPE)
    if match := CONV.fullmatch(rest):
        way, level, kind, number = match.groups()
        place = f'blocks.{int(number) - 1}.conv' if number != 'd' else 'deconv'
        if way == 'down':
            place = place.removeprefix('blocks.')
        leaf = {'w': 'weight', 'b': 'bias'}[kind]
        return Row(name, f'backbone.{way}.{level}.{place}.{leaf}')
    if match := NORM.fullmatch(rest):
        stage, block = divmod(int(match[1] or 0), 2)
        place = f'down.{stage}.{block}'
        if stage >= LEVELS:
            place = f'up.{2 * LEVELS - 2 - stage}.blocks.{block}'
        leaf = {'gamma': 'weight', 'beta': 'bias'}[match[2]]
        return Row(name, f'backbone.{place}.norm.{leaf}')
    if match := ATTENTION.fullmatch(rest):
        stage, conv = divmod(int(match[1] or 0), 3)
        leaf = {'weights': 'weight', 'biases': 'bias'}[match[2]]
        place = f'up.{LEVELS - 2 - stage}.attention.convs.{conv}'
        return Row(name, f'backbone.{place}.{leaf}')
    if match := OUTPUT.fullmatch(rest):
        return Row(name, f'head.final_layer.{match[1]}')
    raise ValueError(
        f'{name!r} is no variable of the network of ssl2dpose, whose names are like '
        '"dau-net/down_conv_0/w1": the file comes from another program'
    )


def convert(arrays: dict[str, np.ndarray]) -> Converted:
    """Rename and transpose variables of the original code.

    Args:
        arrays: Array of each variable by its name.

    Raises:
        ValueError: They are not of a network that can be converted.
    """
    rows = [map_name(name) for name in arrays]
    weights = {
        row.target: torch.from_numpy(to_torch(arrays[row.source]))
        for row in rows
        if row.target
    }
    first = weights.get('backbone.down.0.0.conv.weight')
    last = weights.get('head.final_layer.weight')
    if first is None or last is None or first.ndim != 4:
        raise ValueError(
            'the file holds no network of ssl2dpose: "dau-net/down_conv_0/w1" and '
            '"dau-net/output_map/weight" must be in it, it has '
            f'{len(arrays)} variables, such as {next(iter(arrays), "none")!r}'
        )
    channels, outputs = len(first), len(last)
    architecture = f'DAUNet ({channels} channels, {outputs} outputs)'
    check_by_loading(architecture, build(channels, outputs), weights)
    return Converted(architecture, weights, rows)


def to_torch(array: np.ndarray) -> np.ndarray:
    """Turn (h, w, in, out) to (out, in, h, w), transposed (h, w, out, in) alike."""
    if array.ndim == 4:
        array = array.transpose(3, 2, 0, 1)
    return np.ascontiguousarray(array, np.float32)


def build(channels: int, outputs: int) -> torch.nn.Module:
    """Build the network without memory for its weights."""
    network = dict(
        type='ssltoolbox.WholeImagePoseEstimator',
        backbone=dict(type='ssltoolbox.DAUNet', base_channels=channels),
        head=dict(
            type='ssltoolbox.JointConnectionHead',
            in_channels=channels,
            out_channels=outputs,
        ),
    )
    with DefaultScope.overwrite_default_scope('mmpose'), torch.device('meta'):
        return MODELS.build(network)


@readable_errors
def main(arguments: list[str] | None = None) -> None:
    """Run from the command line."""
    parser = command_line(__doc__)
    parser.add_argument('source', type=Path, help='.npz file of the variables')
    parser.add_argument('target', type=Path, help='checkpoint to write')
    parser.add_argument('--verbose', action='store_true', help='print every key')
    args = parser.parse_args(arguments)
    convert_file(args.source, args.target, convert, args.verbose, read_arrays)


if __name__ == '__main__':
    main()
