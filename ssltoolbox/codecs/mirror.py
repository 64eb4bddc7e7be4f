"""Which channel of joint and connection maps shows the mirror image of which."""

from collections.abc import Sequence


def mirror_channels(
    flip_indices: Sequence[int], connections: Sequence[Sequence[int]]
) -> list[int]:
    """Mirror partner of every channel, joints first, then connections.

    A connection has no direction: that of two joints is exchanged with that of their
    partners, and is its own partner where these are the same two.

    Args:
        flip_indices: (K,) mirror partner of each joint; the identity where nothing is
            exchanged in mirrored views, or there are no pairs.
        connections: Pairs of joints, in the order of their channels.

    Raises:
        ValueError: A connection whose mirror image is none.

    >>> mirror_channels([1, 0, 2], [(0, 2), (1, 2)])
    [1, 0, 2, 4, 3]
    """
    places = {frozenset(pair): i for i, pair in enumerate(connections)}
    channels = list(flip_indices)
    for pair in connections:
        partner = frozenset(flip_indices[joint] for joint in pair)
        if partner not in places:
            raise ValueError(
                f'connection {tuple(pair)} has no mirror image: flip_indices '
                f'{list(flip_indices)} make it {tuple(sorted(partner))}, which is not '
                f'among connections={[tuple(p) for p in connections]}. Add it to the '
                'codec, or correct the flip pairs of the keypoint layout'
            )
        channels.append(len(flip_indices) + places[partner])
    return channels
