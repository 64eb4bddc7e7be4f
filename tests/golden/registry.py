"""Which function drives which golden vectors."""

import importlib
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path

from .vectors import Entry

Driver = Callable[[Entry], None]
DRIVERS: dict[str, dict[str, Driver]] = {}


def drives(system: str, name: str) -> Callable[[Driver], Driver]:
    """Register a function that runs our code on an entry and checks the outcome.

    Args:
        system: Folder of the vectors.
        name: Name of the entry without suffix, or a pattern such as ``step_*``.
    """

    def register(driver: Driver) -> Driver:
        assert name not in DRIVERS.setdefault(system, {}), f'{system}/{name} twice'
        DRIVERS[system][name] = driver
        return driver

    return register


def find_driver(system: str, name: str) -> Driver | None:
    for pattern, driver in DRIVERS.get(system, {}).items():
        if fnmatchcase(name, pattern):
            return driver
    return None


def import_drivers() -> None:
    """Import every module in the folders beside this file, one folder per system."""
    here = Path(__file__).parent
    for path in sorted(here.glob('*/*.py')):
        importlib.import_module(f'.{path.parent.name}.{path.stem}', __package__)
