"""Freed memory stays with the process."""

import os
import platform
import subprocess
import sys

import pytest

PROGRAM = """
import numpy as np
from pathlib import Path
from ssltoolbox.engine.memory import keep_freed_memory

def pages():
    return int(Path('/proc/self/statm').read_text().split()[1])

keep_freed_memory()
keep_freed_memory()
before = pages()
block = np.ones(64 * 2**20, np.uint8)
del block
print(pages() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != 'glibc', reason='a setting of glibc')
def test_a_large_freed_block_is_kept():
    done = subprocess.run(
        [sys.executable, '-c', PROGRAM], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) * os.sysconf('SC_PAGE_SIZE') >= 60 * 2**20
