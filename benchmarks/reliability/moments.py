"""Kill a training at a moment that a seed chooses, and count the moments there are."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable

from ssltoolbox.apis.stages import Stage
from ssltoolbox.engine.runner import Runner
from ssltoolbox.jobs.progress import Eta


class Moments:
    """Moments of a run: each call of hooks, and each batch of a job.

    Args:
        stage: Stage in which the process is killed; None never kills.
        number: At this moment of the stage, from 1; at its end if it has fewer.
        delay: Seconds after it: the process may be in whatever comes next.
    """

    def __init__(
        self, stage: str | None = None, number: int = 0, delay: float = 0
    ) -> None:
        self.stage, self.number, self.delay = stage, number, delay
        self.current, self.seen, self.armed = '', Counter(), False

    def watch(self) -> None:
        """Count from now on, in this process."""
        before, update = Runner.call_hook, Eta.update
        training, job = Stage._run_training, Stage._run_job

        def call_hook(runner, fn_name, **kwargs):
            self._pass()
            before(runner, fn_name, **kwargs)

        def count(eta, number):
            self._pass()
            update(eta, number)

        Runner.call_hook, Eta.update = call_hook, count
        Stage._run_training, Stage._run_job = self._in(training), self._in(job)

    def _in(self, original: Callable) -> Callable:
        def run(stage, cfg):
            self.current = stage.name
            outputs = original(stage, cfg)
            if stage.name == self.stage:
                self._kill()
            return outputs

        return run

    def _pass(self) -> None:
        self.seen[self.current] += 1
        due = self.current == self.stage and self.seen[self.current] == self.number
        if due and not self.armed:
            self.armed = True
            threading.Thread(target=self._kill_later, daemon=True).start()

    def _kill_later(self) -> None:
        time.sleep(self.delay)
        self._kill()

    @staticmethod
    def _kill() -> None:
        os.kill(os.getpid(), signal.SIGKILL)
