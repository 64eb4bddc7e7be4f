import numpy as np
import pytest

from ssltoolbox.jobs.record_log import RecordLog

META = dict(checkpoint='abc', tta=dict(num_transforms=2))
FIELDS = [('keypoints', '<f4', (2, 2)), ('scores', '<f4', (2,))]


def batch(*ids):
    ids = np.array(ids)
    keypoints = np.repeat(ids, 4).reshape(-1, 2, 2).astype(np.float32)
    return ids, keypoints, keypoints[..., 0] / 10


def write(log, *batches, rank=0):
    with log.open(rank) as append:
        for ids in batches:
            append(*batch(*ids))


@pytest.fixture
def log(tmp_path):
    log = RecordLog(tmp_path, FIELDS, META)
    log.begin()
    return log


def test_what_was_appended_is_read_sorted_by_id(log):
    write(log, (9, 3), (5,))
    records = log.read()
    assert records['id'].tolist() == [3, 5, 9]
    ids, keypoints, scores = batch(3, 5, 9)
    assert np.array_equal(records['keypoints'], keypoints)
    assert np.array_equal(records['scores'], scores)


def test_an_empty_log_holds_nothing(log):
    assert len(log.read()) == 0


def test_another_process_of_the_same_job_goes_on(log, tmp_path):
    write(log, (1, 2))
    again = RecordLog(tmp_path, FIELDS, META)
    assert again.begin()
    write(again, (3,))
    assert again.read()['id'].tolist() == [1, 2, 3]


@pytest.mark.parametrize('cut', [1, 15, 27])
def test_a_record_that_was_cut_off_is_dropped_and_overwritten(log, tmp_path, cut):
    write(log, (1, 2))
    file = tmp_path / 'records_0.bin'
    file.write_bytes(file.read_bytes()[:-cut])
    assert log.read()['id'].tolist() == [1]
    write(log, (7, 8))
    assert log.read()['id'].tolist() == [1, 7, 8]
    assert np.array_equal(log.read()['keypoints'], batch(1, 7, 8)[1])


@pytest.mark.parametrize(
    'meta, fields',
    [
        (META | dict(checkpoint='other'), FIELDS),
        (META, [('keypoints', '<f4', (3, 2)), ('scores', '<f4', (3,))]),
        (META, [('confidence', '<f8'), ('accepted', '?')]),
    ],
)
def test_records_of_another_job_are_deleted(log, tmp_path, meta, fields):
    write(log, (1, 2))
    other = RecordLog(tmp_path, fields, meta)
    assert not other.begin()
    assert len(other.read()) == 0


def test_records_without_their_header_are_not_trusted(log, tmp_path):
    write(log, (1, 2))
    log.header.unlink()
    log.begin()
    assert len(log.read()) == 0


def test_the_files_of_all_processes_are_read_and_each_id_once(log):
    write(log, (1, 3), rank=0)
    write(log, (2, 3), rank=1)
    assert log.read()['id'].tolist() == [1, 2, 3]


def test_nothing_is_left_behind(log, tmp_path):
    write(log, (1,))
    log.delete()
    log.delete()
    assert not list(tmp_path.iterdir())
