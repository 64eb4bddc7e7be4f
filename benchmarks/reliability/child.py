"""Run something in a process of its own, which may be killed; imports are paid once."""

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mmengine.registry import Registry

from ssltoolbox import registry
from ssltoolbox.compat import prepare_segmentation


def import_all() -> None:
    """Import what a training needs, so that no process of :func:`start` has to."""
    prepare_segmentation()
    for each in vars(registry).values():
        if isinstance(each, Registry):
            each.import_from_location()


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Args:
        code: Exit status; minus the number of the signal that killed it.
        text: What it wrote.
        seconds: How long it ran.
        late: Whether it had to be killed, since it did not end by itself.
    """

    code: int
    text: str
    seconds: float
    late: bool = False

    @property
    def message(self) -> str:
        """The last line that it wrote."""
        lines = [line for line in self.text.splitlines() if line.strip()]
        return lines[-1].strip() if lines else ''

    @property
    def error(self) -> str:
        """What it wrote as an error for users, which may have several lines."""
        return ''.join(self.text.rpartition('\nerror: ')[1:]).strip()


def start(action: Callable[[], None], log: Path) -> int:
    """Fork a process that does something, and give its id."""
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    if pid := os.fork():
        return pid
    code = 1
    try:
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        action()
        code = 0
    except SystemExit as error:
        print(error.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def wait(pid: int, log: Path, limit: float = 900) -> Ended:
    """Wait for a process of :func:`start`; one that does not end is killed."""
    begin, late = time.monotonic(), False
    while True:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            break
        if not late and time.monotonic() - begin > limit:
            os.kill(pid, signal.SIGKILL)
            late = True
        time.sleep(0.02)
    text = log.read_text(errors='replace') if log.exists() else ''
    code = os.waitstatus_to_exitcode(status)
    return Ended(code, text, time.monotonic() - begin, late)


def run(action: Callable[[], None], log: Path, limit: float = 900) -> Ended:
    """Do something in a process of its own, and wait for its end."""
    return wait(start(action, log), log, limit)
