"""Toy data sets are drawn without torch, and testers are imported when asked for."""

import subprocess
import sys

import pytest

import ssltoolbox.testing


def test_the_package_alone_imports_nothing_heavy():
    code = (
        'import sys, ssltoolbox.testing.toy_polyps.generate; '
        "print([name for name in ('torch', 'mmcv', 'mmpose') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == '[]'


def test_every_public_name_is_there_and_others_are_not():
    for name in ssltoolbox.testing.__all__:
        assert getattr(ssltoolbox.testing, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'check_nothing'"):
        ssltoolbox.testing.check_nothing  # noqa: B018
