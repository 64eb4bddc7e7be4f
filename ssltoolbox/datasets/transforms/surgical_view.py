"""The published augmentation of surgical instruments: one mirror image, one move."""

from collections.abc import Sequence

import numpy as np

from ssltoolbox.geometry.view import change_matrix
from ssltoolbox.registry import TRANSFORMS

from .cut_columns import fit, paste, roll
from .image_view import ImageView
from .load_image import LoadImage

FLIPS = ('none', 'hflip', 'vflip')
CUTS = ('swap_sides', 'random_swap')
MOVES = ('translation', 'rotation', 'none', *CUTS)


@TRANSFORMS.register_module()
class SurgicalView(ImageView):
    """Look at the whole image through one of ``flips`` and one of ``moves``.

    Each is drawn uniformly, and as often as it is named: ``flips``: ``'none'``,
    ``'hflip'``, ``'vflip'``; ``moves``: ``'translation'`` and ``'rotation'`` by whole
    pixels and degrees, ``'none'``, and two that cut the image along a column:

    - ``'swap_sides'`` rolls the columns left by x. With one instrument x is
      ``margin`` left of its tip if its shaft is in the right half of the image, else
      right of it; with several x is the mean of their tips.
    - ``'random_swap'`` puts, left of column W - x', another image of the data set,
      x' being the x of that image.

    A cut image is no affine view of the file: ``view`` then leads from the image as it
    was cut, and each part of the file has its own matrix, another by a shift. Such
    a view can be learnt from, not moved to another one. So only samples that are
    ``labelled``, without ``pseudo_map`` and ``gt_seg_map`` and with the joints that x
    needs, are cut; others are left as for ``'none'``. And
    :class:`~ssltoolbox.datasets.transforms.branches.Branches` refuses cuts beside
    other views. Torn instruments become two, see
    :mod:`~ssltoolbox.datasets.transforms.cut_columns`.

    Required keys: those of :class:`ImageView`; for ``'random_swap'`` also ``dataset``,
    the labelled data set the sample is of, with ``get_data_info``, as mmpose's data
    sets give it.

    Args:
        input_size: (w, h) of the view in pixels.
        flips: Mirror images to draw from.
        moves: Moves to draw from. Without pairs of joints, as in RMIT, take no cuts.
        translation: Least and largest shift along each axis, whole pixels of the view.
        rotation: Least and largest angle, whole degrees counter-clockwise.
        margin: Distance of a cut from the tip of a single instrument, in pixels of
            the view.
        tip: Index of the joint that x is measured at: the left clasper.
        shaft: Index of the joint that tells where the instrument comes from.
        kwargs: Fields of :class:`ImageView`.

    Source: Kayhan et al., arXiv 1912.04618. Differs: one resampling, where the original
    resizes first; the cut comes before the mirror image; labels are drawn from the
    moved coordinates, where the original moves drawn labels; what ``'random_swap'``
    does not replace stays, where the original's zeros miss; x' is measured in the
    other image.

    Raises:
        ValueError: An unknown name, empty choice or bounds in the wrong order; or a
            sample that cannot be cut by its kind.
    """

    untorn = 'Leave swap_sides and random_swap out of its moves'

    def __init__(
        self,
        input_size: tuple[int, int],
        flips: Sequence[str] = FLIPS,
        moves: Sequence[str] = MOVES,
        translation: tuple[int, int] = (-5, 4),
        rotation: tuple[int, int] = (-20, 19),
        margin: float = 20,
        tip: int = 0,
        shaft: int = 3,
        **kwargs,
    ) -> None:
        super().__init__(input_size, **kwargs)
        for field, names, known in (('flips', flips, FLIPS), ('moves', moves, MOVES)):
            if not names or isinstance(names, str) or not set(names) <= set(known):
                raise ValueError(
                    f'SurgicalView: {field} is a list of names out of {known}, got '
                    f'{names!r}'
                )
        for field, bounds in (('translation', translation), ('rotation', rotation)):
            if len(bounds) != 2 or bounds[0] > bounds[1]:
                raise ValueError(
                    f'SurgicalView: {field} is (least, largest), got {bounds!r}'
                )
        self.flips, self.moves = tuple(flips), tuple(moves)
        self.translation, self.rotation = tuple(translation), tuple(rotation)
        self.margin, self.tip, self.shaft = margin, tip, shaft
        self.load = LoadImage()

    @property
    def tears_image(self) -> bool:
        """Whether a sample may be no affine view of its image."""
        return not set(self.moves).isdisjoint(CUTS)

    def transform(self, results: dict) -> dict:
        """Draw a mirror image and a move, and look through them."""
        flip, move = (
            names[np.random.randint(len(names))] for names in (self.flips, self.moves)
        )
        change: dict = {'hflip': flip == 'hflip', 'vflip': flip == 'vflip'}
        if move == 'translation':
            change[move] = [self._whole(self.translation) for _ in 'xy']
        elif move == 'rotation':
            change[move] = self._whole(self.rotation)
        elif move in CUTS:
            self._cut(results, move)
        plain = flip == 'none' and set(change) == {'hflip', 'vflip'}
        return self.look(
            results, None if plain else change_matrix(self.input_size, **change)
        )

    @staticmethod
    def _whole(bounds: Sequence[int]) -> int:
        return int(np.random.randint(bounds[0], bounds[1] + 1))

    def _cut(self, results: dict, move: str) -> None:
        maps = 'pseudo_map' in results or 'gt_seg_map' in results
        if maps or not results.get('labelled', True):
            return
        self._check_joints(results)
        height, width = results['img'].shape[:2]
        if move == 'swap_sides':
            column = self.column(results, width)
            if column is not None:
                roll(results, column)
            return
        other = fit(self.load(self._draw_other(results)), (width, height))
        column = self.column(other, width)
        if column is not None:
            paste(results, other, width - column)

    def column(self, sample: dict, width: int) -> int | None:
        """Find x of a sample in image pixels; None where joints for it are missing.

        Args:
            sample: ``keypoints`` (N, K, 2), ``keypoints_visible`` (N, K).
            width: Of the image in pixels.
        """
        xs, seen = sample['keypoints'][..., 0], sample['keypoints_visible'] > 0
        tips = xs[seen[:, self.tip], self.tip]
        if len(tips) != 1:
            return int(tips.mean()) if len(tips) else None
        shafts = xs[seen[:, self.shaft], self.shaft]
        if not len(shafts):
            return None
        margin = self.margin * width / self.input_size[0]
        return round(float(tips[0]) + (-margin if shafts[0] > width / 2 else margin))

    def _draw_other(self, results: dict) -> dict:
        dataset = results.get('dataset')
        if dataset is None:
            raise ValueError(
                f'SurgicalView: random_swap needs the data set of record '
                f'{results.get("id")} of {results.get("img_path")} in its key '
                "'dataset', as data sets of mmpose give it. Leave 'random_swap' out "
                'of moves, or choose such a data set.'
            )
        return dict(dataset.get_data_info(int(np.random.randint(len(dataset)))))

    def _check_joints(self, results: dict) -> None:
        count = results['keypoints'].shape[1]
        partners = list(results.get('flip_indices', ()))
        if max(self.tip, self.shaft) >= count or (
            partners and partners[self.tip] == self.tip
        ):
            raise ValueError(
                f'SurgicalView cuts at joint {self.tip}, the left one of a pair, away '
                f'from joint {self.shaft}, but the {count} joints of record '
                f'{results.get("id")} of {results.get("img_path")} have the mirror '
                f'partners {partners}. Set tip and shaft, or leave {CUTS} out of moves '
                "(as for RMIT: moves=('translation', 'rotation', 'none'))."
            )
