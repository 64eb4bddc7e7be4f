import os
import subprocess
import sys

import pytest

from ssltoolbox.utils.lock import sole_user

HOLD = """
import sys, time
from ssltoolbox.utils.lock import sole_user
with sole_user(sys.argv[1]):
    print('held', flush=True)
    time.sleep(600)
"""


def test_a_second_process_is_refused_until_the_first_has_ended(tmp_path):
    folder = tmp_path / 'new'
    holder = subprocess.Popen(
        [sys.executable, '-c', HOLD, str(folder)], stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout.readline() == b'held\n'
        with pytest.raises(BlockingIOError, match=rf'new is in use by.* {holder.pid},'):
            with sole_user(folder):
                pass
    finally:
        holder.kill()
        holder.communicate()
    with sole_user(folder):
        assert (folder / '.in_use').read_text() == f'{os.getpid()}\n'
    with sole_user(folder):
        pass
