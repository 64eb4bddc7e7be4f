"""Commands of the documentation change keys that their configs have."""

import re
import shlex
from pathlib import Path

import pytest

from ssltoolbox.apis.config import read_config

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / 'README.md', *ROOT.glob('docs/**/*.md'), *ROOT.glob('configs/**/*.md')]
COMMAND = re.compile(r'python tools/(?:train|test)\.py (configs/\S+\.py)([^`|#\n]*)')


def changes() -> list[tuple[str, str]]:
    """Configs with the keys that a command changes."""
    found = set()
    for page in PAGES:
        text = re.sub(r'\\\n\s*', ' ', page.read_text())
        for config, rest in COMMAND.findall(text):
            words = shlex.split(rest)
            if '--cfg-options' in words and (ROOT / config).exists():
                options = words[words.index('--cfg-options') + 1 :]
                found |= {(config, option.partition('=')[0]) for option in options}
    return sorted(found)


@pytest.mark.parametrize('config, key', changes())
def test_changed_key_is_known(config, key):
    read_config(ROOT / config, {key: None})


def test_commands_with_changes_are_found():
    assert len(changes()) > 10
