"""Crops, mirror images and colours, and what is drawn at random for them."""

import random

import numpy as np
import torch

from ssltoolbox.datasets.transforms.colour_rand_augment import POOL, ColourRandAugment
from ssltoolbox.geometry.view import crop_matrix, project_points, transform_points
from ssltoolbox.registry import MODELS  # noqa: F401  prepares the import of mmpose

from ..registry import drives
from ..scarcenet.parts import PIXEL_STD, mirror, view
from ..vectors import Entry

from mmpose.models.utils.tta import flip_heatmaps  # isort: skip


def partners(entry: Entry) -> list[int]:
    """Mirror partner of each joint of the union, from the entry on mirroring."""
    flip = entry.sibling('flip.npz')
    order = list(range(len(flip['joints'])))
    for first, second in flip.params['flip_pairs']:
        order[first], order[second] = second, first
    return order


@drives('posedual', 'affine_geometry')
def affine_geometry(entry: Entry) -> None:
    def crops(size: tuple[str, ...]) -> torch.Tensor:
        w, h = map(int, size)
        rows = zip(entry['center'], entry['scale'], entry['rotation_deg'], strict=True)
        matrices = [
            crop_matrix(tuple(center), tuple(scale * PIXEL_STD), rotation, (w, h))
            for center, scale, rotation in rows
        ]
        return torch.from_numpy(np.stack(matrices))

    points, cells = (torch.from_numpy(entry[k]) for k in ('points', 'heatmap_coords'))
    for key, size in entry.matching(r'M_image_to_(\d+)x(\d+)').items():
        crop = crops(size)
        entry.check(key, crop[:, :2])
        entry.check('points_in_crop', transform_points(crop, points))
    for key, size in entry.matching(r'M_inv_from_(\d+)x(\d+)').items():
        back = torch.linalg.inv(crops(size))
        entry.check(key, back[:, :2])
        entry.check('coords_in_image', transform_points(back, cells))


@drives('posedual', 'flip')
def flip(entry: Entry) -> None:
    """The original moves hidden joints to 0, ours leaves them: they are left out."""
    order = partners(entry)
    maps = torch.from_numpy(entry['heatmaps'])
    back = flip_heatmaps(maps, flip_indices=order, shift_heatmap=False)
    entry.check('flipped_heatmaps', back)
    width = entry.params['image_width']
    plain, other = (view([matrix], width) for matrix in (np.eye(3), mirror(width)))
    points = torch.from_numpy(entry['joints'])[None, :, :2]
    points = project_points(points, plain, other, torch.tensor(order))[0]
    seen = entry['joints_vis'][order]
    entry.check('flipped_vis', seen)
    expected = entry['flipped_joints'][:, :2]
    entry.check('flipped_joints', points, where=seen[:, 0] > 0, expected=expected)


@drives('posedual', 'randaugment')
def randaugment(entry: Entry) -> None:
    """The original takes blue for red, so ours is given its images in RGB."""
    pool = [(name, 0, largest) for name, (_, largest) in POOL.items()]
    assert pool == [tuple(row) for row in entry.params['pool']]
    image = np.ascontiguousarray(entry['image'][..., ::-1])

    def seed(value: int) -> None:
        random.seed(value)
        np.random.seed(value)

    for key, (name, magnitude) in entry.matching(rf'({"|".join(POOL)})_m(\d+)').items():
        seed(entry.params['seed_per_op'])
        op, largest = POOL[name]
        entry.check(key, op(image, int(magnitude) / 30 * largest)[..., ::-1])
    for key, (magnitude, number) in entry.matching(r'full_m(\d+)_seed(\d+)').items():
        drawn = entry[f'{key}_ops']
        policy = ColourRandAugment(len(drawn), int(magnitude))
        seed(int(number))
        entry.check(key, policy({'img': image})['img'][..., ::-1])
        seed(int(number))
        entry.check(f'{key}_ops', [list(POOL).index(name) for name in policy.draw()])
