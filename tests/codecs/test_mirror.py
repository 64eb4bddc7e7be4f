import pytest

from ssltoolbox.codecs.mirror import mirror_channels

INSTRUMENT = [(0, 2), (1, 2), (2, 3), (3, 4)]


def test_connections_of_left_and_right_joints_are_exchanged_too():
    channels = mirror_channels([1, 0, 2, 3, 4], INSTRUMENT)
    assert channels == [1, 0, 2, 3, 4, 6, 5, 7, 8]


def test_without_pairs_every_channel_is_its_own_partner():
    assert mirror_channels(range(5), INSTRUMENT) == list(range(9))
    assert mirror_channels([1, 0, 2], []) == [1, 0, 2]


def test_a_connection_has_no_direction():
    assert mirror_channels([1, 0, 2], [(0, 2), (2, 1), (1, 0)]) == [1, 0, 2, 4, 3, 5]


def test_a_connection_without_a_mirror_image_is_named():
    with pytest.raises(ValueError, match=r'connection \(0, 2\) .* make it \(1, 2\)'):
        mirror_channels([1, 0, 2], [(0, 2)])
