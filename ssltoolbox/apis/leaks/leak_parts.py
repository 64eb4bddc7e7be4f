"""The labelled, unlabelled, validation and test images of a config."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from mmengine.config import Config
from mmengine.registry import init_default_scope

from ssltoolbox.apis.config import stage_config, stage_names
from ssltoolbox.apis.data_files import resolved_stages
from ssltoolbox.datasets.leaks.image_set import ImageSet, images_of
from ssltoolbox.registry import DATASETS

PLACES = dict(train='train', val='validation', test='test')
_STORES = ('ssltoolbox.StoredMaskDataset', 'ssltoolbox.StoredMapDataset')


def parts_of(
    cfg: Config, required: Collection[str] = ()
) -> tuple[dict[str, ImageSet], list[str]]:
    """Collect the images of a config, over all of its stages.

    Args:
        cfg: As it was read, with or without stages.
        required: Of ``'train'``, ``'validation'`` and ``'test'``, which have to be
            read, unless an earlier stage has yet to make them.

    Returns:
        ``{name of the part: images}``, and what could not be read.

    Raises:
        Exception: What a required data set says when its stage builds it.
    """
    names = ('labelled', 'unlabelled', 'validation', 'test')
    parts, notes = {name: ImageSet() for name in names}, []
    seen: dict[str, tuple[ImageSet, ImageSet] | None] = {}
    for name, stage in resolved_stages(cfg).items():
        init_default_scope(stage.get('default_scope', 'mmpose'))
        for field, (place, config) in _datasets(stage).items():
            key = json.dumps(_as_read(config), sort_keys=True, default=str)
            if key not in seen:
                seen[key] = _images(config, place, notes)
            if seen[key] is None:
                if place in required and not _waits_for_a_stage(cfg, name, field):
                    DATASETS.build(without_forbidden(config))
                continue
            labelled, unlabelled = seen[key]
            if place == 'train':
                parts['labelled'].update(labelled)
                parts['unlabelled'].update(unlabelled)
            else:
                parts[place].update(labelled)
                parts[place].update(unlabelled)
    skipped = sorted(set().union(*(images.skipped for images in parts.values())))
    if skipped:
        notes.append(f'these do not say which images they have: {", ".join(skipped)}')
    return parts, notes


def _images(
    config: dict, place: str, notes: list[str]
) -> tuple[ImageSet, ImageSet] | None:
    try:
        return images_of(DATASETS.build(_as_read(config)))
    except Exception as error:
        notes.append(f'the {place} data could not be read: {error}')
        return None


def _datasets(stage: Config) -> dict[str, tuple[str, dict]]:
    """``{field: (part to which the images belong, config of the data set)}``."""
    content = stage._cfg_dict.to_dict()
    fields = {f'{key}_dataloader': place for key, place in PLACES.items()}
    if 'job' in content:
        fields = {'job': 'train'}
    return {
        field: (place, content[field]['dataset'])
        for field, place in fields.items()
        if (content.get(field) or {}).get('dataset')
    }


def _waits_for_a_stage(cfg: Config, name: str, field: str) -> bool:
    """Whether a data set has something in it that another stage makes."""
    names = stage_names(cfg)
    if not names:
        return False
    made = stage_config(cfg, name, {each: _Made() for each in names})
    nothing = stage_config(cfg, name, {each: {} for each in names})
    return _datasets(made)[field] != _datasets(nothing)[field]


class _Made(dict):
    """Outputs of a stage, whatever their names."""

    def get(self, key, default=None):
        return f'output {key}'


def without_forbidden(node: Any) -> Any:
    """Leave out of a config what its data sets are compared with by themselves."""
    if isinstance(node, Mapping):
        return {k: without_forbidden(v) for k, v in node.items() if k != 'forbidden'}
    if isinstance(node, (list, tuple)):
        return type(node)(without_forbidden(each) for each in node)
    return node


def _as_read(node: Any) -> Any:
    """Leave out what earlier stages make, and what is done with an image."""
    if isinstance(node, Mapping):
        if node.get('type') in _STORES:
            node = node['dataset']
        # what is forbidden is compared here, for all parts
        fields = {k: _as_read(value) for k, value in node.items() if k != 'forbidden'}
        if 'pseudo_labels' in fields:
            fields['pseudo_labels'] = None
        if fields.get('pipeline') and 'type' in fields:
            fields['pipeline'] = []
        return fields
    if isinstance(node, (list, tuple)):
        return type(node)(_as_read(each) for each in node)
    return node
