"""Find the images that a store labels, through the config of the stage that made it."""

from pathlib import Path

from mmengine.config import Config
from mmengine.registry import init_default_scope

from ssltoolbox.apis.config import read_config, stage_config, stage_names
from ssltoolbox.apis.config_text import parse_config_text
from ssltoolbox.exchange.pool import Pool
from ssltoolbox.registry import DATASETS


def open_pool(
    store: str | Path, config: str | Path | None = None, options: dict | None = None
) -> Pool:
    """Build the data set that was labelled, without its images.

    Args:
        store: The store.
        config: Config with the stage that made it; None takes ``config.py`` beside the
            store, which a stage writes.
        options: ``--cfg-options`` of that config, such as ``data_root``.

    Raises:
        FileNotFoundError: There is no config, or no data.
        ValueError: No stage of the config labels anything.
    """
    cfg = _job_config(Path(store), config, options)
    init_default_scope(cfg.get('default_scope', 'mmpose'))
    return Pool.of(DATASETS.build(cfg.job.dataset))


def _job_config(store: Path, config: str | Path | None, options: dict | None) -> Config:
    if config is None:
        file = store.absolute().parent / 'config.py'
        if not file.is_file():
            raise FileNotFoundError(
                f'{file}, the config of the stage that made the store, does not exist: '
                'give the config of the run (--config)'
            )
        cfg = parse_config_text(file.read_text(), str(file))
        cfg.merge_from_dict(options or {})
    else:
        cfg = read_config(config, options)
        jobs = [stage['name'] for stage in cfg.get('stages') or [] if 'job' in stage]
        if jobs:
            made: dict[str, dict] = {name: {} for name in stage_names(cfg)}
            cfg = stage_config(cfg, jobs[-1], made)
    if 'job' not in cfg:
        raise ValueError(
            f'{config or store.parent / "config.py"} has no stage that makes pseudo '
            'labels: give the config whose stage made the store (--config)'
        )
    return cfg
