"""Our functions give what the original functions gave, entry by entry.

The vectors lie in ``$SSLTOOLBOX_GOLDEN``, else in ``shared/golden`` beside the
checkout. The largest difference of each array is a property in the JUnit report.
"""

from fnmatch import fnmatchcase

import pytest

from .not_matched import NOT_MATCHED, reason
from .registry import DRIVERS, find_driver, import_drivers
from .vectors import DEFAULT, golden_folder, read_manifests

FOLDER = golden_folder()
ENTRIES = [
    pytest.param(entry, id=f'{entry.system}-{entry.name}')
    for entry in read_manifests(FOLDER)
] or [
    pytest.param(
        None,
        marks=pytest.mark.skip(
            f'{FOLDER} holds no vectors: set SSLTOOLBOX_GOLDEN to their folder'
        ),
        id='none',
    )
]

import_drivers()


@pytest.mark.parametrize('entry', ENTRIES)
def test_matches_the_original(entry, request):
    driver = find_driver(entry.system, entry.name)
    why = reason(entry.system, entry.name)
    if driver is None and why:
        pytest.skip(f'{entry.system}/{entry.name}: {why}')
    assert driver, (
        f'no driver for {entry.system}/{entry.name}: write one below '
        f'tests/golden/{entry.system}/, or give a reason in tests/golden/not_matched.py'
    )
    try:
        driver(entry)
    finally:
        request.node.user_properties.extend(entry.differences.items())
    assert not entry.not_compared(), f'never compared: {entry.not_compared()}'


def test_nothing_is_both_driven_and_given_up():
    given_up = {
        (system, name)
        for system, listed in NOT_MATCHED.items()
        for name in (listed if isinstance(listed, dict) else DRIVERS.get(system, {}))
    }
    both = {(s, n) for s, n in given_up if find_driver(s, n)}
    assert not both, f'take these out of not_matched.py: {sorted(both)}'


def test_no_name_is_stale():
    if not DEFAULT.is_dir():
        # another folder may hold a part of the vectors only
        pytest.skip(f'{DEFAULT} is absent: it is what the names are checked against')
    entries = read_manifests(DEFAULT)
    names = {(entry.system, entry.name) for entry in entries}
    systems = {entry.system for entry in entries}
    assert set(NOT_MATCHED) | set(DRIVERS) <= systems
    for system, listed in NOT_MATCHED.items():
        for name in listed if isinstance(listed, dict) else ():
            assert (system, name) in names, f'no manifest has {system}/{name}'
    for system, drivers in DRIVERS.items():
        for pattern in drivers:
            assert any(s == system and fnmatchcase(n, pattern) for s, n in names), (
                f'no manifest has {system}/{pattern}'
            )
