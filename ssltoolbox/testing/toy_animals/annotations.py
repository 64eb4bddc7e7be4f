"""Write scenes as AP-10K annotations."""

from collections.abc import Sequence

from .scene import Animal, Scene
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


def file_name(image_id: int) -> str:
    """Return the AP-10K file name.

    >>> file_name(4)
    '000000000004.jpg'
    """
    return f'{image_id:012d}.jpg'


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


def image_record(image_id: int, scene: Scene) -> dict:
    """Return the entry of ``images``."""
    height, width = scene.image.shape[:2]
    return dict(
        license=1,
        id=image_id,
        file_name=file_name(image_id),
        width=width,
        height=height,
        background=scene.palette + 1,
    )


def animal_record(
    annotation_id: int, image_id: int, category_id: int, animal: Animal
) -> dict:
    """Return the entry of ``annotations``."""
    x, y, width, height = animal.box
    values = [
        v
        for kx, ky, seen in animal.keypoints.tolist()
        for v in (round(kx, 2), round(ky, 2), int(seen))
    ]
    return dict(
        id=annotation_id,
        image_id=image_id,
        category_id=category_id,
        bbox=[x, y, width, height],
        area=width * height,
        iscrowd=0,
        num_keypoints=int((animal.keypoints[:, 2] > 0).sum()),
        keypoints=values,
    )


def annotation_file(
    species: Sequence[Species], images: list[dict], annotations: list[dict]
) -> dict:
    """Return the content of one annotation file."""
    return dict(
        info=dict(description='toy animals in the AP-10K layout', version='1.0'),
        licenses=[dict(id=1, name='same as ssltoolbox', url='')],
        images=images,
        annotations=annotations,
        categories=categories(species),
    )
