"""Vary the box of an instance before it is cropped."""

import numpy as np
from mmcv.transforms import BaseTransform

from ssltoolbox.registry import TRANSFORMS


@TRANSFORMS.register_module()
class RandomBoxShift(BaseTransform):
    """Move the centre of the box by a share of its sides.

    Args:
        shift: Largest shift, as a share of the box's width and height.
        prob: Probability of a shift.

    Required keys: ``bbox`` (1, 4) xyxy, ``bbox_center`` (1, 2).

    Source: ScarceNet, CVPR 2023. Differs: drawn anew at each access, where the
    original draws once for a whole run.
    """

    def __init__(self, shift: float = 0.2, prob: float = 0.3) -> None:
        self.shift, self.prob = shift, prob

    def transform(self, results: dict) -> dict:
        """Shift the centre."""
        if np.random.rand() < self.prob:
            x1, y1, x2, y2 = results['bbox'][0]
            offset = self.shift * (np.random.rand(2) - 0.5) * 2 * (x2 - x1, y2 - y1)
            # rounded once, as an in-place addition rounds
            results['bbox_center'] = (results['bbox_center'] + offset).astype(
                np.float32
            )
        return results


@TRANSFORMS.register_module()
class RandomHalfBody(BaseTransform):
    """Crop the upper or the lower body of an instance with many visible keypoints.

    Args:
        prob: Probability of a half-body crop.
        min_keypoints: More visible keypoints than this are needed.
        padding: Factor from the extent of the chosen keypoints to the crop's side.

    Required keys: ``keypoints``, ``keypoints_visible``, ``upper_body_ids``,
    ``lower_body_ids``.

    Source: ScarceNet, CVPR 2023. The upper half is taken when a NORMAL draw is below
    0.5, so with probability 0.69, as in the original program.
    """

    def __init__(
        self, prob: float = 0.3, min_keypoints: int = 8, padding: float = 1.5
    ) -> None:
        self.prob, self.min_keypoints, self.padding = prob, min_keypoints, padding

    def transform(self, results: dict) -> dict:
        """Replace the box by the box of one half of the body."""
        visible = results['keypoints_visible'][0] > 0
        if visible.sum() > self.min_keypoints and np.random.rand() < self.prob:
            box = self.half_body(
                results['keypoints'][0],
                visible,
                results['upper_body_ids'],
                results['lower_body_ids'],
            )
            if box is not None:
                results['bbox_center'], results['bbox_scale'] = (
                    part[None] for part in box
                )
        return results

    def half_body(
        self,
        keypoints: np.ndarray,
        visible: np.ndarray,
        upper_ids: list,
        lower_ids: list,
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Centre and side lengths of one half, or None where it has too few keypoints.

        Args:
            keypoints: (K, 2) image pixels.
            visible: (K,) bool.
            upper_ids: Keypoints of the upper body.
            lower_ids: Keypoints of the lower body.
        """
        upper, lower = (
            [i for i in ids if visible[i]] for ids in (upper_ids, lower_ids)
        )
        if np.random.randn() < 0.5 and len(upper) > 2:
            chosen = upper
        else:
            chosen = lower if len(lower) > 2 else upper
        if len(chosen) < 2:
            return None
        points = keypoints[sorted(chosen)].astype(np.float32)
        side = np.ptp(points, axis=0).max() * self.padding
        if side < 1:
            # an untrained network may put all its pseudo labels on one pixel
            return None
        return points.mean(0), np.array([side, side], dtype=np.float32)
