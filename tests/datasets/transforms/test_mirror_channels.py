import pytest

from ssltoolbox.datasets.transforms.mirror_channels import mirror_channels

LINKS = [(0, 2), (1, 2), (2, 3)]
MIRROR = [1, 0, 2, 3]


def test_a_connection_becomes_that_of_the_mirrored_joints():
    assert mirror_channels(MIRROR, LINKS, 7) == [1, 0, 2, 3, 5, 4, 6]
    # the direction of a link means nothing
    assert mirror_channels(MIRROR, [(2, 0), (1, 2), (2, 3)], 7)[4:] == [5, 4, 6]


def test_maps_of_joints_alone_need_no_links():
    assert mirror_channels(MIRROR, LINKS, 4) == MIRROR
    assert mirror_channels([0, 1], [], 2) == [0, 1]


@pytest.mark.parametrize(
    'links, channels', [(LINKS, 6), (LINKS, 8), ([(0, 2), (2, 3)], 6)]
)
def test_channels_that_have_no_partner_are_refused(links, channels):
    with pytest.raises(ValueError, match='exchange_sides=False'):
        mirror_channels(MIRROR, links, channels)
