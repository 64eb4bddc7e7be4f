import json
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from ssltoolbox.semi.store import LabelStore
from ssltoolbox.utils.digest import file_sha256


def labels(count=3, num_keypoints=2, seed=0):
    rng = np.random.default_rng(seed)
    return dict(
        ids=np.arange(count) * 10 + 7,
        keypoints=rng.uniform(0, 99, (count, num_keypoints, 2)).astype(np.float32),
        scores=rng.uniform(0, 1, (count, num_keypoints)).astype(np.float32),
    )


def store_of(scores):
    scores = np.array(scores, np.float32)
    return LabelStore(np.arange(len(scores)), np.zeros((*scores.shape, 2)), scores, {})


def test_what_is_written_is_read_back_bit_by_bit(tmp_path):
    written = LabelStore.write(tmp_path / 'store', **labels(), meta={'made_by': 'net'})
    read = LabelStore.read(tmp_path / 'store')
    for name in ('ids', 'keypoints', 'scores'):
        assert np.array_equal(getattr(read, name), getattr(written, name))
    assert read.ids.dtype == np.int64
    assert read.keypoints.dtype == read.scores.dtype == np.float32
    assert read.meta['made_by'] == 'net' and read.meta['num_labels'] == 3


def test_records_are_sorted_by_id_and_found_again(tmp_path):
    LabelStore.write(
        tmp_path, [30, 10, 20], np.arange(6).reshape(3, 1, 2), [[0.3], [0.1], [0.2]]
    )
    store = LabelStore.read(tmp_path)
    assert store.ids.tolist() == [10, 20, 30]
    assert store.scores.ravel().tolist() == pytest.approx([0.1, 0.2, 0.3])
    assert store.keypoints[store.lookup([30])].ravel().tolist() == [0, 1]
    assert store.lookup([20, 20, 10]).tolist() == [1, 1, 0]


def test_equal_labels_give_equal_bytes(tmp_path):
    for name in ('a', 'b'):
        LabelStore.write(tmp_path / name, **labels(), meta={'x': 1})
    for file in ('labels.npz', 'meta.json'):
        assert (tmp_path / 'a' / file).read_bytes() == (
            tmp_path / 'b' / file
        ).read_bytes()


@pytest.mark.parametrize('file', ['labels.npz', 'meta.json'])
def test_a_missing_store_names_the_stage_that_makes_it(tmp_path, file):
    LabelStore.write(tmp_path, **labels())
    (tmp_path / file).unlink()
    with pytest.raises(FileNotFoundError, match=f'{file} is missing.*pseudo_label'):
        LabelStore.read(tmp_path)


@pytest.mark.parametrize('file', ['labels.npz', 'meta.json'])
@pytest.mark.parametrize('keep', [0, 0.5, 0.99])
def test_a_truncated_store_is_refused(tmp_path, file, keep):
    LabelStore.write(tmp_path, **labels())
    content = (tmp_path / file).read_bytes()
    (tmp_path / file).write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(ValueError, match=r'damaged.*Delete\s+the folder'):
        LabelStore.read(tmp_path)


def test_an_edited_store_is_refused(tmp_path):
    LabelStore.write(tmp_path, **labels())
    changed = labels()
    changed['scores'] += 0.1
    np.savez(tmp_path / 'labels.npz', **changed)
    with pytest.raises(ValueError, match='does not have the hash'):
        LabelStore.read(tmp_path)


@pytest.mark.parametrize('content', ['[]', '{}', '{"format": "x", "version": 1}'])
def test_another_format_is_refused(tmp_path, content):
    LabelStore.write(tmp_path, **labels())
    (tmp_path / 'meta.json').write_text(content)
    with pytest.raises(ValueError, match='damaged or not one of ours'):
        LabelStore.read(tmp_path)


def test_a_store_that_needs_pickle_is_refused(tmp_path):
    from ssltoolbox.utils.digest import file_sha256

    LabelStore.write(tmp_path, **labels())
    np.savez(tmp_path / 'labels.npz', **labels() | {'ids': np.array([{}, 1, 2])})
    meta = json.loads((tmp_path / 'meta.json').read_text())
    meta['sha256'] = file_sha256(tmp_path / 'labels.npz')
    (tmp_path / 'meta.json').write_text(json.dumps(meta))
    with pytest.raises(ValueError, match='allow_pickle'):
        LabelStore.read(tmp_path)


@pytest.mark.parametrize('part', ['ids', 'keypoints', 'scores'])
@pytest.mark.parametrize('change', [-1, 1])
def test_arrays_of_different_lengths_are_refused(tmp_path, part, change):
    wrong = labels(4) | {part: labels(4 + change)[part]}
    with pytest.raises(ValueError, match=r'expected ids \(N,\)'):
        LabelStore.write(tmp_path, **wrong)
    assert not list(tmp_path.iterdir())


def test_duplicates_and_numbers_that_are_none_are_refused(tmp_path):
    with pytest.raises(ValueError, match='unique'):
        LabelStore.write(tmp_path, **labels() | {'ids': [1, 2, 1]})
    for name in ('keypoints', 'scores'):
        broken = labels()
        broken[name][1, 0] = np.nan
        with pytest.raises(ValueError, match='finite'):
            LabelStore.write(tmp_path, **broken)


def test_unknown_ids_are_counted_and_shown(tmp_path):
    store = LabelStore.write(tmp_path, **labels())
    with pytest.raises(ValueError, match=r'2 of 3 annotations \(first ids: \[8, 999'):
        store.lookup([8, 17, 999])


def test_an_empty_store_holds_nothing(tmp_path):
    LabelStore.write(tmp_path, [], np.zeros((0, 2, 2)), np.zeros((0, 2)))
    store = LabelStore.read(tmp_path)
    assert store.lookup([]).tolist() == [] and store.score_threshold(0.4) == 0
    with pytest.raises(ValueError, match='no label for 1 of 1'):
        store.lookup([3])


@pytest.mark.parametrize(
    'share, threshold', [(0, 0), (0.19, 0), (0.2, 1), (0.4, 2), (0.99, 4)]
)
def test_the_threshold_is_a_place_among_all_scores_and_one_zero(share, threshold):
    # 0 1 2 3 4, at place int(share * 5)
    assert store_of([[3, 1], [4, 2]]).score_threshold(share) == threshold


def test_the_threshold_drops_the_asked_share():
    scores = np.random.default_rng(0).permutation(1000).reshape(100, 10) + 1
    store = store_of(scores)
    for share in (0.1, 0.4, 0.9):
        dropped = (store.scores <= store.score_threshold(share)).mean()
        assert dropped == pytest.approx(share, abs=0.002)


@pytest.mark.parametrize('share', [-0.1, 1, 40])
def test_a_share_outside_its_range_is_refused(share):
    with pytest.raises(ValueError, match=r'in \[0, 1\)'):
        store_of([[1.0]]).score_threshold(share)


def test_a_failed_write_leaves_the_old_store_whole(tmp_path, monkeypatch):
    LabelStore.write(tmp_path, **labels(seed=0))

    def full(*args, **kwargs):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(np, 'savez', full)
    with pytest.raises(OSError, match='No space left'):
        LabelStore.write(tmp_path, **labels(seed=1))
    kept = LabelStore.read(tmp_path)
    assert np.array_equal(kept.scores, labels(seed=0)['scores'])
    assert sorted(p.name for p in tmp_path.iterdir()) == ['labels.npz', 'meta.json']


KILL = """
    import os, signal, numpy as np
    from ssltoolbox.semi import store
    calls = 0
    replace = os.replace
    def counted(*args):
        global calls
        calls += 1
        if calls == {call}:
            os.kill(os.getpid(), signal.SIGKILL)
        replace(*args)
    os.replace = counted
    one = np.ones((3, 2, 2))
    store.LabelStore.write({folder!r}, np.arange(3), one, one[0].repeat(2, 0)[:3])
"""


@pytest.mark.parametrize(
    'call, message', [(1, 'labels.npz is missing'), (2, 'meta.json')]
)
def test_a_write_that_was_killed_is_never_taken_for_a_store(tmp_path, call, message):
    code = textwrap.dedent(KILL.format(call=call, folder=str(tmp_path)))
    done = subprocess.run([sys.executable, '-c', code], env=os.environ)
    assert done.returncode == -9
    with pytest.raises(FileNotFoundError, match=message):
        LabelStore.read(tmp_path)
    LabelStore.write(tmp_path, **labels())
    assert len(LabelStore.read(tmp_path).ids) == 3


def test_an_overwrite_that_was_killed_is_noticed(tmp_path):
    LabelStore.write(tmp_path, **labels())
    code = textwrap.dedent(KILL.format(call=2, folder=str(tmp_path)))
    subprocess.run([sys.executable, '-c', code], env=os.environ)
    with pytest.raises(ValueError, match='does not have the hash'):
        LabelStore.read(tmp_path)


def test_stores_of_the_first_version_are_all_of_networks(tmp_path):
    LabelStore.write(tmp_path, **labels(), corrected=[True, False, True])
    assert LabelStore.read(tmp_path).corrected.tolist() == [True, False, True]
    with np.load(tmp_path / 'labels.npz') as file:
        old = {key: file[key] for key in ('ids', 'keypoints', 'scores')}
    np.savez(tmp_path / 'labels.npz', **old)
    meta = json.loads((tmp_path / 'meta.json').read_text())
    meta.update(version=1, sha256=file_sha256(tmp_path / 'labels.npz'))
    (tmp_path / 'meta.json').write_text(json.dumps(meta))
    assert not LabelStore.read(tmp_path).corrected.any()
    (tmp_path / 'meta.json').write_text(json.dumps(meta | {'version': 3}))
    with pytest.raises(ValueError, match='version 3, expected .* version 1 to 2'):
        LabelStore.read(tmp_path)
