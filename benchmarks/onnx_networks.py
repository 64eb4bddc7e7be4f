"""Export networks of every task to ONNX, and compare them under onnxruntime.

The networks have random weights, with statistics of norms that are not neutral. The
difference is that of ``tools/export.py``: between onnxruntime and torch, for batches of
1 and 3 images, as a share of the largest result where that exceeds 1.

Examples:
    python benchmarks/onnx_networks.py
    python benchmarks/onnx_networks.py --only fpenet ocnet --size 320 320
"""

import tempfile
import time
from pathlib import Path

import torch
from mmengine.config import ConfigDict
from mmengine.registry import DefaultScope
from torch import nn

from ssltoolbox.apis.cli import command_line
from ssltoolbox.apis.config import load_config
from ssltoolbox.apis.exporting.onnx_check import largest_difference
from ssltoolbox.apis.exporting.onnx_export import OPSET, write_graph
from ssltoolbox.apis.exporting.onnx_graph import graph_of
from ssltoolbox.apis.seg_networks import PUBLISHED, build_network
from ssltoolbox.registry import MODELS

ROOT = Path(__file__).parents[1] / 'configs'
OTHERS = {
    'hrnet-w32 (poses)': 'scarcenet/hrnet_ap10k_5shot.py',
    'resnet18 (poses)': 'posedual/resnet18_coco1k_posedual.py',
    'daunet (maps)': 'ssl2dpose/daunet_endovis_supervised.py',
    'fcdensenet57 (depth)': 'endodepth/fcdensenet57_endoscopy_sfm.py',
}
KINDS = {'maps': 'poses'}


def networks(only: list[str]):
    """Give name, network, and kind of each."""
    for name in PUBLISHED:
        if not only or name in only:
            yield name, build_network(ROOT / f'_base_/models/{name}.py'), 'masks'
    for title, file in OTHERS.items():
        name, kind = title.rstrip(')').split(' (')
        if only and name not in only:
            continue
        network = load_config(ROOT / file).model
        network = ConfigDict(network.get('student', network))
        network.backbone.init_cfg = None
        with DefaultScope.overwrite_default_scope('mmpose'):
            yield title, MODELS.build(network), KINDS.get(kind, kind)


def disturb(network: nn.Module) -> None:
    """Give norms statistics as after a training."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.running_mean, std=0.1)


def main() -> None:
    """Print a table."""
    parser = command_line(__doc__)
    parser.add_argument('--only', nargs='+', default=[], help='names of networks')
    parser.add_argument('--size', nargs=2, type=int, default=(160, 128))
    parser.add_argument('--opset', type=int, default=OPSET)
    args = parser.parse_args()
    print('| network | difference | MB | seconds to export |\n|---|---:|---:|---:|')
    for name, network, kind in networks(args.only):
        torch.manual_seed(0)
        disturb(network.eval())
        graph, size = graph_of(network, kind), tuple(args.size)
        if kind == 'poses':
            size = tuple(network.head.decoder.input_size)
        with tempfile.TemporaryDirectory() as folder:
            path, start = Path(folder) / 'network.onnx', time.perf_counter()
            write_graph(graph, path, size, args.opset, {})
            seconds = time.perf_counter() - start
            told = f'{largest_difference(path, graph, size):.1e}'
            print(
                f'| {name} | {told} | {path.stat().st_size / 1e6:.1f} '
                f'| {seconds:.0f} |',
                flush=True,
            )


if __name__ == '__main__':
    main()
