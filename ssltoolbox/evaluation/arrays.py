"""Read fields of data samples, whether the model left tensors or arrays."""

import numpy as np
import torch


def to_numpy(value: np.ndarray | torch.Tensor) -> np.ndarray:
    """Give ``value`` as a float array on the host; 16-bit floats become float32."""
    if isinstance(value, torch.Tensor):
        value = value.detach().float().cpu().numpy()
    return np.asarray(value)


def labelled_joints(instances: dict) -> np.ndarray:
    """Which joints of ``gt_instances`` are labelled, visible or not: (N, K) bool."""
    visible = to_numpy(instances['keypoints_visible'])
    return (visible[..., 0] if visible.ndim == 3 else visible) > 0
