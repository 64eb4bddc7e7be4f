import io
import os
import pickle

import numpy as np
import pytest

from ssltoolbox.datasets.pickled_arrays import read_pickled_arrays


def arrays(count=3):
    return {i: np.arange(6, dtype=np.float32).reshape(2, 3) + i for i in range(count)}


@pytest.fixture
def save(tmp_path):
    def _save(value):
        path = tmp_path / 'labels.npy'
        np.save(path, value, allow_pickle=True)
        return path

    return _save


@pytest.fixture
def save_pickle(tmp_path):
    """Write any pickle behind the header of an object scalar."""

    def _save(content):
        file = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            file, dict(descr='|O', fortran_order=False, shape=())
        )
        path = tmp_path / 'labels.npy'
        path.write_bytes(file.getvalue() + content)
        return path

    return _save


def test_reads_what_numpy_wrote(save):
    values = arrays()
    values[1] = np.asfortranarray(values[1])
    values[2] = values[2].astype('>f4')
    read = read_pickled_arrays(save(values), (2, 3))
    assert list(read) == [0, 1, 2]
    for key, value in arrays().items():
        assert read[key].dtype == np.float32
        np.testing.assert_array_equal(read[key], value)


@pytest.mark.parametrize('protocol', [2, 3, 4])
def test_reads_old_protocols_and_old_names(save_pickle, protocol):
    scalar = np.empty((), object)
    scalar[()] = arrays()
    content = pickle.dumps(scalar, protocol)
    if protocol < 4:  # names are of fixed length only in the newer protocols
        content = content.replace(b'numpy._core', b'numpy.core')
    read = read_pickled_arrays(save_pickle(content), (2, 3))
    np.testing.assert_array_equal(read[2], arrays()[2])


class Hostile:
    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


def test_a_hostile_file_is_refused_and_does_nothing(save, tmp_path):
    target = tmp_path / 'made'
    hostile = Hostile(os.mkdir, str(target))
    for value in (hostile, {0: hostile}, {**arrays(), 3: hostile}):
        with pytest.raises(ValueError, match='nothing of it was executed.*mkdir'):
            read_pickled_arrays(save(value), (2, 3))
        assert not target.exists()


@pytest.mark.parametrize(
    'content',
    [
        b'cbuiltins\neval\n(S"1"\ntR.',
        b'cos\nsystem\n(S"true"\ntR.',
        b'cnumpy\nload\n(S"x"\ntR.',
        b'cnumpy\nndarray.dump\n.',
        b'\x80\x04\x8c\x05numpy\x8c\x10ndarray.__class__\x93.',
        b'cnumpy\ndtype\n}(S"evil"\nI1\nsb.',  # state for the class itself
        b'c_codecs\nencode\n}(S"evil"\nI1\nsb.',  # state for the function
        b'c_codecs\nencode\n(V1\nVrot13\ntR.',
        b'Pid\n.',
        b'I1\nr\xff\xff\xff\xff.',  # claims four thousand million notes
        b'}',
        b'',
    ],
)
def test_refuses_other_programs(save_pickle, content):
    with pytest.raises(ValueError, match='is refused'):
        read_pickled_arrays(save_pickle(content), (2, 3))


@pytest.mark.parametrize(
    'value, message',
    [
        ({'a': arrays()[0]}, "key 'a' is no integer"),
        ({True: arrays()[0]}, 'key True is no integer'),
        ({0: arrays()[0].astype(np.float64)}, 'f8'),
        ({0: arrays()[0].T}, r'\(3, 2\)'),
        ({0: [1, 2]}, 'an entry is a list'),
        ({0: arrays()}, 'an entry is a dict'),
        ([1, 2], r'an array \(2,\) of int64'),
        (np.array([{}], object), r'an array \(1,\) of object'),
        ('text', 'no pickled object'),
        ({0: np.array([[None] * 3] * 2)}, 'an entry is'),
    ],
)
def test_refuses_other_contents(save, value, message):
    with pytest.raises(ValueError, match=message):
        read_pickled_arrays(save(value), (2, 3))


def test_refuses_truncated_and_foreign_files(save, tmp_path):
    path = save(arrays())
    whole = path.read_bytes()
    for content in (whole[:-20], whole[:40], b'', b'PK\x03\x04zip', pickle.dumps({})):
        path.write_bytes(content)
        with pytest.raises(ValueError, match='is refused'):
            read_pickled_arrays(path, (2, 3))
    with pytest.raises(FileNotFoundError, match='none.npy do not exist'):
        read_pickled_arrays(tmp_path / 'none.npy', (2, 3))
