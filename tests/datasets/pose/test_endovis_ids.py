"""Frame ids of EndoVis'15: stable, unique, ordered by sequence."""

import pytest

from ssltoolbox.datasets.pose.endovis_ids import frame_id, sequence_code


@pytest.mark.parametrize(
    'sequence, number, wanted',
    [
        ('train1', 60, 1_000_060),
        ('train4', 0, 4_000_000),
        ('val1', 999_999, 11_999_999),
        ('test6', 42, 26_000_042),
    ],
)
def test_sequence_then_six_digits_of_the_frame(sequence, number, wanted):
    assert frame_id(sequence, number) == wanted


def test_no_two_sequences_share_a_code():
    names = [f'{split}{n}' for split in ('train', 'val', 'test') for n in range(1, 10)]
    codes = [sequence_code(name) for name in names]
    assert len(set(codes)) == len(names) and codes == sorted(codes)


@pytest.mark.parametrize('name', ['train', 'train0', 'train10', 'Train1', 'pool1', ''])
def test_an_unknown_sequence_is_named(name):
    with pytest.raises(ValueError, match=f'sequence {name!r}.*train1'):
        frame_id(name, 1)


@pytest.mark.parametrize('number', [-1, 1_000_000])
def test_a_number_without_room_is_named(number):
    with pytest.raises(ValueError, match=f'frame {number} of test1.*999999'):
        frame_id('test1', number)
