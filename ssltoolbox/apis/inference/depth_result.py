"""How far every pixel of a picture is."""

from dataclasses import dataclass

import numpy as np
import torch

from ssltoolbox.apis.inference.depth_view import DepthView
from ssltoolbox.apis.inference.image_source import Frame
from ssltoolbox.datasets.depth.frame_window import FrameWindow
from ssltoolbox.evaluation.depth_errors import depth_errors
from ssltoolbox.geometry.point_cloud import PointCloud, point_cloud
from ssltoolbox.losses.depth_scale import scale_to_sparse


@dataclass
class DepthResult:
    """Depth of the window of one image or video frame.

    Args:
        file (str): Path relative to the folder given, else the file's name.
        frame (int): Frame number in a video from 0; 0 for still images.
        image (np.ndarray): (h, w, 3) uint8, BGR: the window of the picture.
        depth (np.ndarray): (h, w) float32, 0 where nothing is seen. In the unit of
            structure from motion where ``scale`` is known, else in one of the network's
            own.
        valid (np.ndarray): (h, w) bool, pixels that show the scene.
        window (FrameWindow): Where the window lies in the picture.
        picture_size (tuple): (W, H) of the picture in px.
        intrinsics (np.ndarray | None): (3, 3) in pixels of the window.
        scale (float | None): By which the output of the network was multiplied to fit
            the points of structure from motion; None without points.
        error (float | None): ``AbsRel`` at those points, after scaling.
        known (bool): Whether it was there before.
    """

    file: str
    frame: int
    image: np.ndarray
    depth: np.ndarray
    valid: np.ndarray
    window: FrameWindow
    picture_size: tuple[int, int]
    intrinsics: np.ndarray | None = None
    scale: float | None = None
    error: float | None = None
    known: bool = False

    @property
    def unit(self) -> str:
        """``'sfm'`` or ``'network'``."""
        return 'network' if self.scale is None else 'sfm'

    def cloud(self, stride: int = 1) -> PointCloud:
        """Put a coloured point at every valid pixel, in coordinates of the camera.

        Args:
            stride: Take every n-th row and column.

        Raises:
            ValueError: The camera is not known, or the stride is not positive.
        """
        if self.intrinsics is None:
            raise ValueError(
                f'{self.file}: a cloud of points needs the intrinsics of the camera: '
                'give fx, fy, cx, cy in pixels of the picture, or a file '
                'camera_intrinsics_per_view beside it'
            )
        return point_cloud(self.depth, self.image, self.valid, self.intrinsics, stride)


def scaled_result(frame: Frame, view: DepthView, depth: torch.Tensor) -> DepthResult:
    """Scale the depth of a view to its points, if it has any.

    Args:
        frame: The picture.
        view: Its window.
        depth: (1, 1, h, w), as the network gives it.

    Raises:
        ValueError: It is not finite.
    """
    if not torch.isfinite(depth).all():
        raise ValueError(
            f'{frame.file}: the network gives depth that is no finite number; was it '
            'trained until its loss was not finite? Take an earlier checkpoint'
        )
    scale = error = None
    if view.sparse is not None:
        points, weight = (
            torch.from_numpy(each)[None]
            for each in (view.sparse.depth, view.sparse.weight)
        )
        fitted = scale_to_sparse(depth, points, weight)
        error = float(depth_errors(fitted.depth, points, weight)['AbsRel'])
        scale = float(fitted.scale) * view.sparse.unit
        depth = depth * scale
    return DepthResult(
        file=frame.file,
        frame=frame.index,
        image=view.image,
        depth=depth[0, 0].numpy(),
        valid=view.valid,
        window=view.window,
        picture_size=frame.image.shape[1::-1],
        intrinsics=view.intrinsics,
        scale=scale,
        error=error,
    )
