"""Child registries of mmengine: a component is found by its file alone.

Every module below the folders named here is imported at the first look-up, so a
new component is one file with one decorator; no list names it. Configs write our
types as ``ssltoolbox.Name`` whatever their ``default_scope`` is.
"""

import pkgutil
from importlib import import_module
from pathlib import Path

from mmengine import registry as mm

from .compat import prepare_segmentation, prepare_upstream

prepare_upstream()

from mmpose.registry import KEYPOINT_CODECS as _UPSTREAM_CODECS  # noqa: E402


def _modules(*folders: str) -> list[str]:
    """Name every module below ``ssltoolbox/<folder>``, importing none of them."""
    root = Path(__file__).parent
    names = []
    for folder in folders:
        package = f'ssltoolbox.{folder}'
        names.append(package)
        for module in pkgutil.iter_modules([str(root.joinpath(*folder.split('.')))]):
            inner = f'{folder}.{module.name}'
            names += _modules(inner) if module.ispkg else [f'ssltoolbox.{inner}']
    return names


def _child(parent: mm.Registry, *folders: str) -> mm.Registry:
    return mm.Registry(
        parent.name, parent=parent, scope='ssltoolbox', locations=_modules(*folders)
    )


class _ModelRegistry(mm.Registry):
    """Registry that imports what builds on mmseg when it is asked for by name.

    Pose needs no mmseg, so the files of segmentation are no ``locations``. Each is
    named like its class, in lower case and parted by underscores.
    """

    def get(self, key: str):
        """Find a class, as :meth:`mmengine.Registry.get` does."""
        scope, name = self.split_scope_key(key)
        module = _SEGMENTATION.get(name.lower())
        if module and scope in (None, self.scope):
            prepare_segmentation()
            import_module(module)
        return super().get(key)


_SEGMENTATION = {
    module.rpartition('.')[2].replace('_', ''): module
    for module in _modules('models.decode_heads')
}
MODELS = _ModelRegistry(
    mm.MODELS.name,
    parent=mm.MODELS,
    scope='ssltoolbox',
    locations=[
        module
        for module in _modules('models', 'losses', 'semi')
        if module not in _SEGMENTATION.values()
    ],
)
"""Networks, losses, the semi-supervised wrapper and its teachers."""

TASK_UTILS = _child(mm.TASK_UTILS, 'methods', 'tasks', 'semi', 'jobs', 'augment')
"""Methods, task adapters, ramps, filters, stage jobs and hard views."""

DATASETS = _child(mm.DATASETS, 'datasets')
DATA_SAMPLERS = _child(mm.DATA_SAMPLERS, 'datasets')
TRANSFORMS = _child(mm.TRANSFORMS, 'datasets')
FUNCTIONS = _child(mm.FUNCTIONS, 'datasets')
HOOKS = _child(mm.HOOKS, 'engine')
LOOPS = _child(mm.LOOPS, 'engine')
PARAM_SCHEDULERS = _child(mm.PARAM_SCHEDULERS, 'engine')
RUNNERS = _child(mm.RUNNERS, 'engine')
METRICS = _child(mm.METRICS, 'evaluation')
VISUALIZERS = _child(mm.VISUALIZERS, 'visualization')

KEYPOINT_CODECS = _child(_UPSTREAM_CODECS, 'codecs')
"""Codecs; mmengine has no root for them, so ours are the child of mmpose's."""
