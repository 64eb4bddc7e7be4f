"""Look at a whole image, and record where every pixel came from."""

from collections.abc import Sequence

import cv2
import numpy as np
from mmcv.transforms import BaseTransform
from PIL import Image

from ssltoolbox.codecs.mirror import mirror_channels
from ssltoolbox.geometry.view import change_matrix, mirrored_axes
from ssltoolbox.geometry.warp import Grid, cell_matrix
from ssltoolbox.registry import TRANSFORMS

from .load_mask import IGNORED

MASKS = ('gt_seg_map', 'truth_seg_map')
"""Masks of an image: its label, and a hidden one for diagnostics."""


@TRANSFORMS.register_module()
class ImageView(BaseTransform):
    """Resize the whole image to the network's input.

    Required keys: ``img`` (H, W, 3). Used where present: ``keypoints`` (N, K, 2) in
    image pixels, ``keypoints_visible`` (N, K), ``flip_indices``; ``gt_seg_map`` and
    ``truth_seg_map`` (H, W) uint8, resampled to the nearest pixel with 255 outside;
    ``pseudo_map`` (C, h, w) float32, whose cells lie in the plain view of this size,
    and which keeps its size.

    Added keys: ``view`` (3, 3) float64, ``transformed_keypoints`` in view pixels, and
    mmpose's ``input_size``, ``input_center``, ``input_scale``, ``flip``;
    ``img_shape`` becomes that of the view. Keypoints keep their visibility, even those
    that leave the view: their Gaussians may reach into it.

    A view is mirrored if the determinant of its matrix is negative: mirrored either
    way, left and right or top and bottom; both together are half a turn.

    Args:
        input_size: (w, h) of the view in pixels.
        exchange_sides: Exchange left and right in a mirrored view, joints and
            channels of maps. If not, a joint is the same point of the scene in every
            view, and ``flip_indices`` becomes the identity, so that nothing else
            exchanges them: neither a method that moves predictions between views
            nor mirrored passes at test time. Give all pipelines of a network, plain
            views too, the same value.
        map_grid: Pixels that the cells of a smaller ``pseudo_map`` stand for, see
            :func:`~ssltoolbox.geometry.warp.cell_matrix`: ``grid`` of the task, which
            is ``'areas'`` for ``ssltoolbox.JointConnectionMaps`` and for segmentors
            without ``align_corners``.
        antialias: Average the pixels that a smaller view leaves no room for, as PIL
            and Semi-Seg do. OpenCV takes the nearest four, so that of a large image
            with noise the view has all of the noise. A turned view is then resampled
            a second time.
    """

    border_mode = cv2.BORDER_CONSTANT

    def __init__(
        self,
        input_size: tuple[int, int],
        exchange_sides: bool = False,
        map_grid: Grid = 'areas',
        antialias: bool = False,
    ) -> None:
        self.input_size = (int(input_size[0]), int(input_size[1]))
        if min(self.input_size) < 1:
            raise ValueError(
                f'{type(self).__name__}: input_size is (w, h) in pixels of the '
                f"network's input, got {input_size}"
            )
        self.exchange_sides, self.map_grid = exchange_sides, map_grid
        self.antialias = antialias

    def transform(self, results: dict) -> dict:
        """Look at the image as it is."""
        return self.look(results)

    def look(self, results: dict, change: np.ndarray | None = None) -> dict:
        """Make a view.

        Args:
            results: The sample.
            change: (3, 3), pixels of the plain view -> pixels of this one; None for
                the plain view.
        """
        height, width = results['img'].shape[:2]
        w, h = self.input_size
        # a pixel of the view stands for the area of image pixels under it
        plain = cell_matrix(self.input_size, (width, height), 'areas').numpy()
        view = plain if change is None else change @ plain
        mirrored = bool(np.linalg.det(view[:2, :2]) < 0)
        results['img'] = self._resample(results['img'], view, change)
        for key in MASKS:
            if key in results:
                results[key] = self._resample_mask(results[key], view)
        if 'pseudo_map' in results and change is not None:
            results['pseudo_map'] = self._resample_maps(results['pseudo_map'], change)
        self._order_joints(results, mirrored)
        if 'keypoints' in results:
            points = results['keypoints'].astype(np.float64)
            results['transformed_keypoints'] = points @ view[:2, :2].T + view[:2, 2]
        results.update(
            view=view,
            img_shape=(h, w),
            input_size=self.input_size,
            # mmpose's formula with these is the inverse of the plain matrix
            input_center=np.array([width + width / w - 1, height + height / h - 1]) / 2,
            input_scale=np.array([width, height], float),
            flip=mirrored,
        )
        return results

    def _resample(
        self, image: np.ndarray, view: np.ndarray, change: np.ndarray | None
    ) -> np.ndarray:
        size = self.input_size
        axes = (False, False) if change is None else mirrored_axes(change, size)
        smaller = size[0] < image.shape[1] or size[1] < image.shape[0]
        if self.antialias and smaller:
            image = np.asarray(Image.fromarray(image).resize(size, Image.BILINEAR))
            view = np.eye(3) if change is None else change
        if axes is None:
            return cv2.warpAffine(
                image,
                view[:2],
                size,
                flags=cv2.INTER_LINEAR,
                borderMode=self.border_mode,
            )
        # a mirrored view has the pixels of the plain one, to the bit
        resized = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
        hflip, vflip = axes
        turned = resized[:: -1 if vflip else 1, :: -1 if hflip else 1]
        return np.ascontiguousarray(turned)

    def _resample_mask(self, mask: np.ndarray, view: np.ndarray) -> np.ndarray:
        return cv2.warpAffine(
            mask,
            view[:2],
            self.input_size,
            flags=cv2.INTER_NEAREST,
            borderMode=self.border_mode,
            borderValue=IGNORED,
        )

    def _resample_maps(self, maps: np.ndarray, change: np.ndarray) -> np.ndarray:
        size = (maps.shape[2], maps.shape[1])
        cells = cell_matrix(self.input_size, size, self.map_grid).numpy()
        matrix = (np.linalg.inv(cells) @ change @ cells)[:2]
        # one by one: OpenCV fills the border of four channels at most
        return np.stack([cv2.warpAffine(channel, matrix, size) for channel in maps])

    def _order_joints(self, results: dict, mirrored: bool) -> None:
        if 'flip_indices' not in results:
            return
        partners = list(results['flip_indices'])
        if not self.exchange_sides:
            results['flip_indices'] = list(range(len(partners)))
        elif mirrored:
            for key in ('keypoints', 'keypoints_visible'):
                if key in results:
                    results[key] = results[key][:, partners]
            if 'pseudo_map' in results:
                links = results.get('skeleton_links', ())
                results['pseudo_map'] = _exchange(
                    results['pseudo_map'], partners, links
                )


def _exchange(
    maps: np.ndarray, partners: Sequence[int], links: Sequence[Sequence[int]]
) -> np.ndarray:
    """Exchange left and right maps of joints, followed by those of links or not."""
    joints = len(partners)
    order = mirror_channels(partners, links if len(maps) > joints else ())
    if len(order) != len(maps):
        raise ValueError(
            f'the {len(maps)} channels of pseudo_map cannot be exchanged in a mirrored '
            f'view: the layout has {joints} joints and {len(links)} skeleton_links, '
            f'which need {joints} or {joints + len(links)} channels. Correct the '
            'layout, or set exchange_sides=False'
        )
    return maps[order]


BORDERS = {'constant': cv2.BORDER_CONSTANT, 'reflect': cv2.BORDER_REFLECT_101}


@TRANSFORMS.register_module()
class RandomImageView(ImageView):
    """Look at the whole image mirrored, turned, scaled and shifted at random.

    All is one matrix, so that the image is resampled once. Each number is uniform
    between its bounds.

    Args:
        input_size: (w, h) of the view in pixels.
        hflip_prob: Probability of mirroring left and right.
        vflip_prob: Probability of mirroring top and bottom.
        translation: Largest shift along each axis, in pixels of the view.
        rotation: Largest angle in degrees, either way, about the centre.
        scale: Largest change of size, as a share.
        rotation_prob: Probability of turning at all.
        border: What is seen where the image does not reach: ``'constant'``, zeros, in
            masks 255; or ``'reflect'``, the image mirrored at the middle of its
            outermost pixels, and the mask alike. Maps are zero there either way.
        kwargs: Fields of :class:`ImageView`.
    """

    def __init__(
        self,
        input_size: tuple[int, int],
        hflip_prob: float = 0.5,
        vflip_prob: float = 0.0,
        translation: float = 5.0,
        rotation: float = 20.0,
        scale: float = 0.0,
        rotation_prob: float = 1.0,
        border: str = 'constant',
        **kwargs,
    ) -> None:
        super().__init__(input_size, **kwargs)
        if border not in BORDERS:
            raise ValueError(
                f'{type(self).__name__}: border must be one of {", ".join(BORDERS)}, '
                f'got {border!r}'
            )
        self.border_mode = BORDERS[border]
        probs, spreads = (hflip_prob, vflip_prob), (translation, rotation)
        if (
            not all(0 <= p <= 1 for p in (*probs, rotation_prob))
            or min(spreads) < 0
            or not 0 <= scale < 1
        ):
            raise ValueError(
                f'{type(self).__name__}: probabilities must be 0..1, translation and '
                'rotation not negative, scale 0 or more and below 1; got '
                f'hflip_prob={hflip_prob}, vflip_prob={vflip_prob}, '
                f'rotation_prob={rotation_prob}, '
                f'translation={translation}, rotation={rotation}, scale={scale}'
            )
        self.probs, self.rotation_prob = probs, rotation_prob
        self.translation, self.rotation, self.scale = translation, rotation, scale

    def transform(self, results: dict) -> dict:
        """Draw a view and look through it."""
        hflip, vflip = (bool(np.random.rand() < prob) for prob in self.probs)
        x, y, angle, size = np.random.uniform(-1, 1, 4)
        if self.rotation_prob < 1 and np.random.rand() >= self.rotation_prob:
            angle = 0.0
        change = change_matrix(
            self.input_size,
            hflip=hflip,
            vflip=vflip,
            rotation=angle * self.rotation,
            scale=1 + size * self.scale,
            translation=(x * self.translation, y * self.translation),
        )
        return self.look(results, change)
