"""Time several runs in turns, so that whatever else the machine does hits all alike."""

import argparse
import os
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import torch

from ssltoolbox.engine.memory import keep_freed_memory

MIB = 2**20


def interleave(
    runs: dict[str, Callable[[], object]], rounds: int, device: str = 'cpu'
) -> dict[str, list[tuple[float, float]]]:
    """Run all in the order A B A B, after one warm-up.

    Returns:
        ``{name: [(wall seconds, CPU seconds of this process), ...]}``. CPU seconds do
        not count the time in which other programs have the cores.
    """
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for turn in range(rounds + 1):
        for name, run in runs.items():
            synchronize(device)
            start = time.perf_counter(), time.process_time()
            run()
            synchronize(device)
            if turn:
                wall, cpu = time.perf_counter(), time.process_time()
                taken[name].append((wall - start[0], cpu - start[1]))
    return taken


def report(
    taken: dict[str, list[tuple[float, float]]], base: str, units: int = 1
) -> None:
    """Print medians, and medians of the ratios to ``base`` within a round.

    Args:
        taken: Result of :func:`interleave`.
        base: The run that the others are compared with.
        units: Units of work per run; times are printed per unit.
    """
    print(f'{"":34}{"wall ms":>10}{"ratio":>8}{"cpu ms":>12}{"ratio":>8}   range')
    for name, times in taken.items():
        line = f'{name:34}'
        for clock in (0, 1):
            own = [t[clock] for t in times]
            ratios = [a / b[clock] for a, b in zip(own, taken[base], strict=True)]
            median = statistics.median
            line += (
                f'{median(own) / units * 1e3:>{10 + 2 * clock}.2f}{median(ratios):8.3f}'
            )
        print(f'{line}   {min(ratios):.3f}..{max(ratios):.3f}', flush=True)


def synchronize(device: str) -> None:
    """Wait until the device has done all its work."""
    if str(device).startswith('cuda'):
        torch.cuda.synchronize()


def resident() -> float:
    """Memory of this process now, in MiB (Linux), else its largest, in MiB."""
    status = Path('/proc/self/statm')
    if status.exists():
        pages = int(status.read_text().split()[1])
        return pages * os.sysconf('SC_PAGE_SIZE') / MIB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def machine(device: str = 'cpu') -> str:
    """Describe the hardware and how busy it is."""
    if str(device).startswith('cuda'):
        what = torch.cuda.get_device_name(device)
    else:
        what = f'{os.cpu_count()} CPU cores, {torch.get_num_threads()} threads'
    return f'torch {torch.__version__}, {what}, load {os.getloadavg()[0]:.1f}'


def add_timing_options(
    parser: argparse.ArgumentParser, rounds: int, threads: bool = True
) -> None:
    """Let a benchmark be told how and where it measures."""
    parser.add_argument('--device', default='cpu', help='cpu or cuda')
    parser.add_argument(
        '--rounds', type=int, default=rounds, help='how often, in turns (%(default)s)'
    )
    if threads:
        parser.add_argument('--threads', type=int, help='CPU threads, all by default')


def start(threads: int | None = None) -> None:
    """Set this process up as a training would be.

    Args:
        threads: CPU threads of torch; as it is set by default.
    """
    keep_freed_memory()
    if threads:
        torch.set_num_threads(threads)
