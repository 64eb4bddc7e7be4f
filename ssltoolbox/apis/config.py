"""Configs with stages and late references.

A config may refer to another of its values by ``'${name}'``, which is resolved after
``--cfg-options``, unlike mmengine's ``{{_base_.name}}``. A config with ``stages``
describes several runs: each is the config without ``stages``, changed by the stage's
own ``cfg``, and may refer to the outputs of earlier stages by ``'${stage.output}'``.
"""

import copy
import difflib
import re
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config

REFERENCE = re.compile(r'\$\{([\w.-]+)\}')
SPLICE = re.compile(r'\*\$\{([\w.-]+)\}')
RUNNER_FIELDS = frozenset({
    'model', 'work_dir', 'train_dataloader', 'val_dataloader', 'test_dataloader',
    'train_cfg', 'val_cfg', 'test_cfg', 'auto_scale_lr', 'optim_wrapper',
    'param_scheduler', 'val_evaluator', 'test_evaluator', 'default_hooks',
    'custom_hooks', 'data_preprocessor', 'load_from', 'resume', 'launcher', 'env_cfg',
    'log_processor', 'log_level', 'visualizer', 'default_scope', 'randomness',
    'experiment_name', 'custom_imports', 'vis_backends', 'compile',
    'activation_checkpointing', 'efficient_conv_bn_eval', 'runner_type', 'stages',
    'leak_check',
})  # fmt: skip
"""Top-level fields that the runner, the tools or mmengine read."""

TOOL_FIELDS = frozenset({'label_curve'})
"""Top-level fields that tools read in a config with stages; no stage has them."""


MAX_KEYS = 12
"""How many keys a message lists at most."""


class ConfigError(ValueError):
    """A config that cannot be run, with the key at fault."""


def read_config(path: str | Path, options: Mapping[str, Any] | None = None) -> Config:
    """Read a config file and apply ``--cfg-options``, resolving nothing yet.

    Args:
        path: Config file.
        options: ``{dotted key: value}``.

    Raises:
        FileNotFoundError: There is no such file.
        ConfigError: An option names a key that nothing reads.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f'config {path} does not exist: {_nearest(Path(path))}')
    cfg = Config.fromfile(str(path))
    for key in options or {}:
        _check_option(cfg, key)
        _make_room(cfg, key)
    cfg.merge_from_dict(dict(options or {}))
    return cfg


def _nearest(path: Path) -> str:
    """Say which config may have been meant."""
    beside = {each.name: each for each in path.parent.glob('*.py')}
    close = difflib.get_close_matches(f'{path.stem}.py', beside, n=1)
    if close:
        return f'did you mean {beside[close[0]]}?'
    example = 'configs/scarcenet/resnet18_toyanimals_5shot.py'
    return f'give a file below configs/, for example {example}'


def load_config(
    path: str | Path,
    stage: str | None = None,
    options: Mapping[str, Any] | None = None,
    outputs: Mapping[str, Mapping[str, Any]] | None = None,
) -> Config:
    """Read an ordinary, completely resolved config.

    Args:
        path: Config file, with or without stages.
        stage: Name of the stage to take; the last training stage by default.
        options: ``--cfg-options``.
        outputs: What earlier stages made, ``{stage: {output: value}}``. A reference to
            an output that is not there becomes None.
    """
    cfg = read_config(path, options)
    if not cfg.get('stages'):
        if stage is not None:
            raise ConfigError(
                f'{path} has no stages, so there is no {stage!r}: leave --stage'
            )
        return resolve(cfg)
    names = stage_names(cfg)
    if stage is None:
        stage = [s['name'] for s in cfg['stages'] if 'cfg' in s][-1]
    if stage not in names:
        raise ConfigError(
            f'{path} has no stage {stage!r}; its stages: {", ".join(names)}'
        )
    made = {name: dict((outputs or {}).get(name, {})) for name in names}
    return stage_config(cfg, stage, made)


def stage_names(cfg: Config) -> list[str]:
    """Names of the stages, in order."""
    return [stage['name'] for stage in cfg.get('stages') or []]


def stage_config(
    cfg: Config, stage: str, outputs: Mapping[str, Mapping[str, Any]]
) -> Config:
    """Resolved config of one stage; a job stage keeps its ``job`` field."""
    entry = next(s for s in cfg['stages'] if s['name'] == stage)
    content = copy.deepcopy(cfg._cfg_dict.to_dict())
    del content['stages']
    change = {
        key: content[REFERENCE.fullmatch(value)[1]] if isinstance(value, str) else value
        for key, value in Config(dict(entry))._cfg_dict.to_dict().items()
        if key in ('cfg', 'job')
    }
    merged = Config(content, filename=cfg.filename)
    merged.merge_from_dict(change.get('cfg', {}))
    if 'job' in change:
        merged.merge_from_dict({'job': change['job']})
    return resolve(merged, outputs, keep=RUNNER_FIELDS | {'job', 'select'})


def resolve(
    cfg: Config,
    outputs: Mapping[str, Mapping[str, Any]] | None = None,
    keep: Container[str] | None = None,
) -> Config:
    """Replace every ``${reference}`` of a config.

    A value that is one reference becomes a copy of what it names, of any type; inside a
    longer text the reference becomes text. In a list, ``'*${name}'`` puts in the items
    of the list that it names.

    Args:
        cfg: The config.
        outputs: ``{stage: {output: value}}``; names of stages come before config keys.
            What a stage without any outputs is to make becomes None.
        keep: Top-level keys that the result has; None keeps all of them.

    Raises:
        ConfigError: A reference names nothing, or refers to itself.
    """
    content = cfg._cfg_dict.to_dict()
    resolver = _Resolver(content, outputs or {})
    return Config(
        {
            key: resolver.value(value, (key,))
            for key, value in content.items()
            if keep is None or key in keep
        },
        filename=cfg.filename,
    )


def referenced(cfg: Config) -> set[str]:
    """First parts of all names that the config refers to."""
    return {name.split('.')[0] for name in REFERENCE.findall(str(cfg._cfg_dict))}


class _Resolver:
    def __init__(self, content: dict, outputs: Mapping) -> None:
        self.content, self.outputs = content, outputs

    def value(self, value: Any, path: tuple[str, ...]) -> Any:
        if isinstance(value, dict):
            return {k: self.value(v, path) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self.items(value, path))
        if not isinstance(value, str):
            return value
        whole = REFERENCE.fullmatch(value)
        if whole:
            return self.name(whole[1], path)
        return REFERENCE.sub(lambda match: str(self.name(match[1], path)), value)

    def items(self, values: list | tuple, path: tuple[str, ...]) -> Iterator[Any]:
        for value in values:
            spliced = isinstance(value, str) and SPLICE.fullmatch(value)
            if spliced:
                found = self.name(spliced[1], path)
                if not isinstance(found, (list, tuple)):
                    raise ConfigError(
                        f"config key {path[0]!r}: '*${{{spliced[1]}}}' puts in the "
                        f'items of a list, got {found!r}: name a list or drop the star'
                    )
                yield from found
            else:
                yield self.value(value, path)

    def name(self, name: str, path: tuple[str, ...]) -> Any:
        if name in path[1:]:
            raise ConfigError(f"config key {path[0]!r}: '${{{name}}}' refers to itself")
        first, *rest = name.split('.')
        if first in self.outputs:
            return self.output(first, '.'.join(rest), path)
        found: Any = self.content
        for part in (first, *rest):
            if isinstance(found, str) and (whole := REFERENCE.fullmatch(found)):
                found = self.name(whole[1], (*path, name))
            if not isinstance(found, dict) or part not in found:
                near = difflib.get_close_matches(name, self.content, 1)
                hint = f'; did you mean ${{{near[0]}}}?' if near else ''
                raise ConfigError(
                    f"config key {path[0]!r}: '${{{name}}}' names no key of the "
                    f'config and no earlier stage{hint}'
                )
            found = found[part]
        return self.value(copy.deepcopy(found), (*path, name))

    def output(self, stage: str, key: str, path: tuple[str, ...]) -> Any:
        made = self.outputs[stage]
        if made and key not in made:
            raise ConfigError(
                f'config key {path[0]!r}: stage {stage!r} has no output {key!r}; it '
                f'made {", ".join(made)}'
            )
        return made.get(key)


def _check_option(cfg: Config, key: str) -> None:
    """Refuse an option that nothing would read."""
    node: Any = cfg._cfg_dict
    parts = key.split('.')
    for depth, part in enumerate(parts):
        if isinstance(node, (list, tuple)):
            if not part.isdigit() or int(part) >= len(node):
                raise ConfigError(
                    f'--cfg-options {key}: {".".join(parts[:depth])} is a list of '
                    f'{len(node)} entries, {part!r} is none of their numbers'
                )
            node = node[int(part)]
            continue
        if not isinstance(node, dict):
            return
        if part not in node:
            # arguments of a component are checked by its constructor
            if 'type' in node or (not depth and part in RUNNER_FIELDS):
                return
            near = difflib.get_close_matches(part, list(node), 1)
            hint = f' Did you mean {near[0]!r}?' if near else ''
            raise ConfigError(
                f'--cfg-options {key}: nothing reads {part!r} here.{hint} '
                f'{_known(part, list(node))}'
            )
        node = node[part]


def _known(part: str, keys: list[str]) -> str:
    """List keys that may have been meant; of many, those with the nearest names."""
    if len(keys) <= MAX_KEYS:
        return f'Known: {", ".join(keys)}'
    near = difflib.get_close_matches(part, keys, MAX_KEYS, cutoff=0.3)
    rest = [key for key in keys if key not in RUNNER_FIELDS and key not in near]
    shown = [*near, *rest][:MAX_KEYS]
    return f'Known, the nearest first: {", ".join(shown)}, ...'


def _make_room(cfg: Config, key: str) -> None:
    """Let an option reach into a field that is None, such as ``clip_grad=None``."""
    node: Any = cfg._cfg_dict
    for part in key.split('.')[:-1]:
        known = node[int(part)] if isinstance(node, list) else node.get(part)
        if known is None:
            if isinstance(node, dict) and part in node:
                node[part] = {}
            return
        if not isinstance(known, (dict, list)):
            return
        node = known
