"""What was found in one image."""

from dataclasses import dataclass

import numpy as np


@dataclass
class PoseResult:
    """What was found in one image or video frame.

    Args:
        file (str): Path relative to the folder given, else the file's name.
        frame (int): Frame number in a video from 0; 0 for still images.
        image (np.ndarray): (H, W, 3) uint8, BGR: the picture itself.
        boxes (np.ndarray): (N, 4) x1, y1, x2, y2 in image px, float32: those that
            were given, or the extent of the joints found in a whole image.
        box_scores (np.ndarray): (N,) in [0, 1].
        keypoints (np.ndarray): (N, K, 2) x, y in image px, float32.
        scores (np.ndarray): (N, K) confidence of each joint, about [0, 1]; 0 for a
            joint that was not found.
    """

    file: str
    frame: int
    image: np.ndarray
    boxes: np.ndarray
    box_scores: np.ndarray
    keypoints: np.ndarray
    scores: np.ndarray
