"""Which class every pixel of an image has."""

from dataclasses import dataclass

import numpy as np


@dataclass
class SegResult:
    """The mask of one image or video frame.

    Args:
        file (str): Path relative to the folder given, else the file's name.
        frame (int): Frame number in a video from 0; 0 for still images.
        image (np.ndarray): (H, W, 3) uint8, BGR: the picture itself.
        classes (np.ndarray): (H, W) uint8, class ids in the size of the image.
        confidence (np.ndarray | None): (H, W) float32, probability of the class in
            0..1; None for a mask that was there before.
    """

    file: str
    frame: int
    image: np.ndarray
    classes: np.ndarray
    confidence: np.ndarray | None = None

    def areas(self, num_classes: int) -> np.ndarray:
        """Count the pixels of each class, (num_classes,) int64."""
        return np.bincount(self.classes.ravel(), minlength=num_classes)[:num_classes]
