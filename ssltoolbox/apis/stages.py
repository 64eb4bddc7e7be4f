"""Run the stages of a pipeline, each once, and go on after an interruption.

The work dir of a pipeline holds one folder per stage with its resolved config
(``config.py``), its results, and ``stage.json``: the hash of what went in, and the
outputs. A stage whose record says ``done`` is not run again.
"""

import json
import secrets
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.dist import barrier, is_main_process
from mmengine.logging import print_log
from mmengine.registry import init_default_scope
from mmengine.runner import find_latest_checkpoint

from ssltoolbox.apis.checking.stages import check_jobs, check_methods
from ssltoolbox.apis.config import ConfigError, stage_config, stage_names
from ssltoolbox.apis.config_text import parse_config_text
from ssltoolbox.apis.stage_of import RECORD
from ssltoolbox.apis.training_run import run_training
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.utils.digest import settings_sha256
from ssltoolbox.utils.json_file import read_json, write_json

VOLATILE = (
    *('work_dir', 'launcher', 'resume', 'experiment_name', 'env_cfg', 'log_level'),
    'leak_check',
)
"""Fields that may change between two runs of the same stage."""

LOADING = ('num_workers', 'persistent_workers', 'pin_memory', 'prefetch_factor')
"""Fields of data loaders that may change, too, wherever they stand."""


def run_stages(
    cfg: Config,
    adjust: Callable[[Config], Config] = lambda c: c,
    only: str | None = None,
    restart: bool = False,
) -> dict[str, dict[str, Any]]:
    """Run all stages of a config, or one of them.

    Args:
        cfg: Config with ``stages``, not resolved; ``work_dir`` is set.
        adjust: Change applied to each resolved stage config, such as mixed precision.
        only: Name of the one stage to run; the earlier ones must be done.
        restart: Delete what earlier runs left, of ``only`` or of all stages.

    Returns:
        ``{stage: outputs}``.

    Raises:
        ConfigError: No such stage, an earlier stage is not done, or the work dir
            belongs to another config.
    """
    names = stage_names(cfg)
    if only is not None and only not in names:
        raise ConfigError(f'there is no stage {only!r}; stages: {", ".join(names)}')
    init_default_scope(cfg.get('default_scope', 'mmpose'))
    check_methods(cfg)
    check_jobs(cfg, only)
    root = Path(cfg.work_dir)
    if restart:
        # all before the first begins: a run that is killed goes on without --restart
        for name in names if only is None else [only]:
            Stage(name, root / name).forget()
    outputs: dict[str, dict[str, Any]] = {}
    after: dict[str, str | None] = {}
    for number, name in enumerate(names, 1):
        stage = Stage(name, root / name)
        if only not in (None, name):
            if names.index(name) > names.index(only):
                break
            outputs[name] = stage.required_outputs()
            after[name] = stage.record().get('run')
            continue
        stage_cfg = adjust(stage_config(cfg, name, outputs))
        stage_cfg.work_dir = str(stage.folder)
        _say(f'stage {number}/{len(names)} {name}: {stage.folder}')
        outputs[name] = stage.run(stage_cfg, after)
        after[name] = stage.record().get('run')
    return outputs


def _say(text: str) -> None:
    if is_main_process():
        print_log(text, 'current')


class Stage:
    """One stage in its folder.

    Args:
        name: Name of the stage.
        folder: Its own work dir.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.file = folder / RECORD

    def record(self) -> dict[str, Any]:
        """Return what is known of earlier runs, empty if nothing is."""
        if not self.file.is_file():
            return {}
        return read_json(
            self.file, 'stage record', f'Delete {self.folder} to run the stage again.'
        )

    def required_outputs(self) -> dict[str, Any]:
        """Return outputs of a stage that must have been run.

        Raises:
            ConfigError: It is not done, or one of its files is gone.
        """
        record = self.record()
        if record.get('state') != 'done':
            raise ConfigError(
                f'stage {self.name!r} is not done in {self.folder}: run it first '
                f'(--stage {self.name}), or run the whole config without --stage'
            )
        for key, path in record['outputs'].items():
            if isinstance(path, str) and path and not Path(path).exists():
                if (self.folder / Path(path).name).exists():
                    raise ConfigError(
                        f'{self.folder} was moved from {Path(path).parent}, by which '
                        'later stages know it: move it back, or put a link there. Its '
                        'checkpoints can be tested and used where they are'
                    )
                raise ConfigError(
                    f'stage {self.name!r} made {key} = {path}, which is gone: run the '
                    f'stage again (--stage {self.name} --restart)'
                )
        return record['outputs']

    def forget(self) -> None:
        """Delete the stage's folder."""
        if is_main_process() and self.folder.exists():
            shutil.rmtree(self.folder)
        barrier()

    def run(
        self, cfg: Config, after: Mapping[str, str | None] | None = None
    ) -> dict[str, Any]:
        """Run the stage unless it is done, from where it stopped.

        Args:
            cfg: Its resolved config.
            after: Which run of each earlier stage it builds on.
        """
        record, fingerprint = self.record(), config_hash(cfg)
        if record and record['config'] != fingerprint:
            if self._made_anything(record):
                raise ConfigError(
                    f'{self.folder} holds stage {self.name!r} of another config'
                    f'{self._changes(cfg)}. Choose another --work-dir, or begin this '
                    f'stage anew with --stage {self.name} --restart'
                )
            self.forget()
            record = {}
        for name, run in (after or {}).items():
            if record.get('after', {}).get(name, run) != run:
                raise ConfigError(
                    f'{self.folder} holds stage {self.name!r}, but stage {name!r} was '
                    f'run again since: run it anew (--stage {self.name} --restart)'
                )
        if record.get('state') == 'done':
            _say(f'stage {self.name} is done already')
            return self.required_outputs()
        known = dict(
            stage=self.name,
            config=fingerprint,
            run=record.get('run') or secrets.token_hex(8),
            after=dict(after or {}),
        )
        self._write(known, 'running', {})
        if is_main_process():
            cfg.dump(str(self.folder / 'config.py'))
        outputs = self._run_job(cfg) if 'job' in cfg else self._run_training(cfg)
        barrier()
        self._write(known, 'done', outputs)
        return outputs

    def _made_anything(self, record: Mapping[str, Any]) -> bool:
        """Whether a run left more than its settings and logs."""
        # checkpoints, what is labelled so far, and what is stored of it
        kinds = ('*.pth', 'records*.bin', 'store/**/*.*')
        return record['state'] == 'done' or any(
            True for kind in kinds for _ in self.folder.rglob(kind)
        )

    def _changes(self, cfg: Config) -> str:
        """Name the first few settings that differ from those of the earlier run."""
        try:
            file = self.folder / 'config.py'
            old = _flat(parse_config_text(file.read_text(), str(file)).to_dict())
        except (OSError, ValueError):
            return ''
        new = _flat(cfg.to_dict())
        keys = [k for k in {**old, **new} if old.get(k) != new.get(k)]
        keys = [k for k in keys if k.split('.')[0] not in VOLATILE]
        shown = ', '.join(keys[:3] + ['...'] * (len(keys) > 3))
        return f' (it differs in {shown})' if shown else ''

    def _run_training(self, cfg: Config) -> dict[str, Any]:
        return run_training(cfg, resume=bool(find_latest_checkpoint(str(self.folder))))

    def _run_job(self, cfg: Config) -> dict[str, Any]:
        job = TASK_UTILS.build(cfg.job)
        return job.run(cfg)

    def _write(self, known: dict, state: str, outputs: dict) -> None:
        if is_main_process():
            write_json(self.file, dict(known, state=state, outputs=outputs))
        barrier()


def _flat(value: Any, name: str = '') -> dict[str, Any]:
    """``{dotted key: text of the value}``; lists are one value."""
    if not isinstance(value, dict):
        # a config file that was written has its keys in another order
        return {name: json.dumps(value, sort_keys=True, default=repr)}
    found: dict[str, Any] = {}
    for key, inner in value.items():
        found |= _flat(inner, f'{name}.{key}' if name else str(key))
    return found


def config_hash(cfg: Config) -> str:
    """Hash of all that decides a stage's result."""
    content = {k: v for k, v in cfg._cfg_dict.to_dict().items() if k not in VOLATILE}
    return settings_sha256(_without_loading(content))


def _without_loading(value: Any) -> Any:
    """Leave out how samples are loaded: random numbers belong to the sample."""
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if k not in LOADING}
        return {k: _without_loading(v) for k, v in kept.items()}
    if isinstance(value, list | tuple):
        return [_without_loading(v) for v in value]
    return value
