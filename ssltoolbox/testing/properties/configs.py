"""What must hold for a config."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ssltoolbox.apis.checking.checker import Checker
from ssltoolbox.apis.checking.report import Report

from .family import Family

CONFIGS = Family('configs')


def check_config(
    config: str | Path,
    options: Mapping[str, Any] | None = None,
    checker: Checker | None = None,
) -> Report:
    """Say what is wrong with a config, as ``tools/check_config.py`` does.

    Args:
        config: Config file.
        options: ``--cfg-options``.
        checker: Tries equal stages of several configs once; by default one of its own,
            with crops of at most 64 px. No data set is needed.

    Returns:
        What was found, for more tests.

    Raises:
        BrokenProperty: It names the broken properties.
    """
    report = (checker or Checker(max_side=64)).check(config, None, options)
    CONFIGS.check(Path(config).name, ConfigCase(report))
    return report


@dataclass(frozen=True)
class ConfigCase:
    """What a check of a config found."""

    report: Report


@CONFIGS.property(
    'every stage can be built and run',
    'correct the field that the message names',
    first=True,
)
def _run(case: ConfigCase) -> str | None:
    stages = [
        (stage.name, error) for stage in case.report.stages for error in stage.errors
    ]
    found = [*case.report.errors, *(f'stage {name}: {text}' for name, text in stages)]
    return '; '.join(found) or None


@CONFIGS.property('every key is read by something', 'correct its name, or take it out')
def _read(case: ConfigCase) -> str | None:
    found = [text for stage in case.report.stages for text in stage.warnings]
    return '; '.join([*case.report.warnings, *found]) or None
