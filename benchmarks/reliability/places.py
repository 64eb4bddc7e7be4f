"""Places that cannot be written, and processes that write to the same one."""

import ctypes
import os
import resource
import signal
import subprocess
from pathlib import Path

from bench import Bench, Row
from child import start, wait

NEW_NAMESPACE = 0x00020000  # CLONE_NEWNS of <sched.h>


def read_only(bench: Bench) -> Row:
    """The data are on a file system that is mounted read-only."""
    work_dir, data = bench.place('read_only')
    ended = bench.train(work_dir, data, before=lambda: _mount_read_only(data))
    seen = ended.message if ended.code else 'trained as ever'
    expected = 'trains, without caches beside the data'
    how = 'bind mount' if os.geteuid() == 0 else 'permissions'
    return bench.row(
        f'read-only data ({how})', expected, seen, work_dir, not ended.code
    )


def _mount_read_only(folder: Path) -> None:
    """Forbid this process to write to a folder, root as well."""
    if os.geteuid():
        for path in [folder, *folder.rglob('*')]:
            path.chmod(path.stat().st_mode & ~0o222)
    else:
        if ctypes.CDLL(None, use_errno=True).unshare(NEW_NAMESPACE):
            raise OSError(ctypes.get_errno(), 'no mount namespace')
        for command in (
            ['mount', '--make-rprivate', '/'],
            ['mount', '--bind', str(folder), str(folder)],
            ['mount', '-o', 'remount,bind,ro', str(folder)],
        ):
            subprocess.run(command, check=True)
    try:
        (folder / 'writable').touch()
    except OSError:
        return
    raise RuntimeError(f'{folder} can be written nevertheless')


def full_disk(bench: Bench) -> Row:
    """No file can become as large as a checkpoint (``ulimit -f``)."""
    work_dir, data = bench.place('full')
    sizes = [path.stat().st_size for path in bench.reference.rglob('*.pth')]
    most = min(sizes) // 2

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    ended = bench.train(work_dir, data, before=limit)
    left = [path.name for path in work_dir.rglob('*.tmp.*')]
    good = ended.code == 1 and 'cannot write' in ended.message and not left
    seen = ended.message
    seen += f'; left over: {left}' if left else ''
    done = bench.train(work_dir, data)
    expected = 'stops, says what could not be written, leaves no half file; goes on'
    return bench.row(
        f'disk full (files up to {most >> 10} KiB)',
        expected,
        seen,
        work_dir,
        good and not done.code,
    )


def same_cache(bench: Bench) -> Row:
    """Two runs prepare the same data and keep it in the same caches at once."""
    (one, data), (two, _) = bench.place('cache'), bench.place('cache_other')
    logs = [bench.root / f'cache_{number}.log' for number in (1, 2)]
    started = [
        start(bench.action(work_dir, data), log)
        for work_dir, log in zip((one, two), logs, strict=True)
    ]
    ended = [wait(pid, log) for pid, log in zip(started, logs, strict=True)]
    codes = [each.code for each in ended]
    left = [path.name for path in data.rglob('*.tmp.*')]
    seen = 'both trained' if codes == [0, 0] else f'{[e.message for e in ended]}'
    seen += f'; left over: {left}' if left else ''
    lost = '; '.join(filter(None, [bench.lost(one), bench.lost(two)]))
    bench.clear('cache_other')
    good = codes == [0, 0] and not left and not lost
    expected = 'both end bit-equal'
    return Row(
        'two runs make the same caches', bench.system.name, expected, seen, lost, good
    )


def same_work_dir(bench: Bench) -> Row:
    """A second run begins in the work dir of one that is going on."""
    work_dir, data = bench.place('shared')
    logs = [bench.root / f'shared_{number}.log' for number in (1, 2)]
    first = start(bench.action(work_dir, data), logs[0])
    second = start(bench.action(work_dir, data), logs[1])
    ended = [wait(pid, log) for pid, log in zip((first, second), logs, strict=True)]
    refused = [each for each in ended if 'is in use by process' in each.message]
    good = len(refused) == 1 and sorted(e.code for e in ended) == [0, 1]
    seen = refused[0].message if refused else ''
    expected = 'one is refused, the other is not disturbed'
    return bench.row('two runs in one work dir', expected, seen, work_dir, good)
