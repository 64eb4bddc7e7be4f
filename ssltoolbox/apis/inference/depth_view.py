"""A picture as a depth network sees it."""

from dataclasses import dataclass

import numpy as np

from ssltoolbox.apis.inference.image_source import Frame
from ssltoolbox.datasets.depth.frame_window import FrameWindow
from ssltoolbox.datasets.transforms.load_sfm_frame import VALID


@dataclass(frozen=True)
class SparseDepth:
    """Depth that structure from motion knows of a frame.

    Attributes:
        depth: (1, h, w) float32, in ``unit``; 0 where nothing is known.
        weight: (1, h, w) float32.
        unit: Length of one unit of depth, in the unit of structure from motion.
    """

    depth: np.ndarray
    weight: np.ndarray
    unit: float


@dataclass(frozen=True)
class DepthView:
    """The window of a picture.

    Attributes:
        image: (h, w, 3) uint8, BGR.
        mask: (h, w) uint8, 255 where it shows the scene.
        window: Where it lies.
        intrinsics: (3, 3) in pixels of the window; None if they are not known.
        sparse: What structure from motion knows; None if nothing.
    """

    image: np.ndarray
    mask: np.ndarray
    window: FrameWindow
    intrinsics: np.ndarray | None = None
    sparse: SparseDepth | None = None

    @property
    def valid(self) -> np.ndarray:
        """(h, w) bool, pixels that the network sees."""
        return self.mask / 255 > VALID


def record(frame: Frame, view: DepthView) -> dict:
    """What the pipeline of a data set is given of a picture."""
    step = 1 / view.window.downsampling
    left, top = view.window.left, view.window.top
    return dict(
        img=view.image,
        valid=view.valid.astype(np.float32)[None],
        view=np.array([[step, 0, -left], [0, step, -top], [0, 0, 1]]),
        img_path=frame.file,
        id=frame.index,
        img_id=frame.index,
        img_shape=view.mask.shape,
        ori_shape=frame.image.shape[:2],
        labelled=False,
    )
