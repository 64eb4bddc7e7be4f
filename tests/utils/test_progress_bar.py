import threading

import pytest

from ssltoolbox.utils.progress_bar import progress_bar


def test_a_failed_loop_leaves_no_thread_and_the_next_bar_works():
    before = set(threading.enumerate())
    for _ in range(3):
        with pytest.raises(ValueError, match='wrong'):
            with progress_bar('reading', 5) as advance:
                advance()
                raise ValueError('wrong')
    after = set(threading.enumerate()) - before
    # threads of other tests come and go
    assert not [each for each in after if type(each).__module__.startswith('rich')]
