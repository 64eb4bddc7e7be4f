"""Codec of joints and of the connections that tell which joints belong together."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from ssltoolbox.codecs.batched_heatmap import heatmap_argmax
from ssltoolbox.codecs.connection_rendering import connection_maps, joint_maps
from ssltoolbox.codecs.instance_grouping import group_joints
from ssltoolbox.codecs.line_integral import mean_along
from ssltoolbox.codecs.peaks import blur, find_peaks, refine_peaks
from ssltoolbox.geometry.warp import Grid
from ssltoolbox.registry import KEYPOINT_CODECS

from mmpose.codecs.base import BaseKeypointCodec  # isort: skip

Instances = tuple[np.ndarray, np.ndarray]


@KEYPOINT_CODECS.register_module()
class JointConnectionMaps(BaseKeypointCodec):
    """One map per joint and one per connection, for any number of instances.

    Maps are ordered joints first. They are decoded by smoothing, peaks, the mean of
    the connection maps between peaks, and matching, see
    :func:`~ssltoolbox.codecs.instance_grouping.group_joints`. Without connections an
    image has one instance, the maximum of each map.

    Source: Kayhan et al., arXiv 1912.04618, whose maps are drawn at the native size
    with sigma 20 px and shrunk; give sigma in pixels of the input accordingly (8.9 of
    320 x 256 px for EndoVis). Fixed: the circle that ends a connection, x and y of the
    line integral, instances without head, shaft or end, and their number. Left out:
    sharpening of connections by their total variation.

    Args:
        input_size: (w, h) of the input in pixels.
        heatmap_size: (w, h) of the maps in cells.
        sigma: Input pixels at which a map falls to 1/e.
        num_joints: Number of joints K.
        connections: Pairs of joints (a, b), may be empty.
        legacy_disk: Draw the original's defective connections, see
            :func:`~ssltoolbox.codecs.connection_rendering.connection_maps`.
        blur_size: Side of the smoothing kernel in cells, odd; published with 21 for
            EndoVis, 5 for RMIT. None: 2.36 sigma, 21 for EndoVis.
        peak_window: Cells within which a peak is the highest, published with 20. None:
            2.25 sigma, 20 for EndoVis.
        min_peak: Lowest height of a peak, or one for each joint; published with 0.2
            for the first joint, 0.1 for the others.
        min_link: Weakest mean along a segment that connects two joints.
        max_instances: Peaks of a joint at most.
        line_samples: Places at which a segment is sampled.
        refine: Place joints between cells, by a parabola; published without.

    Raises:
        ValueError: A size, a connection or a threshold cannot be used.
    """

    grid: Grid = 'areas'
    """Which pixels a cell stands for: the middle of those under it."""

    def __init__(
        self,
        input_size: tuple[int, int],
        heatmap_size: tuple[int, int],
        sigma: float,
        num_joints: int,
        connections: Sequence[Sequence[int]] = (),
        legacy_disk: bool = False,
        blur_size: int | None = None,
        peak_window: int | None = None,
        min_peak: float | Sequence[float] = 0.1,
        min_link: float = 0.1,
        max_instances: int = 10,
        line_samples: int = 32,
        refine: bool = False,
    ) -> None:
        self.input_size = (input_size[0], input_size[1])
        self.heatmap_size = (heatmap_size[0], heatmap_size[1])
        self.sigma, self.num_joints = float(sigma), num_joints
        self.connections = [(int(a), int(b)) for a, b in connections]
        self.legacy_disk, self.refine = legacy_disk, refine
        self.stride = tuple(
            i / m for i, m in zip(self.input_size, self.heatmap_size, strict=True)
        )
        cells = self.sigma * 2 / sum(self.stride)
        self.blur_size = blur_size or 2 * int(2.3625 * cells / 2) + 1
        self.peak_window = peak_window or max(round(2.25 * cells), 3)
        if not isinstance(min_peak, Sequence):
            min_peak = [min_peak] * num_joints
        self.min_peak = torch.tensor(min_peak, dtype=torch.float)
        self.min_link, self.line_samples = min_link, line_samples
        self.max_instances = max_instances
        self._check()

    def _check(self) -> None:
        if self.sigma <= 0 or min(*self.input_size, *self.heatmap_size) < 1:
            raise ValueError(
                'JointConnectionMaps needs positive sigma, input_size and heatmap_size,'
                f' got {self.sigma}, {self.input_size} and {self.heatmap_size}'
            )
        if len(self.min_peak) != self.num_joints:
            raise ValueError(
                f'min_peak is one number or one for each of {self.num_joints} joints, '
                f'got {len(self.min_peak)}'
            )
        if self.blur_size % 2 == 0:
            raise ValueError(f'blur_size must be odd, got {self.blur_size}')
        if self.min_peak.min() <= 0 or self.min_link <= 0:
            raise ValueError(
                'min_peak and min_link must be positive: lower values would take any '
                f'cell for a joint, got {self.min_peak.tolist()} and {self.min_link}'
            )
        for a, b in self.connections:
            if a == b or not (0 <= min(a, b) and max(a, b) < self.num_joints):
                raise ValueError(
                    f'connection ({a}, {b}) is none between two of the '
                    f'num_joints={self.num_joints} joints, which are numbered from 0'
                )

    @property
    def num_maps(self) -> int:
        """Number of joints and connections."""
        return self.num_joints + len(self.connections)

    def encode(
        self, keypoints: np.ndarray, keypoints_visible: np.ndarray | None = None
    ) -> dict[str, np.ndarray]:
        """Draw the maps of an image.

        Args:
            keypoints: (N, K, 2) in input pixels.
            keypoints_visible: (N, K), a joint is drawn where it is positive; None: all
                are.

        Returns:
            ``heatmaps`` (C, h, w) float32.

        Raises:
            ValueError: There are more or fewer joints than the codec has.
        """
        points = torch.from_numpy(np.asarray(keypoints, np.float32))
        if points.shape[1:] != (self.num_joints, 2):
            raise ValueError(
                f'keypoints have shape {tuple(points.shape)}, but the codec draws '
                f'num_joints={self.num_joints}: (N, {self.num_joints}, 2). Set '
                'num_joints to the number of joints of the data set'
            )
        visible = torch.ones(points.shape[:2])
        if keypoints_visible is not None:
            visible = torch.from_numpy(np.asarray(keypoints_visible, np.float32))
        return {'heatmaps': self.render(points[None], visible[None])[0].numpy()}

    def render(self, points: Tensor, visible: Tensor) -> Tensor:
        """Draw the maps of a batch of images, on the device of the points.

        Args:
            points: (B, N, K, 2) in input pixels.
            visible: (B, N, K), a joint is drawn where it is positive; a connection
                where both of its joints are.

        Returns:
            (B, C, h, w), in the precision of the points.
        """
        drawn = visible > 0
        points = torch.where(drawn.unsqueeze(-1), points, 0)
        xs, ys = (
            (torch.arange(n, device=points.device, dtype=torch.double) + 0.5) * step
            - 0.5
            for n, step in zip(self.heatmap_size, self.stride, strict=True)
        )
        joints = joint_maps(points, drawn, xs, ys, self.sigma)
        if not self.connections:
            return joints
        starts, ends = self._ends(points, 2)
        connected = connection_maps(
            starts,
            ends,
            torch.stack(self._ends(drawn, 2)).all(0),
            xs,
            ys,
            self.sigma,
            self.legacy_disk,
        )
        return torch.cat([joints, connected], 1)

    def decode(self, encoded: np.ndarray | Tensor) -> Instances:
        """Find the instances in the maps (C, h, w) of an image.

        Returns:
            Keypoints (M, K, 2) in input pixels and scores (M, K) float32, both 0 where
            a joint is missing.
        """
        return self.decode_batch(torch.as_tensor(encoded)[None])[0]

    def batch_decode(
        self, batch_encoded: Tensor
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Give what :meth:`decode_batch` gives as two lists, as mmpose wants it."""
        keypoints, scores = zip(*self.decode_batch(batch_encoded), strict=True)
        return list(keypoints), list(scores)

    @torch.no_grad()
    def decode_batch(self, maps: Tensor) -> list[Instances]:
        """Find the instances in maps (B, C, h, w), as :meth:`decode` does in one.

        Peaks and links are found on the device; one copy of a few numbers goes to the
        host, where the instances are assembled.
        """
        maps = maps.float()
        joints = blur(maps[:, : self.num_joints], self.blur_size)
        if self.connections:
            rule = (self.peak_window, self.min_peak, self.max_instances)
            cells, scores = find_peaks(joints, *rule)
        else:  # one instance at most: the maximum, however low
            cells, scores = (part.unsqueeze(2) for part in heatmap_argmax(joints))
        places = refine_peaks(joints, cells) if self.refine else cells
        links = self._links(maps, cells)
        parts = (places, scores, links)
        flat = torch.cat([part.flatten(1) for part in parts], 1).cpu().numpy()
        ends = np.cumsum([part[0].numel() for part in parts])[:-1]
        return [
            self._assemble(
                *(
                    piece.reshape(part.shape[1:])
                    for piece, part in zip(np.split(row, ends), parts, strict=True)
                )
            )
            for row in flat
        ]

    def _links(self, maps: Tensor, cells: Tensor) -> Tensor:
        """Strength (B, L, P, P) of each connection between peaks (B, K, P, 2)."""
        if not self.connections:
            return maps.new_zeros((len(maps), 0, 1, 1))
        # where instances cross, maps add up: that makes no connection stronger
        shown = maps[:, self.num_joints :].clamp(0, 1)
        return mean_along(shown, *self._ends(cells, 1), self.line_samples)

    def _ends(self, joints: Tensor, dim: int) -> tuple[Tensor, Tensor]:
        """Take what belongs to the two joints of each connection.

        Stacked, since a list of indices would be copied to the device each time.
        """
        parts = joints.unbind(dim)
        first, second = zip(*self.connections, strict=True)
        return (
            torch.stack([parts[i] for i in first], dim),
            torch.stack([parts[i] for i in second], dim),
        )

    def _assemble(
        self, cells: np.ndarray, scores: np.ndarray, links: np.ndarray
    ) -> Instances:
        """Instances of an image, in input pixels."""
        points = (cells + 0.5) * self.stride - 0.5
        if self.connections:
            return group_joints(points, scores, links, self.connections, self.min_link)
        found = scores[:, 0] > 0
        places = np.where(found[:, None], points[:, 0], 0)[None]
        values = np.where(found, scores[:, 0], 0)[None]
        some = slice(None) if found.any() else slice(0)
        return places[some].astype(np.float32), values[some].astype(np.float32)
