"""What training costs with each method: time, memory and loading, in one run."""

import importlib
import multiprocessing
import resource
import sys
import time
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import torch
from mmengine.config import Config

from ssltoolbox.apis.benchmarking.passes import bare_step, record_passes, summary
from ssltoolbox.apis.benchmarking.step import build_step, training_config
from ssltoolbox.apis.benchmarking.timing import MIB, interleave, resident, start
from ssltoolbox.apis.config import load_config
from ssltoolbox.apis.data_files import absent_roots, datasets_of, generator_of
from ssltoolbox.apis.experiments.results_table import markdown_table
from ssltoolbox.datasets.sampler import Draw
from ssltoolbox.registry import DATASETS

LOADED = 32
"""Samples of which the loading is timed."""

Row = dict[str, Any]


def toy_configs(folder: str | Path) -> list[Path]:
    """Find one config on generated data for each method below a folder of configs.

    Configs that train the same model differ in their labels alone; the first with the
    shortest name is taken. Methods whose last stage trains a plain network, such as
    distillations, have the step of the supervised baseline and are left out with it.
    """
    found: dict[str, Path] = {}
    paths = Path(folder).glob('*/*_toy*.py')
    for path in sorted(paths, key=lambda p: (p.parent.name, len(p.stem), p.stem)):
        model = load_config(path).model
        if 'method' in model:
            found.setdefault(f'{path.parent.name} {model}', path)
    return list(found.values())


def measure_all(
    configs: Iterable[str | Path],
    batch: int | None = None,
    device: str = 'cpu',
    rounds: int = 5,
    threads: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> Iterable[Row]:
    """Measure one config after the other, each in a process of its own.

    So what one leaves behind in memory does not count for the next. A config that
    cannot be measured has a row with ``error``.

    Args:
        configs: Config files.
        batch: Samples of a batch; each config's own number by default.
        device: Such as ``'cpu'`` or ``'cuda'``.
        rounds: How often step and passes are timed in turns.
        threads: CPU threads; all by default.
        options: ``--cfg-options``.

    Yields:
        See :func:`measure`.
    """
    context = multiprocessing.get_context('spawn')
    for config in configs:
        settings = (str(config), batch, device, rounds, threads, dict(options or {}))
        with context.Pool(1) as pool:
            yield pool.apply(_measure_safely, settings)


def _measure_safely(config: str, *settings: Any) -> Row:
    warnings.filterwarnings('ignore')  # of parts that are built
    try:
        return measure(config, *settings)
    except Exception as error:  # the other configs are still worth measuring
        return dict(config=config, error=f'{type(error).__name__}: {error}')


def measure(
    config: str,
    batch: int | None = None,
    device: str = 'cpu',
    rounds: int = 5,
    threads: int | None = None,
    options: Mapping[str, Any] | None = None,
) -> Row:
    """Measure a step of a config's last training stage in this process.

    Returns:
        ``step_s`` and ``bare_s``, median wall seconds of a step and of its bare passes;
        ``ratio`` and ``ratio_range`` of the two within a round, on a CPU of the CPU
        seconds, which other programs do not lengthen; ``images_per_s``; ``peak_mib``,
        on a GPU of its memory, else of what the process held more than before;
        ``loading_ms``, see :func:`loading_ms`; ``passes``.
    """
    start(threads)
    torch.manual_seed(0)
    cfg = training_config(config, None, options)
    before = resident()
    step = build_step(cfg, batch, device)
    passes = record_passes(step.model, step.run)
    bare, on_gpu = bare_step(step.model, passes), device.startswith('cuda')
    if on_gpu:
        torch.cuda.reset_peak_memory_stats()
    step.run()
    used = torch.cuda.max_memory_allocated() / MIB if on_gpu else _peak() - before
    taken = interleave({'bare': bare, 'step': step.run}, rounds, device)
    clock = 0 if on_gpu else 1
    pairs = zip(taken['step'], taken['bare'], strict=True)
    ratios = [own[clock] / base[clock] for own, base in pairs]
    wall = median(own for own, _ in taken['step'])
    return dict(
        config=config,
        method=_method_name(cfg),
        batch=step.batch,
        step_s=wall,
        bare_s=median(base for base, _ in taken['bare']),
        ratio=median(ratios),
        ratio_range=[min(ratios), max(ratios)],
        images_per_s=step.batch / wall,
        peak_mib=used,
        loading_ms=loading_ms(cfg),
        passes=summary(passes),
    )


def _method_name(cfg: Config) -> str:
    return cfg.model.get('method', dict(type='supervised'))['type'].split('.')[-1]


def _peak() -> float:
    """Largest memory of this process so far, in MiB (Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def loading_ms(cfg: Config, count: int = LOADED) -> float | None:
    """Time the loading of samples of a stage from files, in this one process.

    Toy data that are absent are drawn first.

    Args:
        cfg: Resolved config of a training stage.
        count: How many samples are timed, after one that is not.

    Returns:
        Milliseconds per sample; None where the data are not here, or a sample needs
        the pseudo labels of an earlier stage.
    """
    dataset_cfg = cfg.train_dataloader.dataset
    if needs_store(dataset_cfg):
        return None
    draw_toy_data(cfg)
    if absent_roots(cfg):
        return None
    dataset = DATASETS.build(dataset_cfg)
    places = torch.linspace(0, len(dataset) - 1, count + 1).long().tolist()
    dataset[Draw(places[-1], 0)]
    begun = time.perf_counter()
    for place in places[:count]:
        dataset[Draw(place, place)]
    return 1e3 * (time.perf_counter() - begun) / count


def needs_store(node: Any) -> bool:
    """Whether a data set reads pseudo labels that an earlier stage has yet to write."""
    if isinstance(node, Mapping):
        # keypoints of a store are read once, but maps with each sample
        maps = str(node.get('type', '')).endswith('FewShotImageDataset')
        keys = ('store', 'pseudo_labels') if maps else ('store',)
        empty = any(key in node and node[key] is None for key in keys)
        return empty or any(needs_store(value) for value in node.values())
    return isinstance(node, list | tuple) and any(map(needs_store, node))


def draw_toy_data(cfg: Config) -> None:
    """Draw the generated data of a config where they are absent.

    The last folder of ``data_root`` names the module below ``ssltoolbox.testing``.
    """
    for root in {each.get('data_root') for each in datasets_of(cfg._cfg_dict)}:
        if root and not Path(root).is_dir() and (module := generator_of(root)):
            generate = importlib.import_module(f'{module}.generate').generate
            generate(root, progress=sys.stdout.isatty())


HEAD = ('config', 'batch', 'bare, s', 'step, s', 'ratio (range)', 'images/s',
        'peak, MiB', 'loading, ms')  # fmt: skip


def as_markdown(rows: Iterable[Row]) -> str:
    """Lay the rows out as a table; what could not be measured is told below it."""
    lines, failed = [], []
    for row in rows:
        name = f'`{Path(row["config"]).stem}`'
        if 'error' in row:
            failed.append(f'{name}: {row["error"]}')
            continue
        low, high = row['ratio_range']
        loading = row['loading_ms']
        lines.append(
            [
                name,
                str(row['batch']),
                f'{row["bare_s"]:.3f}',
                f'{row["step_s"]:.3f}',
                f'{row["ratio"]:.3f} ({low:.3f} .. {high:.3f})',
                f'{row["images_per_s"]:.1f}',
                f'{row["peak_mib"]:.0f}',
                '–' if loading is None else f'{loading:.1f}',
            ]
        )
    return '\n\n'.join([markdown_table(HEAD, lines), *failed])
