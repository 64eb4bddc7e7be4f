"""Compare the data of a config before it is run: are test images trained on?"""

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.dist import broadcast_object_list, is_main_process
from mmengine.logging import print_log
from mmengine.registry import init_default_scope

from ssltoolbox.apis.config import ConfigError
from ssltoolbox.apis.data_files import resolved_stages
from ssltoolbox.datasets.leaks.compare import Finding, Pictures, compare
from ssltoolbox.datasets.leaks.image_set import ImageSet, LeakError, images_of
from ssltoolbox.datasets.leaks.message import describe, refusal
from ssltoolbox.datasets.leaks.settings import LeakSettings
from ssltoolbox.registry import DATASETS
from ssltoolbox.utils.json_file import write_json

FILE = 'leaks.json'
_STORES = ('ssltoolbox.StoredMaskDataset', 'ssltoolbox.StoredMapDataset')


def refuse_leaks(cfg: Config) -> None:
    """Check a config before its run, and keep what was found in ``leaks.json``.

    Args:
        cfg: As it was read, with ``work_dir``; several processes check once.

    Raises:
        LeakError: Images of the test are trained on, and ``leak_check`` does not say
            why; in every process.
        ConfigError: ``leak_check`` is wrong.
    """
    said = ['']
    if is_main_process():
        report = check_leaks(cfg)
        write_json(Path(cfg.work_dir, FILE), report.as_dict())
        report.log()
        said = [report.refusal]
    broadcast_object_list(said)
    if said[0]:
        raise LeakError(said[0])


class LeakReport:
    """What was compared and found.

    Args:
        settings: Bounds, and the reason if there is one.
        parts: Images of each part.
        findings: What they share.
        notes: What could not be compared.
    """

    def __init__(
        self,
        settings: LeakSettings,
        parts: Mapping[str, ImageSet],
        findings: list[Finding],
        notes: list[str],
    ) -> None:
        self.settings, self.findings, self.notes = settings, findings, notes
        self.counts = {name: len(images) for name, images in parts.items()}

    @property
    def refusal(self) -> str:
        """Why the run must not begin; empty if it may."""
        grave = [each for each in self.findings if self._is_refused(each)]
        return refusal(grave) if grave else ''

    def _is_refused(self, finding: Finding) -> bool:
        return finding.refused and self.settings.reason(finding.kind) is None

    def as_dict(self) -> dict[str, Any]:
        """All of it as JSON has it."""
        return dict(
            leak_check=asdict(self.settings),
            images=self.counts,
            refused=bool(self.refusal),
            findings=[asdict(finding) for finding in self.findings],
            notes=self.notes,
        )

    def log(self) -> None:
        """Warn of what was found; a refusal is for the error."""
        for note in self.notes:
            print_log(f'leak check: {note}', 'current', logging.WARNING)
        for finding in self.findings:
            if self._is_refused(finding):
                continue
            text = f'leak check: {describe(finding)}'
            if finding.refused:
                text += f'. Allowed, since: {self.settings.reason(finding.kind)}'
            print_log(text, 'current', logging.WARNING)
        if not self.findings:
            told = ', '.join(f'{count} {name}' for name, count in self.counts.items())
            print_log(f'leak check: nothing is shared by {told} images', 'current')


def check_leaks(cfg: Config) -> LeakReport:
    """Compare labelled, unlabelled, validation and test images of all stages.

    Args:
        cfg: As it was read, with or without stages.

    Raises:
        ConfigError: ``leak_check`` is wrong.
    """
    settings = leak_settings(cfg)
    parts, notes = parts_of(cfg)
    compared = cache(lambda name: Pictures.of(parts[name], settings))
    pictures, absent = compared, _absent_library()
    if not settings.pictures or absent:
        pictures = None
        notes += [absent] if absent and settings.pictures else []
    findings = list(compare(parts, settings, pictures))
    if pictures:
        for name, images in parts.items():
            notes += _notes_of(name, images, compared) if len(images) else []
    return LeakReport(settings, parts, findings, notes)


def leak_settings(cfg: Config) -> LeakSettings:
    """Read ``leak_check`` of a config.

    Raises:
        ConfigError: It is wrong.
    """
    try:
        values = cfg.get('leak_check')
        return LeakSettings.read(values and cfg._cfg_dict.to_dict()['leak_check'])
    except (TypeError, ValueError) as error:
        raise ConfigError(str(error)) from None


def lift_allowed(cfg: Config) -> Config:
    """Leave out what data sets would refuse by themselves, where a reason is given."""
    if leak_settings(cfg).reason('file') is None:
        return cfg
    return Config(_without_forbidden(cfg._cfg_dict.to_dict()), filename=cfg.filename)


def _without_forbidden(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {k: _without_forbidden(v) for k, v in node.items() if k != 'forbidden'}
    if isinstance(node, (list, tuple)):
        return type(node)(_without_forbidden(each) for each in node)
    return node


def _notes_of(name: str, images: ImageSet, pictures: Any) -> Iterator[str]:
    found = pictures(name)
    if len(found.files) < len(images):
        yield (
            f'{len(found.files)} of {len(images)} {name} images were compared by what '
            'they show: leak_check.max_images is the bound'
        )
    if found.unreadable:
        yield (
            f'{len(found.unreadable)} {name} images cannot be decoded (first: '
            f'{found.unreadable[0]})'
        )


def _absent_library() -> str:
    try:
        import imagehash  # noqa: F401
    except ImportError:
        return (
            'what pictures show is not compared, only files and ids: pip install '
            'ImageHash'
        )
    return ''


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
