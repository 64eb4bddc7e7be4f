"""What a network finds, told by its config."""

from collections.abc import Mapping
from typing import Any, Literal

Kind = Literal['poses', 'masks', 'depth']


def network_kind(network: Mapping[str, Any]) -> Kind:
    """Tell what a network finds.

    >>> network_kind(dict(type='ssltoolbox.DepthEstimator', decode_head={}))
    'depth'

    Args:
        network: Its config, see :func:`ssltoolbox.apis.model.network_config`.
    """
    name = getattr(network['type'], '__name__', network['type'])
    if name.rpartition('.')[2] == 'DepthEstimator':
        return 'depth'
    return 'masks' if 'decode_head' in network else 'poses'
