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
    for thread in after:
        thread.join(timeout=5)  # it ends at its next refresh
    # threads of other tests come and go
    left = [each for each in after if each.is_alive()]
    assert not [each for each in left if type(each).__module__.startswith('rich')]
