"""What of a pose network's config mmpose uses without this toolbox."""

from typing import Any

from mmengine.config import Config

from ssltoolbox.apis.exporting.foreign_types import as_plain, foreign_types
from ssltoolbox.apis.exporting.mmpose_data import (
    default_pipeline,
    is_ours,
    plain_dataset,
    raw_layout,
    to_plain,
)
from ssltoolbox.apis.exporting.plain_head import as_plain_head

SCOPE = 'mmpose'

HEAD = 'ssltoolbox.JointSpecificHead'
PLAIN_LOSS = dict(type='KeypointMSELoss', use_target_weight=True)


def plain_network(network: dict, weights: dict, notes: list[str]) -> tuple[dict, dict]:
    """Drop what belongs to training, and replace the head that mmpose lacks.

    Args:
        network: Config of the network.
        weights: Its weights.
        notes: Gets a line for everything that is not as it was.

    Raises:
        ValueError: It is no top-down network.
    """
    if 'head' not in network or network['head'].get('decoder') is None:
        raise ValueError(
            'only top-down heatmap networks can be exported for mmpose, this one has '
            'no head with a decoder'
        )
    network = {k: v for k, v in network.items() if k not in ('init_cfg', 'train_cfg')}
    network['backbone'] = {**network['backbone'], 'init_cfg': None}
    if is_ours(network['head'].get('loss', {}).get('type', '')):
        network['head'] = {**network['head'], 'loss': PLAIN_LOSS}
        notes.append("the training loss became mmpose's; predictions do not use it")
    if network['head']['type'] == HEAD:
        head = {k[5:]: v for k, v in weights.items() if k.startswith('head.')}
        network['head'], head = as_plain_head(network['head'], head)
        weights = {k: v for k, v in weights.items() if not k.startswith('head.')}
        weights |= {f'head.{key}': value for key, value in head.items()}
        notes.append(
            'the joint-specific head became an equal HeatmapHead with many zeros: it '
            'predicts the same and is slower; train further with the original'
        )
    return network, weights


def plain_data(
    config: Config, network: dict, layout: dict | None, notes: list[str]
) -> dict[str, Any]:
    """Keep how test images are read, in mmpose's types.

    Args:
        config: Config of the run.
        network: Its network.
        layout: Layout of the joints as mmpose parses it.
        notes: Gets a line for everything that mmpose cannot do.
    """
    raw = raw_layout(layout)
    if raw is None:
        notes.append('no layout of the joints is known: mmpose will assume COCO')
    loader = config.get('test_dataloader') or config.get('val_dataloader')
    if loader:
        loader = loader.to_dict()
        loader.pop('collate_fn', None)
        loader['dataset'] = plain_dataset(loader['dataset'], raw, notes)
        if is_ours(loader.get('sampler', {}).get('type', '')):
            loader['sampler'] = dict(type='DefaultSampler', shuffle=False)
    else:
        loader = dict(batch_size=1, dataset=dict(type='BaseCocoStyleDataset'))
        loader['dataset'].update(metainfo=raw, data_mode='topdown', test_mode=True)
    if not loader['dataset'].get('pipeline'):
        size = network['head']['decoder']['input_size']
        loader['dataset']['pipeline'] = default_pipeline(size)
        notes.append("no test pipeline in the config: mmpose's usual one was written")
    result = dict(codec=network['head']['decoder'], test_dataloader=loader)
    evaluator = config.get('test_evaluator') or config.get('val_evaluator')
    if evaluator and not any(foreign_types(as_plain(evaluator))):
        result.update(test_cfg=dict(), test_evaluator=as_plain(evaluator))
    elif evaluator:
        notes.append('evaluators left out: mmpose has none that measures the same')
    return result


def plain_layout(layout: dict | None) -> dict | None:
    """The layout in plain types."""
    return to_plain(dict(layout)) if layout else None
