"""What the readers of whole images with any number of instances have in common."""

from typing import Any, ClassVar

import numpy as np

from ssltoolbox.datasets.pose.base import LayoutDataset


class WholeImagePoseDataset(LayoutDataset):
    """One record per image, with the keypoints of all instances in it.

    A record has ``img_path``, ``img_id`` and the equal ``id``, ``frame`` (a name),
    ``sequence`` (name of the video), ``annotated``, ``keypoints`` (N, K, 2) in image
    pixels, ``keypoints_visible`` (N, K), and the keypoint layout. N may be 0; a
    missing joint is at 0 with visibility 0. Both arrays are float32.

    Args:
        kwargs: Fields of mmpose's ``BaseCocoStyleDataset``, such as ``data_root``,
            ``metainfo``, ``pipeline`` and ``test_mode``.
    """

    MAX_INSTANCES: ClassVar[int | None] = None
    """How many instances an image shows at most, None for any number."""

    def __init__(self, **kwargs: Any) -> None:
        if kwargs.setdefault('data_mode', 'bottomup') != 'bottomup':
            raise ValueError(
                f'{type(self).__name__} reads whole images, data_mode='
                f'{kwargs["data_mode"]!r} is not possible. Export the data with '
                'tools/dataset_converters/instruments2coco.py for one instance per '
                'record.'
            )
        super().__init__(**kwargs)

    def _record(
        self,
        id_: int,
        path: str,
        frame: str,
        sequence: str = '',
        joints: np.ndarray | None = None,
    ) -> dict[str, Any]:
        """Make a record.

        Args:
            id_: Unique number of the image.
            path: Its file.
            frame: Its unique name.
            sequence: The video that it is of.
            joints: (N, K, 3) x, y in image pixels and visible; None if nobody marked
                the image.
        """
        annotated = joints is not None
        if joints is None:
            joints = np.zeros((0, self._metainfo['num_keypoints'], 3))
        joints = joints.astype(np.float32)
        return dict(
            id=id_,
            img_id=id_,
            img_path=path,
            frame=frame,
            sequence=sequence,
            annotated=annotated,
            keypoints=joints[..., :2].copy(),
            keypoints_visible=joints[..., 2].copy(),
        )
