"""Which channel of keypoint maps shows the mirror image of which."""

from collections.abc import Sequence


def mirror_channels(
    partners: Sequence[int], links: Sequence[Sequence[int]], channels: int
) -> list[int]:
    """Mirror partner of each channel of joint maps, followed by connection maps or not.

    Args:
        partners: (K,) mirror partner of each joint.
        links: Connected joints, in the order of their maps.
        channels: C, either K or K + the number of links.

    Raises:
        ValueError: The channels are others, or the mirror image of a link is no link.
    """
    joints = len(partners)
    if channels == joints:
        return list(partners)
    pairs = [frozenset(link) for link in links]
    mirrored = [frozenset(partners[joint] for joint in pair) for pair in pairs]
    if channels != joints + len(pairs) or not set(mirrored) <= set(pairs):
        raise ValueError(
            f'the {channels} channels of pseudo_map cannot be exchanged in a mirrored '
            f'view: the record has {joints} joints and the skeleton_links '
            f'{[tuple(sorted(pair)) for pair in pairs]}, which need '
            f'{joints} or {joints + len(pairs)} channels and for each link its mirror '
            'image. Correct the layout, or set exchange_sides=False.'
        )
    return [*partners, *(joints + pairs.index(pair) for pair in mirrored)]
