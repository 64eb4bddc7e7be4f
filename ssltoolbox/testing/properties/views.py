"""What must hold for a transform that makes a view of an image."""

import copy
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ssltoolbox.datasets.multi_source import seeded
from ssltoolbox.datasets.transforms.load_mask import IGNORED
from ssltoolbox.geometry.view import View, project_points, transform_points
from ssltoolbox.geometry.warp import cell_matrix
from ssltoolbox.registry import TRANSFORMS

from .family import Family
from .trees import difference
from .view_records import MAP_SLOPE, RECORDS

VIEWS = Family('views')
SEEDS = range(6)


def check_view_transform(
    component: Callable | Mapping[str, Any], record: dict[str, Any] | None = None
) -> None:
    """Say what is wrong with a transform that adds the key ``view``.

    Args:
        component: The transform, or its config.
        record: What it gets, with the image read: its first two colours, and masks
            where there are any, show the column and the row of each pixel. Without
            it records with keypoints, stored maps and masks are tried; one that the
            transform refuses, by a ValueError or KeyError, is left out.

    Raises:
        BrokenProperty: It names the broken properties.
    """
    built = (
        TRANSFORMS.build(dict(component))
        if isinstance(component, Mapping)
        else component
    )
    records = [record] if record is not None else [make() for make in RECORDS]
    VIEWS.check(type(built).__name__, ViewCase(built, records))


@dataclass
class ViewCase:
    """A transform and the records it takes.

    Attributes:
        transform: The transform.
        records: Records that are tried.
        refused: What it said of those that it does not take.
        taken: Records that it takes.
    """

    transform: Callable
    records: list[dict[str, Any]]
    refused: list[str] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)

    def look(self, record: dict[str, Any], seed: int) -> dict[str, Any]:
        """The record after the transform, which gets a copy."""
        with seeded(seed):
            return self.transform(copy.deepcopy(record))

    def looks(self) -> list[tuple[dict, dict]]:
        """Records before and after the transform, under several seeds."""
        return [(r, self.look(r, seed)) for r in self.taken for seed in SEEDS]


@VIEWS.property(
    'it takes a record with a box and keypoints, or one with masks',
    'read no other keys than those that the data sets and earlier transforms give',
    first=True,
)
def _takes(case: ViewCase) -> str | None:
    for record in case.records:
        try:
            case.look(record, 0)
        except (ValueError, KeyError) as error:
            case.refused.append(f'{type(error).__name__}: {error}'.rstrip('.'))
        else:
            case.taken.append(record)
    return None if case.taken else '; '.join(case.refused)


@VIEWS.property(
    'the view is an invertible affine matrix',
    "set results['view'] to the (3, 3) float64 matrix, image pixels -> view pixels",
    first=True,
)
def _affine(case: ViewCase) -> str | None:
    for _, made in case.looks():
        view = made.get('view')
        if not isinstance(view, np.ndarray):
            return f'view is {view!r}'
        if view.shape != (3, 3) or view.dtype != np.float64:
            return f'view has the shape {view.shape} of {view.dtype}'
        if not np.allclose(view[2], (0, 0, 1)):
            return f'its last row is {view[2].tolist()}'
        scale = abs(np.linalg.det(view[:2, :2]))
        if not 1e-3 < scale < 1e3:
            return f'it makes an area of 1 px an area of {scale:g} px'
    return None


@VIEWS.property(
    'the image has the size that input_size says',
    'resample to input_size (w, h), and set it as attribute or key',
    first=True,
)
def _size(case: ViewCase) -> str | None:
    for _, made in case.looks():
        asked = made.get('input_size', getattr(case.transform, 'input_size', None))
        if asked is None:
            return 'there is no input_size'
        image = made['img']
        if image.shape != (asked[1], asked[0], 3) or image.dtype != np.uint8:
            return f'{image.shape} of {image.dtype} for input_size {tuple(asked)}'
    return None


@VIEWS.property(
    'the picture is where the matrix says',
    'compose all changes into one matrix and resample by it; pixel coordinates name '
    'the centres of pixels, so mirrored x is W - 1 - x',
)
def _picture(case: ViewCase) -> str | None:

    def shown(made: dict) -> np.ndarray:
        image = made['img'].astype(float)
        image[~image.any(-1)] = np.nan
        return image[..., :2] / 2

    return _far(case, shown, lambda pitch: 0.5)


@VIEWS.property(
    'masks move as the picture does',
    'resample gt_seg_map and truth_seg_map by the same matrix, to the nearest pixel',
)
def _masks(case: ViewCase) -> str | None:

    def shown(made: dict) -> np.ndarray | None:
        if 'gt_seg_map' not in made:
            return None
        pair = np.stack([made['gt_seg_map'], made['truth_seg_map']], -1).astype(float)
        pair[pair == IGNORED] = np.nan
        return pair

    return _far(case, shown, lambda pitch: pitch)


@VIEWS.property(
    'keypoints move as the picture does',
    'set transformed_keypoints to the matrix times keypoints; in a mirrored view '
    'exchange keypoints and their visibility by flip_indices, or set flip_indices to '
    'the identity',
)
def _keypoints(case: ViewCase) -> str | None:
    for record, made in case.looks():
        if 'keypoints' not in record:
            continue
        mirrored = np.linalg.det(made['view'][:2, :2]) < 0
        partners = list(made['flip_indices'])
        order = partners if mirrored else list(range(len(partners)))
        for key in ('keypoints', 'keypoints_visible'):
            if not np.allclose(made[key], record[key][:, order], atol=1e-3):
                return f'{key} of a {"mirrored" if mirrored else "plain"} view differ'
        moved = made['keypoints'].astype(float) @ made['view'][:2, :2].T
        gap = np.abs(moved + made['view'][:2, 2] - made['transformed_keypoints']).max()
        if gap > 1e-3:
            return f'transformed_keypoints are {gap:.2g} px off'
    return None


@VIEWS.property(
    'stored maps move as the picture does',
    'resample pseudo_map by the change from the plain view to this one, and exchange '
    'its channels as those of keypoints; refuse it by a ValueError otherwise',
)
def _maps(case: ViewCase) -> str | None:
    for record, made in case.looks():
        if 'pseudo_map' not in record:
            continue
        view, maps = _view(made), torch.from_numpy(made['pseudo_map'])
        cells = (maps.shape[2], maps.shape[1])
        here = cell_matrix(view.size, cells, 'areas')
        whole = (record['img'].shape[1], record['img'].shape[0])
        # cells lie in the plain view, which is the whole image
        there = cell_matrix(whole, cells, 'areas')
        back = torch.linalg.inv(there) @ view.inverse() @ here
        origin = transform_points(back, _grid(cells).view(1, -1, 2))[0]
        last = torch.tensor(cells) - 2
        inside = ((origin > 1) & (origin < last)).all(-1)
        expected = origin[inside] @ torch.tensor(MAP_SLOPE).double()
        gap = (maps.flatten(1)[:, inside] - expected).abs()
        if gap.numel() and gap.max() > 0.1:
            return f'a cell shows what is {gap.max().item():.1f} cells away'
    return None


@VIEWS.property(
    'a point moves from one view into another, and back',
    'mirrored is where the determinant of the matrix is negative; there, and only '
    'there, keypoints are exchanged',
)
def _there_and_back(case: ViewCase) -> str | None:
    for record in case.taken:
        if 'keypoints' not in record:
            continue
        made = [case.look(record, seed) for seed in SEEDS]
        views = [_view(each) for each in made]
        flip = torch.tensor(made[0]['flip_indices'])
        points = [torch.from_numpy(each['transformed_keypoints']) for each in made]
        for i, j in zip(SEEDS, SEEDS[1:], strict=False):
            moved = project_points(points[i], views[i], views[j], flip)
            back = project_points(moved, views[j], views[i], flip)
            there, here = (
                (a - b).abs().max().item()
                for a, b in (
                    (moved, points[j]),
                    (back, points[i]),
                )
            )
            if max(there, here) > 1e-3:
                return f'it is {there:.2g} px off, and {here:.2g} px when it is back'
    return None


@VIEWS.property(
    'equal seeds give equal views',
    'draw from random, numpy.random or torch, which are seeded for each sample, not '
    'from a generator of its own; keep nothing from one sample to the next',
)
def _repeatable(case: ViewCase) -> str | None:
    for record in case.taken:
        first = [case.look(record, seed) for seed in SEEDS]
        again = [case.look(record, seed) for seed in reversed(SEEDS)][::-1]
        place = difference(first, again)
        if place:
            return f'{place.partition(".")[2]} is another one'
    return None


@VIEWS.property(
    'the image it got stays as it is',
    'make a new image: other views of the sample share the one that was read',
)
def _shared(case: ViewCase) -> str | None:
    for record in case.taken:
        given = copy.deepcopy(record)
        image = given['img']
        with seeded(0):
            case.transform(given)
        if not np.array_equal(image, record['img']):
            return 'it was drawn into'
    return None


@VIEWS.property(
    'it can be sent to the workers of a data loader',
    'keep no function, file or generator as an attribute',
)
def _pickled(case: ViewCase) -> str | None:
    other = ViewCase(pickle.loads(pickle.dumps(case.transform)), case.records)
    for record in case.taken:
        place = difference(case.look(record, 0), other.look(record, 0))
        if place:
            return f'{place} of a copy differs'
    return None


def _view(made: dict[str, Any]) -> View:
    height, width = made['img'].shape[:2]
    return View(torch.from_numpy(made['view'])[None], (width, height))


def _grid(size: tuple[int, int]) -> Tensor:
    """(H, W, 2) float64, x and y of every pixel."""
    xs, ys = torch.meshgrid(
        *(torch.arange(n, dtype=torch.double) for n in size), indexing='xy'
    )
    return torch.stack([xs, ys], -1)


def _far(
    case: ViewCase,
    shown: Callable[[dict], np.ndarray | None],
    near: Callable[[float], float],
) -> str | None:
    """Say how far what is shown at a pixel is from where the matrix has it from.

    Args:
        case: The transform.
        shown: Column and row (H, W, 2) that a view shows, NaN where it shows nothing.
        near: Accepted distance in pixels of the image, of the image's pixels per pixel
            of the view.
    """
    for record, made in case.looks():
        picture = shown(made)
        if picture is None:
            continue
        view = _view(made)
        origin = transform_points(view.inverse(), _grid(view.size).view(1, -1, 2))[0]
        height, width = record['img'].shape[:2]
        inside = (origin > 3) & (origin < torch.tensor([width - 4, height - 4]))
        gap = (torch.from_numpy(picture).view(-1, 2) - origin).norm(dim=-1)
        gap = gap[inside.all(-1)]
        known = gap[~gap.isnan()]
        if 2 * len(known) < len(gap):
            return f'{len(gap) - len(known)} of {len(gap)} pixels show nothing'
        pitch = abs(np.linalg.det(made['view'][:2, :2])) ** -0.5
        far = known.quantile(0.9).item() if len(known) else 0.0
        if far > near(pitch):
            return f'it is {far:.1f} px of the image away'
    return None
