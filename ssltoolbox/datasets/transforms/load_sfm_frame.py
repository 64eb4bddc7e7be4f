"""Load one frame of a sequence, with all that structure from motion knows of it."""

from pathlib import Path
from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform
from mmengine.dataset import Compose

from ssltoolbox.datasets.depth.prepare import PreparedSequence
from ssltoolbox.datasets.depth.sfm_sequence import read_frame
from ssltoolbox.datasets.depth.sparse_maps import sparse_maps
from ssltoolbox.registry import TRANSFORMS

VALID = 0.9
"""A pixel of the mask, in 0..1, above which it shows the scene."""


@TRANSFORMS.register_module()
class LoadSfmFrame(BaseTransform):
    """Read a frame, and draw the points of its sequence into maps.

    Required keys: those of the records of ``ssltoolbox.SfmDataset``.

    Added keys: ``img`` (h, w, 3) uint8 BGR, the window of the smaller frame; ``valid``
    (1, h, w) float32, 1 where it shows the scene; ``sparse`` (6, h, w) float32: depth
    and its weight, flow x and y to the other frame, its weight, and its weight where
    only points found in this very frame count; ``intrinsics`` (3, 3), ``rotation``
    (3, 3) and ``translation`` (3, 1), from this camera to the other one, in the unit of
    the depths; ``view`` (3, 3), pixels of the frame -> of the window; and, for
    rendered sequences, ``truth`` (1, h, w) float32, depth in the same unit.

    ``img`` and ``truth`` that the record has already, of the size of the mask, are not
    read.

    Args:
        track_constant: See :func:`~ssltoolbox.datasets.depth.sparse_maps.sparse_maps`.
        max_flow: The same.
        last_wins: The same.
        need_points: Return None where no point falls into the frame, so that another
            one is trained on. False: keep such frames, so that all are evaluated.
    """

    def __init__(
        self,
        track_constant: float | None = None,
        max_flow: float = 5.0,
        last_wins: bool = False,
        need_points: bool = True,
    ) -> None:
        self.need_points = need_points
        if track_constant is not None and track_constant <= 0:
            raise ValueError(
                'track_constant is the number of views after which a point counts by '
                f'63 %, above 0, or None for equal weights; got {track_constant}'
            )
        self.options: dict[str, Any] = dict(
            track_constant=track_constant, max_flow=max_flow, last_wins=last_wins
        )

    def transform(self, results: dict) -> dict | None:
        """Load the frame."""
        sequence: PreparedSequence = results['prepared']
        view, other = results['view'], results['other']
        maps = sparse_maps(sequence, view, other, **self.options)
        shown = maps.depth_weight.any() and maps.flow_weight.any()
        if self.need_points and not shown:
            return None
        window = sequence.window
        path = Path(results['img_path'])
        image = results.get('img')
        if image is None:
            image = read_frame(path, results['mask'])
        motion = sequence.extrinsics[other] @ np.linalg.inv(sequence.extrinsics[view])
        size = 1 / window.downsampling
        results |= dict(
            img=window.cut(image),
            valid=(sequence.mask / 255 > VALID).astype(np.float32)[None],
            sparse=np.concatenate(
                [
                    maps.depth,
                    maps.depth_weight,
                    maps.flow,
                    maps.flow_weight,
                    maps.found_weight,
                ]
            ),  # fmt: skip
            intrinsics=sequence.intrinsics,
            rotation=motion[:3, :3],
            translation=motion[:3, 3:] / sequence.scale,
            view=np.array([[size, 0, -window.left], [0, size, -window.top], [0, 0, 1]]),
            ori_shape=image.shape[:2],
            img_shape=(window.height, window.width),
        )
        truth, file = results.get('truth'), path.parent / 'truth' / f'{path.stem}.npy'
        if truth is None and file.is_file():
            truth = np.load(file, allow_pickle=False)
        if truth is not None:
            results['truth'] = (window.cut(truth) / sequence.scale)[None]
        return results


@TRANSFORMS.register_module()
class SfmPair(BaseTransform):
    """Send a frame and its partner through one pipeline: views ``first``, ``second``.

    Each is augmented on its own.

    Args:
        frame: Pipeline of one frame, from ``ssltoolbox.LoadSfmFrame`` to packing.

    Returns None where one of the two shows no point.
    """

    def __init__(self, frame: list) -> None:
        self.frame = Compose(frame)

    def transform(self, results: dict) -> dict | None:
        """Return ``{'inputs': {view: image}, 'data_samples': {view: sample}}``."""
        partner = dict(
            results,
            img_path=results['other_path'],
            other_path=results['img_path'],
            view=results['other'],
            other=results['view'],
        )
        views = {
            name: self.frame(dict(record))
            for name, record in (('first', results), ('second', partner))
        }
        if any(view is None for view in views.values()):
            return None
        return {
            key: {name: view[key] for name, view in views.items()}
            for key in ('inputs', 'data_samples')
        }
