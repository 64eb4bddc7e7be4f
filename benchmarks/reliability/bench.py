"""The place of the drill: data, the uninterrupted run, and runs with a fault."""

import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from child import Ended, run
from moments import Moments
from results import differences
from systems import System
from yapf.yapflib import yapf_api

from ssltoolbox.apis.cli import readable_errors
from ssltoolbox.apis.train import train
from ssltoolbox.datasets.leaks import hash_files
from ssltoolbox.utils.json_file import read_json, write_json


@dataclass(frozen=True)
class Row:
    """What a fault did to a system.

    Args:
        fault: The fault.
        system: The system.
        expected: What should happen.
        seen: What happened.
        lost: What was lost for good; empty: nothing.
        ok: Whether it was as expected and nothing was lost.
    """

    fault: str
    system: str
    expected: str
    seen: str
    lost: str
    ok: bool


class Bench:
    """One system in a folder of its own.

    Args:
        system: The system.
        root: Folder of the whole drill.
        seed: Of the random moments.
    """

    def __init__(self, system: System, root: Path, seed: int) -> None:
        self.system, self.root = system, (root / system.name).absolute()
        self.random = random.Random(f'{seed} {system.name}')
        self.pristine = self.root / 'data'
        self.reference = self.root / 'reference'

    def prepare(self) -> None:
        """Draw the data and run undisturbed, unless that was done."""
        if not (self.root / 'moments.json').exists():
            shutil.rmtree(self.root, ignore_errors=True)
            self.system.draw(self.pristine)
            data = self.copy_data('reference_data')
            done = self.train(self.reference, data, counts=self.root / 'moments.json')
            if done.code:
                raise RuntimeError(f'{self.system.name}: {done.text[-2000:]}')
        self.moments = read_json(self.root / 'moments.json', 'moments', 'Delete it.')

    @property
    def stages(self) -> list[str]:
        """Stages in their order."""
        return list(self.moments)

    def copy_data(self, name: str) -> Path:
        """Copy the data, so that a fault spoils none but its own."""
        folder = self.root / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.pristine, folder)
        return folder

    def place(self, name: str) -> tuple[Path, Path]:
        """Work dir, empty, and data of a fault."""
        self.clear(name)
        return self.root / name, self.copy_data(f'{name}_data')

    def clear(self, name: str) -> None:
        """Delete what :meth:`place` gave."""
        for folder in (name, f'{name}_data', f'{name}_data_hashes'):
            shutil.rmtree(self.root / folder, ignore_errors=True)

    def action(
        self,
        work_dir: Path,
        data: Path,
        before: Callable[[], None] | None = None,
        moments: Moments | None = None,
        counts: Path | None = None,
        **arguments,
    ) -> Callable[[], None]:
        """What a process does: train, as ``tools/train.py`` does."""

        def act() -> None:
            # the caches of a few pictures are kept, too
            hash_files.WORTH_KEEPING = 1
            # to lay out configs takes longer than to train so little
            yapf_api.FormatCode = lambda text, **_: (text, False)
            watched = moments or Moments()
            watched.watch()
            if before:
                before()
            options = self.system.options_for(data)
            options['leak_check.cache'] = str(data.parent / f'{data.name}_hashes')
            readable_errors(train)(
                self.system.path, work_dir=work_dir, options=options, **arguments
            )
            if counts:
                write_json(counts, dict(watched.seen))

        return act

    def train(self, work_dir: Path, data: Path, limit: float = 900, **how) -> Ended:
        """Train in a process of its own; ``how`` as of :meth:`action`."""
        log = work_dir.with_name(f'{work_dir.name}.log')
        return run(self.action(work_dir, data, **how), log, limit)

    def kill(self, work_dir: Path, data: Path, stage: str, number: int) -> Ended:
        """Train and be killed at a moment of a stage, or a little later."""
        moments = Moments(stage, number, self.random.uniform(0, 0.3))
        return self.train(work_dir, data, moments=moments)

    def lost(self, work_dir: Path) -> str:
        """What differs from the uninterrupted run."""
        return '; '.join(differences(self.reference, work_dir)[:3])

    def row(
        self, fault: str, expected: str, seen: str, work_dir: Path, good: bool
    ) -> Row:
        """Say what a fault did; the work dir holds the run that went on after it."""
        lost = self.lost(work_dir)
        seen = seen.replace(str(self.root), '')
        return Row(fault, self.system.name, expected, seen, lost, good and not lost)


def states(work_dir: Path) -> dict[str, str]:
    """``{stage: state}`` of the stages that were begun."""
    files = {path.parent.name: path for path in work_dir.glob('*/stage.json')}
    return {name: json.loads(file.read_text())['state'] for name, file in files.items()}
