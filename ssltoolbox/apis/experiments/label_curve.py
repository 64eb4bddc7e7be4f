"""Train and test configs over numbers of labels and folds, and collect what they reach.

Runs are folders of their own, ``<config>_<labels>_seed<fold>``. Stages with which
several configs begin, such as a supervised one, are trained once.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from threading import Event

from ssltoolbox.apis.experiments.label_curve_labels import Budget
from ssltoolbox.apis.experiments.label_curve_plan import CurvePlan
from ssltoolbox.apis.experiments.label_curve_report import Measured, write_curve
from ssltoolbox.apis.experiments.results_table import Metrics
from ssltoolbox.apis.experiments.runs import train_and_test

Trainer = Callable[..., Metrics]
Fold = tuple[Budget, int]


def run_folder(out: Path, config: Path, budget: Budget, seed: int) -> Path:
    """Name the work dir of a run."""
    return out / f'{config.stem}_{budget}_seed{seed}'


def run_curve(
    plan: CurvePlan,
    out: str | Path,
    jobs: int = 1,
    trainer: Trainer = train_and_test,
    show: Callable[[str], None] = print,
) -> list[Path]:
    """Run all of a plan, unless it was done before, and write tables and plot.

    They are written anew after each fold, so that they show what is known so far.

    Args:
        plan: What to run.
        out: Folder of the runs and of what is written.
        jobs: Folds at the same time; cores are shared among them.
        trainer: ``train_and_test(config, work_dir, options, finished=work dirs)``.
        show: Called with a line after each run.

    Returns:
        The files, see :func:`~.label_curve_report.write_curve`.

    Raises:
        RunFailed: A command failed. No further fold is begun; the same call goes on.
    """
    out = Path(out)
    threads = max((os.cpu_count() or 1) // jobs, 1)
    os.environ.setdefault('OMP_NUM_THREADS', str(threads))
    folds = [(budget, seed) for budget in plan.budgets for seed in plan.seeds]
    found: dict[Fold, list[Measured]] = {}
    files: list[Path] = []
    broken = Event()

    def run(fold: Fold) -> list[Measured]:
        # a thread whose fold has failed takes the next one before anybody is told
        if broken.is_set():
            return []
        try:
            return run_fold(plan, out, fold, trainer, show)
        except BaseException:
            broken.set()
            raise

    with ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(run, fold): fold for fold in folds}
        try:
            for done in as_completed(running):
                found[running[done]] = done.result()
                runs = [each for fold in folds for each in found.get(fold, [])]
                if runs:
                    files = write_curve(runs, plan, out)
        except BaseException:  # Ctrl-C too
            broken.set()
            raise
    return files


def run_fold(
    plan: CurvePlan,
    out: Path,
    fold: Fold,
    trainer: Trainer,
    show: Callable[[str], None],
) -> list[Measured]:
    """Train and test every config with the same labels."""
    found: list[Measured] = []
    finished: list[Path] = []
    for config in plan.configs:
        folder = run_folder(out, config, *fold)
        options = plan.options(config, *fold)
        metrics = trainer(config, folder, options, finished=list(finished))
        finished.append(folder)
        found.append(Measured(config.stem, *fold, metrics))
        show(f'{folder.name}: {_first_metric(metrics, plan.metrics[0])}')
    return found


def _first_metric(metrics: Metrics, name: str) -> str:
    shown = {key: value for key, value in metrics.items() if key.endswith(name)}
    return ', '.join(
        f'{key} undefined' if value is None else f'{key} {value:.3f}'
        for key, value in shown.items()
    )
