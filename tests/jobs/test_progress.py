import logging

from ssltoolbox.jobs import progress
from ssltoolbox.jobs.progress import Eta


def test_it_says_how_far_how_fast_and_how_long(monkeypatch, caplog):
    clock = iter([0.0, 2.0, 6.0, 8.0, 10.0])
    monkeypatch.setattr(progress.time, 'monotonic', lambda: next(clock))
    logger = logging.getLogger('eta')
    with caplog.at_level(logging.INFO):
        eta = Eta(100, logger, 'labels', every=5)
        for count in (20, 40, 20, 20):
            eta.update(count)
    # silent after 2 s; 60 of 100 in 6 s leave 4 s; silent at 8 s; done after 10 s
    assert [record.getMessage() for record in caplog.records] == [
        'labels: 60/100, 10.0 per second, eta 0:00:04',
        'labels: 100/100, 10.0 per second, eta 0:00:00',
    ]


def test_a_clock_that_stands_still_is_no_error(monkeypatch, caplog):
    monkeypatch.setattr(progress.time, 'monotonic', lambda: 1.0)
    with caplog.at_level(logging.INFO):
        Eta(1, logging.getLogger('eta'), 'labels').update(1)
    assert 'labels: 1/1' in caplog.text
