"""Find the images that a store labels, through the config that made it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config
from mmengine.registry import init_default_scope

from ssltoolbox.apis.config import read_config, stage_config, stage_names
from ssltoolbox.apis.config_text import parse_config_text
from ssltoolbox.datasets.multi_source import sources_of
from ssltoolbox.registry import DATASETS


@dataclass(frozen=True)
class Pool:
    """The images that were labelled.

    Attributes:
        files: File of each sample's image, by id.
        boxes: (x1, y1, x2, y2) of each sample in image px, by id, where it has one.
        meta: Meta information of the data set.
    """

    files: dict[int, Path]
    boxes: dict[int, np.ndarray]
    meta: dict[str, Any]


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
    dataset = DATASETS.build(cfg.job.dataset)
    files, boxes = {}, {}
    for source in sources_of(dataset):
        for index in range(len(source)):
            record = source.get_data_info(index)
            files[int(record['id'])] = Path(record['img_path'])
            if 'bbox' in record:
                boxes[int(record['id'])] = np.asarray(record['bbox'])[0]
    return Pool(files, boxes, dict(dataset.metainfo))


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


def names_of(files: dict[int, Path]) -> tuple[Path, dict[int, str]]:
    """Folder that all files share, and their names below it, with ``/``."""
    folders = {path.absolute().parent for path in files.values()}
    root = next(iter(folders))
    while not all(folder.is_relative_to(root) for folder in folders):
        root = root.parent
    return root, {
        i: path.absolute().relative_to(root).as_posix() for i, path in files.items()
    }


def least_sure(scores: dict[Any, float], count: int | None) -> set:
    """Those of the lowest scores; all of them if ``count`` is None.

    >>> sorted(least_sure({'a': 0.9, 'b': 0.1, 'c': 0.5}, 2))
    ['b', 'c']

    Raises:
        ValueError: The count is not positive.
    """
    if count is not None and count < 1:
        raise ValueError(f'--least-sure must be at least 1 image, got {count}')
    return set(sorted(scores, key=lambda each: (scores[each], each))[:count])
