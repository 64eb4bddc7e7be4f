"""The examples in docstrings and on pages give what they say."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

import ssltoolbox.registry  # noqa: F401  prepares the import of mmpose

ROOT = Path(__file__).parents[1]
EXAMPLE = re.compile(r'^ *>>> (?!.*doctest: \+SKIP)', re.MULTILINE)
MODULES = sorted(
    '.'.join(file.relative_to(ROOT).with_suffix('').parts)
    for file in ROOT.glob('ssltoolbox/**/*.py')
    if EXAMPLE.search(file.read_text())
)
PAGES = sorted(
    page for page in ROOT.glob('docs/**/*.md') if '\n>>> ' in page.read_text()
)


@pytest.mark.parametrize('name', MODULES)
def test_docstrings(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.stem)
def test_pages(page):
    assert doctest.testfile(str(page), module_relative=False).failed == 0


def test_there_are_examples():
    assert len(MODULES) > 15
