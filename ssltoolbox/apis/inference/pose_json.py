"""Predicted poses as one COCO-like JSON file."""

from pathlib import Path
from typing import Any

import numpy as np

from ssltoolbox.apis.inference.pose_result import PoseResult
from ssltoolbox.utils.json_file import write_json


class PoseJson:
    """Collect results and write them as images, annotations and categories.

    ``keypoints`` are x, y in image px and the confidence, joint after joint;
    ``score`` is the mean confidence times the score of the box; ``bbox`` is x, y,
    width, height. Frames of a video carry their number in ``frame``.

    Args:
        meta (dict): Layout of the joints as mmpose parses it; may be empty.
        info (dict): What made the poses, stored as it is.
    """

    def __init__(self, meta: dict[str, Any], info: dict[str, Any]) -> None:
        names = meta.get('keypoint_id2name', {})
        category = {
            'id': 1,
            'name': str(meta.get('dataset_name', 'pose')),
            'keypoints': [names[k] for k in sorted(names)],
            'skeleton': [[a + 1, b + 1] for a, b in meta.get('skeleton_links', [])],
        }
        self.content: dict[str, Any] = {
            'info': info,
            'images': [],
            'annotations': [],
            'categories': [category],
        }

    def add(self, result: PoseResult) -> None:
        """Add the poses of one image or frame."""
        images, poses = self.content['images'], self.content['annotations']
        height, width = result.image.shape[:2]
        image_id = len(images) + 1
        images.append(
            {
                'id': image_id,
                'file_name': result.file,
                'frame': result.frame,
                'width': width,
                'height': height,
            }
        )
        for i, box in enumerate(result.boxes):
            joints = np.column_stack([result.keypoints[i], result.scores[i]])
            size = box[2:] - box[:2] + 1
            score = result.scores[i].mean() * result.box_scores[i]
            poses.append(
                {
                    'id': len(poses) + 1,
                    'image_id': image_id,
                    'category_id': 1,
                    'bbox': _rounded([*box[:2], *size]),
                    'keypoints': _rounded(joints.ravel()),
                    'score': round(float(score), 4),
                }
            )

    def write(self, path: str | Path) -> None:
        """Write the file, whole or not at all."""
        write_json(path, self.content)


def _rounded(values: Any) -> list[float]:
    return [round(float(value), 3) for value in values]
