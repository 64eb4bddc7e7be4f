"""The labelled, unlabelled, validation and test images of a config."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.config import Config
from mmengine.registry import init_default_scope

from ssltoolbox.apis.data_files import resolved_stages
from ssltoolbox.datasets.leaks.image_set import ImageSet, images_of
from ssltoolbox.registry import DATASETS

_STORES = ('ssltoolbox.StoredMaskDataset', 'ssltoolbox.StoredMapDataset')


def parts_of(cfg: Config) -> tuple[dict[str, ImageSet], list[str]]:
    """Collect the images of a config, over all of its stages.

    Returns:
        ``{name of the part: images}``, and what could not be read.
    """
    names = ('labelled', 'unlabelled', 'validation', 'test')
    parts, notes = {name: ImageSet() for name in names}, []
    seen: dict[str, tuple[ImageSet, ImageSet] | None] = {}
    for stage in resolved_stages(cfg).values():
        init_default_scope(stage.get('default_scope', 'mmpose'))
        for place, config in _datasets(stage):
            key = json.dumps(config, sort_keys=True, default=str)
            if key not in seen:
                seen[key] = _images(config, place, notes)
            if seen[key] is None:
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
        return images_of(DATASETS.build(config))
    except Exception as error:
        # the stage itself will say so, or an earlier one has yet to make the files
        notes.append(f'the {place} data could not be read: {error}')
        return None


def _datasets(stage: Config) -> Iterator[tuple[str, dict]]:
    """Configs of data sets, and the part to which their images belong."""
    content = stage._cfg_dict.to_dict()
    if 'job' in content:
        if dataset := content['job'].get('dataset'):
            yield 'train', _as_read(dataset)
        return
    for key, place in (('train', 'train'), ('val', 'validation'), ('test', 'test')):
        loader = content.get(f'{key}_dataloader')
        if loader and loader.get('dataset'):
            yield place, _as_read(loader['dataset'])


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
