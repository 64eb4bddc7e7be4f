"""Read fields of data samples, whether the model left tensors or arrays."""

import numpy as np
import torch


def to_numpy(value: np.ndarray | torch.Tensor) -> np.ndarray:
    """Give ``value`` as a float array on the host; 16-bit floats become float32."""
    if isinstance(value, torch.Tensor):
        value = value.detach().float().cpu().numpy()
    return np.asarray(value)
