"""Files that are damaged, or made by somebody who means no good."""

import os
import pickle
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
from bench import Bench, Row
from child import Ended

from ssltoolbox.apis.config import read_config
from ssltoolbox.apis.leaks.leak_parts import parts_of
from ssltoolbox.datasets.leaks.hash_cache import read_entries


class Payload:
    """Writes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = str(marker)

    def __reduce__(self):
        return os.mkdir, (self.marker,)


def cut(path: Path, share: float = 0.5) -> bytes:
    """Leave the first part of a file, and give what it was."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return content


def _then_repaired(
    bench: Bench,
    fault: str,
    places: tuple[Path, Path],
    path: Path,
    spoil: Callable[[Path], bytes],
) -> Row:
    """Spoil a file of the data, train, repair it, and go on."""
    work_dir, data = places
    content = spoil(path)
    ended = bench.train(work_dir, data)
    path.write_bytes(content)
    done = bench.train(work_dir, data)
    good = _is_refused(ended, path)
    seen = ended.error if good else f'status {ended.code}: {ended.message}'
    expected = 'stops, names the file; goes on when it is repaired'
    return bench.row(fault, expected, seen, work_dir, good and not done.code)


def _is_refused(ended: Ended, path: Path) -> bool:
    """Whether a run ended with an error of ours that names a file."""
    return ended.code == 1 and path.name in ended.error


def image(bench: Bench) -> Row:
    """A labelled image is cut in half."""
    places = bench.place('image')
    cfg = read_config(bench.system.path, bench.system.options_for(places[1]))
    path = Path(parts_of(cfg)[0]['labelled'].files[0])
    return _then_repaired(bench, 'image cut in half', places, path, cut)


def truth(bench: Bench) -> Row:
    """An annotation file, mask or result of structure from motion is cut in half."""
    places = bench.place('truth')
    path = sorted(places[1].glob(bench.system.truth))[0]
    return _then_repaired(bench, 'annotation cut in half', places, path, cut)


def _with_checkpoint(bench: Bench, name: str) -> tuple[Path, Path, Path]:
    """Work dir of a run that was killed in its first stage, data, and checkpoint."""
    work_dir, data = bench.place(name)
    ended = bench.train(work_dir, data, moments=_at_the_end(bench))
    if ended.code != -signal.SIGKILL:
        raise RuntimeError(f'{bench.system.name}: {ended.text[-1000:]}')
    folder = work_dir / bench.stages[0]
    named = (folder / 'last_checkpoint').read_text().strip()
    return work_dir, data, Path(named)


def _at_the_end(bench: Bench):
    from moments import Moments

    return Moments(bench.stages[0], 10**9)


def checkpoint(bench: Bench) -> Row:
    """The checkpoint from which a run would go on is cut in half."""
    work_dir, data, path = _with_checkpoint(bench, 'checkpoint')
    content = cut(path)
    ended = bench.train(work_dir, data)
    good = _is_refused(ended, path)
    seen = ended.error if good else f'status {ended.code}: {ended.message}'
    path.write_bytes(content)
    done = bench.train(work_dir, data)
    expected = 'refused, the file named; goes on when it is repaired'
    return bench.row(
        'checkpoint cut in half', expected, seen, work_dir, good and not done.code
    )


def hostile_checkpoint(bench: Bench) -> Row:
    """The checkpoint from which a run would go on holds code."""
    work_dir, data, path = _with_checkpoint(bench, 'hostile')
    marker = bench.root / 'code_was_run'
    content = path.read_bytes()
    path.write_bytes(pickle.dumps(dict(state_dict=Payload(marker)), protocol=2))
    ended = bench.train(work_dir, data)
    good = _is_refused(ended, path) and not marker.exists()
    seen = 'code was run' if marker.exists() else ended.error
    path.write_bytes(content)
    done = bench.train(work_dir, data)
    expected = 'refused, no code is run'
    return bench.row(
        'checkpoint with code', expected, seen, work_dir, good and not done.code
    )


def hostile_arrays(bench: Bench) -> Row:
    """All npz files that a run left, pseudo labels and caches, hold code."""
    work_dir, data, _ = _with_checkpoint(bench, 'arrays')
    bench.train(work_dir, data)
    marker = bench.root / 'code_was_run'
    hashes = data.parent / f'{data.name}_hashes'
    caches = sorted([*data.rglob('*.npz'), *hashes.rglob('*.npz')])
    stores = sorted(work_dir.rglob('*.npz'))
    for path in [*caches, *stores]:
        np.savez(path, version=1, names=np.array([Payload(marker)], object))
    known = [read_entries(path) for path in hashes.rglob('*.npz')]
    good, told = not marker.exists() and not any(known), ''
    if stores:
        later = bench.train(work_dir, data, stage=bench.stages[-1], restart=True)
        good &= _is_refused(later, stores[0].parent)
        told = f'; {later.error}'
    done = bench.train(work_dir, data, restart=True)
    seen = 'code was run' if marker.exists() else f'{len(caches)} caches are made anew'
    expected = 'no code is run; caches are made anew, pseudo labels are refused'
    return bench.row(
        'npz files with code', expected, seen + told, work_dir, good and not done.code
    )
