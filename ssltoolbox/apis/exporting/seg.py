"""What of a segmentor's config mmseg uses without this toolbox."""

from typing import Any

from mmengine.config import Config

from ssltoolbox.apis.exporting.foreign_types import (
    as_plain,
    foreign_types,
    without_scope,
)
from ssltoolbox.apis.exporting.mmpose_data import is_ours, to_plain
from ssltoolbox.visualization.overlay import class_palette

SCOPE = 'mmseg'

PLAIN_LOSS = dict(type='CrossEntropyLoss')
_TRAINING = ('init_cfg', 'pretrained', 'train_cfg')
_TRANSFORMS = {
    'ssltoolbox.LoadImage': dict(
        type='LoadImageFromFile', color_type='color_ignore_orientation'
    ),
    'ssltoolbox.LoadMask': dict(type='LoadAnnotations'),
    'ssltoolbox.PackSegView': dict(type='PackSegInputs'),
}
_DATASET_FIELDS = ('data_root', 'data_prefix', 'indices')


def plain_network(network: dict, weights: dict, notes: list[str]) -> tuple[dict, dict]:
    """Drop what belongs to training, and write types as mmseg does.

    Args:
        network: Config of the segmentor.
        weights: Its weights, which stay as they are.
        notes: Gets a line for everything that is not as it was.
    """
    network = {key: v for key, v in network.items() if key not in _TRAINING}
    backbone = network['backbone']
    network['backbone'] = {k: v for k, v in backbone.items() if k not in _TRAINING}
    for part in ('decode_head', 'auxiliary_head'):
        if network.get(part):
            network[part] = _with_plain_loss(network[part], notes)
    return without_scope(network, SCOPE), weights


def _with_plain_loss(head: Any, notes: list[str]) -> Any:
    if isinstance(head, (list, tuple)):
        return [_with_plain_loss(each, notes) for each in head]
    if not any(foreign_types(head.get('loss_decode'))):
        return head
    note = "the training loss became mmseg's; predictions do not use it"
    if note not in notes:
        notes.append(note)
    return {**head, 'loss_decode': PLAIN_LOSS}


def plain_data(
    config: Config, network: dict, layout: dict | None, notes: list[str]
) -> dict[str, Any]:
    """Keep how test images are read, in mmseg's types.

    Args:
        config: Config of the run.
        network: Its segmentor.
        layout: Meta information of its data set, see :func:`plain_layout`.
        notes: Gets a line for everything that mmseg cannot do.

    Raises:
        ValueError: The config does not say how images are read.
    """
    loader = config.get('test_dataloader') or config.get('val_dataloader') or {}
    inner = loader = as_plain(loader)
    pipeline = []
    while isinstance(inner.get('dataset'), dict):
        inner = inner['dataset']
        pipeline = pipeline or inner.get('pipeline') or []
    if not pipeline:
        raise ValueError(
            f'{config.filename or "config"}: cannot tell how images are read; expected '
            'a pipeline in test_dataloader.dataset or val_dataloader.dataset'
        )
    pipeline = _pipeline(pipeline, notes)
    loader.pop('collate_fn', None)
    if is_ours(loader.get('sampler', {}).get('type', '')):
        loader['sampler'] = dict(type='DefaultSampler', shuffle=False)
    loader['dataset'] = _dataset(inner, layout, notes) | dict(pipeline=pipeline)
    result = dict(test_pipeline=pipeline, test_dataloader=loader)
    evaluator = as_plain(config.get('test_evaluator') or config.get('val_evaluator'))
    if evaluator and any(foreign_types(evaluator)):
        evaluator = dict(type='IoUMetric', iou_metrics=['mIoU', 'mDice'])
        notes.append(
            'the evaluator became mmseg.IoUMetric: in percent, over all classes'
        )
    if evaluator:
        evaluator = without_scope(evaluator, SCOPE)
        result.update(test_cfg=dict(type='TestLoop'), test_evaluator=evaluator)
    return result


def _pipeline(steps: list[dict], notes: list[str]) -> list[dict]:
    result = []
    for step in without_scope(steps, SCOPE):
        kind = step['type']
        if kind == 'ssltoolbox.ImageView':
            size = tuple(step['input_size'])
            # Pillow averages what it makes smaller, as antialias does
            backend = dict(backend='pillow') if step.get('antialias') else {}
            result.append(dict(type='Resize', scale=size, keep_ratio=False, **backend))
        elif kind in _TRANSFORMS:
            result.append(dict(_TRANSFORMS[kind]))
        elif is_ours(kind):
            notes.append(f'transform {kind} left out: mmseg has none like it')
        else:
            result.append(step)
    return result


def _dataset(given: dict, layout: dict | None, notes: list[str]) -> dict:
    kind = given.get('type', 'BaseSegDataset')
    if not is_ours(kind):
        return without_scope(given, SCOPE)
    plain = kind == 'ssltoolbox.ImageMaskDataset'
    if not plain:
        notes.append(f'data set {kind} left out: only its pipeline is kept')
    elif given.get('sequences'):
        notes.append('sequences left out: mmseg reads all sub folders')
    if (layout or {}).get('codes'):
        notes.append('codes left out: mmseg reads masks of class ids')
    fields = {key: given[key] for key in _DATASET_FIELDS if plain and key in given}
    metainfo = plain_layout(layout)
    return dict(fields, type='BaseSegDataset', test_mode=True, metainfo=metainfo)


def plain_layout(layout: dict | None) -> dict | None:
    """Names and RGB colours of the classes, which mmseg draws with."""
    if not layout or not layout.get('classes'):
        return None
    palette = [list(reversed(color)) for color in class_palette(layout)]
    return to_plain(dict(classes=tuple(layout['classes']), palette=palette))
