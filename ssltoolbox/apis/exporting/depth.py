"""What of a depth network's config is needed to predict; all of it is ssltoolbox's."""

from typing import Any

from mmengine.config import Config

from ssltoolbox.apis.exporting.foreign_types import as_plain
from ssltoolbox.apis.inference.depth_config import depth_dataset

SCOPE = 'mmengine'

_TRAINING = ('init_cfg', 'pretrained', 'train_cfg')
_TRAINING_DATA = ('forbidden', 'cache', 'labelled')


def plain_network(network: dict, weights: dict, notes: list[str]) -> tuple[dict, dict]:
    """Drop what belongs to training.

    Args:
        network: Config of the network.
        weights: Its weights, which stay as they are.
        notes: Gets a line for everything that is not as it was.
    """
    network = {key: v for key, v in network.items() if key not in _TRAINING}
    for part in ('backbone', 'decode_head'):
        kept = {k: v for k, v in network[part].items() if k not in _TRAINING}
        network[part] = kept
    return network, weights


def plain_data(
    config: Config, network: dict, layout: dict | None, notes: list[str]
) -> dict[str, Any]:
    """Keep how test frames are read.

    Args:
        config: Config of the run.
        network: Its network.
        layout: Not used: depth has none.
        notes: Gets a line for everything that is left out.

    Raises:
        ValueError: The config does not say how frames are read.
    """
    dataset = as_plain(dict(depth_dataset(config)))
    dataset = {k: v for k, v in dataset.items() if k not in _TRAINING_DATA}
    loader = dict(
        batch_size=1,
        num_workers=0,
        sampler=dict(type='DefaultSampler', shuffle=False),
        dataset=dict(dataset, test_mode=True),
    )
    result: dict[str, Any] = dict(test_dataloader=loader)
    evaluator = config.get('test_evaluator') or config.get('val_evaluator')
    if evaluator:
        result.update(test_cfg=dict(), test_evaluator=as_plain(evaluator))
    return result


def plain_layout(layout: dict | None) -> None:
    """Depth has neither joints nor classes."""
    return None
