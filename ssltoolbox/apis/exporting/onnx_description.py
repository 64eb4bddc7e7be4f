"""Say how an ONNX graph is fed, and what its results are."""

from typing import Any

from ssltoolbox.apis.exporting.mmpose_data import to_plain
from ssltoolbox.apis.exporting.onnx_graph import NetworkGraph
from ssltoolbox.apis.exporting.source import ExportSource
from ssltoolbox.datasets.transforms.to_hsv import HSV

COLOURS = {
    'rgb': 'RGB',
    HSV: "HSV, each 0 to 255: OpenCV's COLOR_RGB2HSV_FULL of an RGB image",
}
INPUTS = {
    'images': 'uint8, 0 to 255, not normalised: the graph does that',
    'valid': 'uint8, not 0 where the image shows the scene; ones if all of it does',
}
OUTPUTS: dict[str, tuple[str | int, ...]] = {
    'heatmaps': ('B', 'K', 'h', 'w'),
    'keypoints': ('B', 'K', 2),
    'scores': ('B', 'K'),
    'maps': ('B', 'C', 'h', 'w'),
    'logits': ('B', 'C', 'height', 'width'),
    'depth': ('B', 1, 'height', 'width'),
}
MEANINGS = {
    'heatmaps': 'one for each keypoint',
    'keypoints': 'x, y in px of the input, pixel centres at whole numbers; negative '
    'where none is found',
    'scores': 'height of the peak of each keypoint',
    'maps': 'as the network gives them',
    'logits': 'of each class; the largest is the class, softmax gives probabilities',
    'depth': 'in a unit of the network; 0 where valid is 0',
}
VIEWS = {
    'poses': 'the crop of one instance, or the whole image where there is no box',
    'masks': 'the whole image, resized to the size of the input',
    'depth': 'the window of a frame that tools/infer.py uses, see its depth.json',
}


def describe(
    source: ExportSource, graph: NetworkGraph, size: tuple[int, int], opset: int
) -> dict[str, Any]:
    """What a user of the graph needs to know, in plain types.

    Args:
        source: The network.
        graph: Its graph.
        size: (width, height) of the images.
        opset: Version of ONNX's operators.
    """
    width, height = size
    shapes = dict(images=['B', 3, height, width], valid=['B', 1, height, width])
    named: dict[str | int, int] = dict(height=height, width=width)
    outputs = {
        name: dict(
            shape=[named.get(n, n) for n in OUTPUTS[name]], meaning=MEANINGS[name]
        )
        for name in graph.outputs
    }
    about: dict[str, Any] = dict(
        opset=opset,
        finds=source.kind,
        inputs={
            name: dict(shape=shapes[name], meaning=INPUTS[name])
            for name in graph.inputs
        },
        colours=COLOURS[graph.colours],
        view=VIEWS[source.kind],
        outputs=outputs,
        in_graph=dict(
            reverses_channels=graph.reversed,
            mean=graph.mean.flatten().tolist(),
            std=graph.std.flatten().tolist(),
        ),
        **_names(source, graph),
        made_of=source.meta,
        notes=source.notes,
    )
    return to_plain(about)


def _names(source: ExportSource, graph: NetworkGraph) -> dict[str, Any]:
    """Names of keypoints or classes, and what decodes the maps."""
    layout = source.model.dataset_meta or {}
    found: dict[str, Any] = {}
    if layout.get('keypoint_id2name'):
        names = layout['keypoint_id2name']
        found['keypoints'] = [names[k] for k in sorted(names)]
        found['flip_indices'] = list(layout['flip_indices'])
    elif layout.get('classes'):
        found['classes'] = list(layout['classes'])
    if source.kind == 'poses':
        found['codec'] = (source.network.get('head') or {}).get('decoder')
    padding = _padding(source)
    return found | (dict(box_padding=padding) if padding else {})


def _padding(source: ExportSource) -> float | None:
    """By how much boxes of instances are enlarged before they are cropped."""
    for subset in ('test', 'val'):
        loader = source.config.get(f'{subset}_dataloader') or {}
        for step in (loader.get('dataset') or {}).get('pipeline') or []:
            if 'GetBBoxCenterScale' in str(step.get('type')):
                return float(step.get('padding', 1.25))
    return None
