"""Name the keypoints and categories as AP-10K does."""

from collections.abc import Sequence

from .species import Species

KEYPOINTS = (
    'left_eye',
    'right_eye',
    'nose',
    'neck',
    'root_of_tail',
    'left_shoulder',
    'left_elbow',
    'left_front_paw',
    'right_shoulder',
    'right_elbow',
    'right_front_paw',
    'left_hip',
    'left_knee',
    'left_back_paw',
    'right_hip',
    'right_knee',
    'right_back_paw',
)

SKELETON = (
    (1, 2),
    (1, 3),
    (2, 3),
    (3, 4),
    (4, 5),
    (4, 6),
    (6, 7),
    (7, 8),
    (4, 9),
    (9, 10),
    (10, 11),
    (5, 12),
    (12, 13),
    (13, 14),
    (5, 15),
    (15, 16),
    (16, 17),
)


def categories(species: Sequence[Species]) -> list[dict]:
    """Return the AP-10K categories, ids from 1 in the given order."""
    return [
        dict(
            id=i,
            name=s.name,
            supercategory=s.family,
            keypoints=list(KEYPOINTS),
            skeleton=[list(link) for link in SKELETON],
        )
        for i, s in enumerate(species, 1)
    ]
