"""Find before a run what would stop it: no data set is needed."""

import ast
import difflib
import gc
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.registry import init_default_scope

from ssltoolbox.apis.checking.arguments import (
    argument_problems,
    dataset_problems,
    number_problems,
)
from ssltoolbox.apis.checking.refused import refused_argument
from ssltoolbox.apis.checking.report import Report, StageReport
from ssltoolbox.apis.checking.trial import Trial, try_job, try_training
from ssltoolbox.apis.checking.trial_config import absent_weights, layout_for
from ssltoolbox.apis.checking.trial_data import sources_of
from ssltoolbox.apis.config import (
    REFERENCE,
    RUNNER_FIELDS,
    TOOL_FIELDS,
    ConfigError,
    read_config,
    referenced,
    resolve,
    stage_config,
    stage_names,
)
from ssltoolbox.apis.data_files import absent_roots
from ssltoolbox.datasets.label_list import load_label_list
from ssltoolbox.registry import DATASETS, HOOKS, METRICS, VISUALIZERS

LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')


ROOMY = 256
"""Side in pixels of images that no network refuses as too small."""


class Checker:
    """Check configs; equal parts of several configs are tried once.

    Args:
        max_side: Trial steps shrink the crops to at most this side in pixels, since a
            step at full size takes long without a GPU; to 256 px where a network
            refuses them so small. None keeps them.
        need_data: Missing data sets and weights are errors.
    """

    def __init__(self, max_side: int | None = 128, need_data: bool = False) -> None:
        self.max_side, self.need_data = max_side, need_data
        self._trials: dict[str, Trial | Exception] = {}

    def check(
        self,
        config: str | Path,
        stage: str | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> Report:
        """Resolve, build and try a config.

        Args:
            config: Config file.
            stage: Check this stage only.
            options: ``--cfg-options``.
        """
        report = Report(str(config))
        try:
            cfg = read_config(config, options)
            names = stage_names(cfg)
            if stage is not None and stage not in names:
                raise ConfigError(
                    f'no stage {stage!r}; stages: {", ".join(names) or "none"}'
                )
        except Exception as error:
            report.errors.append(_message(error))
            return report
        init_default_scope(cfg.get('default_scope', 'mmpose'))
        report.warnings += unread_keys(cfg, config)
        report.errors += unread_changes(cfg)
        for name in [stage] if stage else names or ['train']:
            report.stages.append(self._check_stage(cfg, name))
        return report

    def _check_stage(self, cfg: Config, name: str) -> StageReport:
        report = StageReport(name)
        names = stage_names(cfg)
        try:
            made = {n: {} for n in names[: names.index(name)]} if names else {}
            resolved = stage_config(cfg, name, made) if names else resolve(cfg)
        except Exception as error:
            report.errors.append(_message(error))
            return report
        report.absent += absent_weights(resolved._cfg_dict)
        report.errors += component_problems(resolved)
        if not report.errors:
            self._try(resolved, report)
        if not report.errors:
            self._count(resolved, report)
        if self.need_data:
            report.errors += [f'not here: {text}' for text in report.absent]
        return report

    def _try(self, cfg: Config, report: StageReport) -> None:
        job = 'job' in cfg
        content = cfg._cfg_dict.to_dict()
        key = _trial_key(content, job)
        if key not in self._trials:
            self._trials[key] = _attempt(content, job, self.max_side)
        trial = self._trials[key]
        if isinstance(trial, Exception):
            report.errors.append(_message(trial))
            return
        report.trial = trial
        if not job:
            report.errors += save_best_problems(cfg, trial.metrics)
            loader = content['train_dataloader']
            report.absent += filter(None, [layout_for(loader, content['model'])[1]])
            report.errors += batch_size_problems(loader)

    def _count(self, cfg: Config, report: StageReport) -> None:
        absent = absent_roots(cfg)
        report.absent += absent
        config = cfg.job.dataset if 'job' in cfg else cfg.train_dataloader.dataset
        report.errors += label_list_problems(config)
        if absent:
            return
        try:
            dataset = DATASETS.build(_with_pools(config))
        except FileNotFoundError as error:
            report.absent.append(str(error))
        except Exception as error:
            report.errors.append(_message(error))
        else:
            names = getattr(dataset, 'source_names', ['data'])
            sizes = getattr(dataset, 'source_sizes', [len(dataset)])
            report.counts = dict(zip(names, sizes, strict=True))


def _with_pools(config: Any) -> Any:
    """Put its pool where a store of masks is that an earlier stage has yet to write."""
    if isinstance(config, Mapping):
        if config.get('type') == 'ssltoolbox.StoredMaskDataset':
            config = config if config.get('store') else config['dataset']
        return type(config)({key: _with_pools(each) for key, each in config.items()})
    if isinstance(config, (list, tuple)):
        return type(config)(_with_pools(each) for each in config)
    return config


def component_problems(cfg: Config) -> list[str]:
    """Compare with their constructors the parts that a trial replaces."""
    problems = number_problems(cfg)
    for key in LOADERS:
        if cfg.get(key) and 'job' not in cfg:
            problems += dataset_problems(cfg[key].dataset, f'{key}.dataset')
    if 'job' in cfg:
        problems += dataset_problems(cfg.job.get('dataset', {}), 'job.dataset')
    for split in ('val', 'test'):
        metrics = cfg.get(f'{split}_evaluator') or []
        for number, metric in enumerate(
            metrics if isinstance(metrics, (list, tuple)) else [metrics]
        ):
            where = f'{split}_evaluator.{number}'
            problems += argument_problems(metric, METRICS, where)
    checkpoint = (cfg.get('default_hooks') or {}).get('checkpoint')
    if checkpoint:
        checkpoint = {'type': 'CheckpointHook', **checkpoint}
        problems += argument_problems(checkpoint, HOOKS, 'default_hooks.checkpoint')
    if cfg.get('visualizer'):
        problems += argument_problems(cfg.visualizer, VISUALIZERS, 'visualizer')
    return problems


def save_best_problems(cfg: Config, metrics: tuple[str, ...]) -> list[str]:
    """Say which metric is to choose the best checkpoint but is not measured."""
    hook = (cfg.get('default_hooks') or {}).get('checkpoint') or {}
    wanted = hook.get('save_best') or []
    wanted = [wanted] if isinstance(wanted, str) else wanted
    return [
        f'save_best={key!r} is not measured; the metrics are {", ".join(metrics)}'
        for key in wanted
        if metrics and key != 'auto' and key not in metrics
    ]


def batch_size_problems(loader: Mapping) -> list[str]:
    """Say where sampler and data loader make batches of different sizes."""
    own = (loader.get('sampler') or {}).get('batch_size')
    if own in (None, loader.get('batch_size')):
        return []
    return [
        f'train_dataloader.sampler.batch_size={own}, but '
        f'train_dataloader.batch_size={loader.get("batch_size")}: they must be equal'
    ]


def label_list_problems(dataset: Mapping) -> list[str]:
    """Load the label lists that come with the package, which need no data set."""
    problems = []
    for source in sources_of(dataset).values():
        name = source.get('labels')
        # a number of records, or a file beside the data, is checked when they are read
        if isinstance(name, str) and Path(name).name == name:
            try:
                load_label_list(name)
            except (OSError, ValueError) as error:
                problems.append(str(error))
    return problems


def unread_changes(cfg: Config) -> list[str]:
    """Name what a stage changes although nothing reads it."""
    problems = []
    known = RUNNER_FIELDS | set(cfg.keys()) | {'job'}
    for entry in cfg.get('stages') or []:
        change = entry.get('cfg', {})
        if isinstance(change, str):
            change = cfg.get(REFERENCE.fullmatch(change)[1], {})
        for key in sorted(set(change) - known):
            near = difflib.get_close_matches(key, known, 1)
            hint = f', did you mean {near[0]!r}?' if near else ''
            problems.append(
                f'stage {entry["name"]}: nothing reads the key {key!r}{hint}'
            )
    return problems


def unread_keys(cfg: Config, path: str | Path) -> list[str]:
    """Name the top-level keys of a config file itself that nothing reads."""
    tree = ast.parse(Path(path).read_text(encoding='utf-8'))
    own = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    read = RUNNER_FIELDS | TOOL_FIELDS | referenced(cfg)
    warnings = []
    for key in sorted(own & set(cfg.keys()) - read):
        near = difflib.get_close_matches(key, read, 1)
        hint = f', did you mean {near[0]!r}?' if near else ''
        warnings.append(f'nothing reads the key {key!r}{hint}')
    return warnings


def _attempt(content: dict, job: bool, max_side: int | None) -> Trial | Exception:
    run = try_job if job else try_training
    try:
        try:
            return run(content, max_side)
        except ValueError:
            if not max_side or max_side >= ROOMY:
                raise
            return run(content, ROOMY)
    except Exception as error:
        if os.environ.get('SSLTOOLBOX_DEBUG'):
            raise
        return error
    finally:
        # runner and hooks refer to each other, and large networks must not pile up
        gc.collect()


def _trial_key(content: dict, job: bool) -> str:
    """Text that is equal for stages whose trials are equal."""

    def strip(node: Any) -> Any:
        if isinstance(node, Mapping):
            skip = ('data_root', 'labels', 'ann_file', 'forbidden', 'species', 'split')
            return {k: strip(v) for k, v in node.items() if k not in skip}
        return [strip(v) for v in node] if isinstance(node, (list, tuple)) else node

    parts = {'job': content['job']} if job else content
    return json.dumps(strip(parts), sort_keys=True, default=str)


def _message(error: BaseException) -> str:
    if refused := refused_argument(error):
        return refused
    text = str(error.args[0] if isinstance(error, KeyError) and error.args else error)
    ours = isinstance(error, (ConfigError, FileNotFoundError))
    return text if ours else f'{type(error).__name__}: {text}'
