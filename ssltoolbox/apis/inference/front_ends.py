"""From frames to the inputs of a network, and from its outputs to poses."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from ssltoolbox.apis.inference.boxes import Boxes
from ssltoolbox.apis.inference.image_source import Frame
from ssltoolbox.apis.inference.pose_result import PoseResult
from ssltoolbox.evaluation.arrays import to_numpy

BOX_TRANSFORMS = frozenset({'CropView', 'GetBBoxCenterScale', 'TopdownAffine'})
"""Transforms that crop an image at a box."""

Found = tuple[np.ndarray, np.ndarray]
"""Keypoints (N, K, 2) in image px, and their scores (N, K)."""


def takes_boxes(pipeline: Sequence[dict]) -> bool:
    """Tell whether a data pipeline crops at boxes, or takes whole images."""
    kinds = (getattr(t['type'], '__name__', t['type']) for t in pipeline)
    return any(kind.rpartition('.')[2] in BOX_TRANSFORMS for kind in kinds)


class FrontEnd(ABC):
    """One way to look at a frame.

    Args:
        meta (dict): Layout of the joints as mmpose parses it; may be empty.
        num_keypoints (int): K, the joints of a pose.
    """

    def __init__(self, meta: dict[str, Any], num_keypoints: int) -> None:
        self.meta, self.num_keypoints = meta, num_keypoints

    @abstractmethod
    def records(self, frame: Frame) -> list[dict]:
        """Make the records that the data pipeline is given: any number of them."""

    @abstractmethod
    def read(self, instances: Any) -> Found:
        """Take the poses of one record out of ``pred_instances``."""

    @abstractmethod
    def boxes(self, records: list[dict], found: Found) -> tuple[np.ndarray, np.ndarray]:
        """Give the boxes (N, 4) of the poses of a frame, and their scores (N,)."""

    def result(
        self, frame: Frame, records: list[dict], outputs: list[Found]
    ) -> PoseResult:
        """Put the poses of all records of a frame together."""
        points = np.zeros((0, self.num_keypoints, 2), np.float32)
        scores = np.zeros((0, self.num_keypoints), np.float32)
        if outputs:
            points, scores = (
                np.concatenate(part).astype(np.float32)
                for part in zip(*outputs, strict=True)
            )
        boxes, box_scores = self.boxes(records, (points, scores))
        return PoseResult(
            file=frame.file,
            frame=frame.index,
            image=frame.image,
            boxes=boxes.astype(np.float32),
            box_scores=box_scores.astype(np.float32),
            keypoints=points,
            scores=scores,
        )

    def _record(self, frame: Frame, number: int, **more: Any) -> dict:
        return {
            **self.meta,
            'img': frame.image,
            'img_path': frame.file,
            'id': number,
            'img_id': frame.index,
            **more,
        }


class BoxFrontEnd(FrontEnd):
    """One crop, and one pose, for each box.

    Args:
        boxes (Boxes): The boxes of every image.
        meta (dict): See :class:`FrontEnd`, like the rest.
        num_keypoints (int): K.
    """

    def __init__(self, boxes: Boxes, meta: dict[str, Any], num_keypoints: int) -> None:
        super().__init__(meta, num_keypoints)
        self.source = boxes

    def records(self, frame: Frame) -> list[dict]:  # noqa: D102
        height, width = frame.image.shape[:2]
        boxes, scores = self.source.of(frame.file, (width, height))
        return [
            self._record(frame, i, bbox=boxes[i : i + 1], bbox_score=scores[i : i + 1])
            for i in range(len(boxes))
        ]

    def read(self, instances: Any) -> Found:
        """Take the surest pose of the crop, where its network gives several."""
        points, scores = _arrays(instances)
        best = int(scores.mean(-1).argmax())
        return points[best, None], scores[best, None]

    def boxes(self, records: list[dict], found: Found) -> tuple:  # noqa: D102
        if not records:
            return np.zeros((0, 4)), np.zeros(0)
        keys = ('bbox', 'bbox_score')
        return tuple(np.concatenate([r[key] for r in records]) for key in keys)


class WholeImageFrontEnd(FrontEnd):
    """The whole image at once, with any number of poses in it."""

    def records(self, frame: Frame) -> list[dict]:  # noqa: D102
        count = self.num_keypoints
        record = self._record(frame, frame.index)
        # Views move the keypoints of a record; that of a new image has none.
        record.update(
            frame=frame.file,
            labelled=False,
            keypoints=np.zeros((0, count, 2), np.float32),
            keypoints_visible=np.zeros((0, count), np.float32),
        )
        return [record]

    def read(self, instances: Any) -> Found:
        """Take all poses in which a joint was found."""
        points, scores = _arrays(instances)
        filled = (scores > 0).any(-1)
        return points[filled], scores[filled]

    def boxes(self, records: list[dict], found: Found) -> tuple:
        """Extent of the joints that were found."""
        points, missing = found[0], (found[1] <= 0)[..., None]
        low = np.where(missing, np.inf, points).min(1, initial=np.inf)
        high = np.where(missing, -np.inf, points).max(1, initial=-np.inf)
        return np.concatenate([low, high], 1), np.ones(len(points))


def _arrays(instances: Any) -> Found:
    points = to_numpy(instances.keypoints)[..., :2]
    return points, to_numpy(instances.keypoint_scores)
