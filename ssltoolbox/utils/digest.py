"""Hashes that tell whether files and settings are still the same."""

import hashlib
import json
import os
from typing import Any


def file_sha256(path: str | os.PathLike) -> str:
    """Hash the content of a file of any size."""
    with open(path, 'rb') as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def settings_sha256(settings: dict[str, Any]) -> str:
    """Hash plain settings, whatever the order of their keys.

    >>> settings_sha256({'a': 1, 'b': 2}) == settings_sha256({'b': 2, 'a': 1})
    True
    """
    text = json.dumps(settings, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def name_id(file_name: str) -> int:
    """Make an id from a name, so that new images do not change the ids of others."""
    digest = hashlib.sha256(file_name.encode()).digest()
    return int.from_bytes(digest[:8], 'big') >> 1
