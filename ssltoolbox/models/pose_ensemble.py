"""Several pose networks that predict together."""

from collections.abc import Sequence

import torch
from mmengine.model import BaseModel
from torch import Tensor, nn

from ssltoolbox.registry import MODELS  # noqa: F401  prepares the import of mmpose

from mmpose.models.utils.tta import flip_heatmaps  # isort: skip


class PoseEnsemble(BaseModel):
    """Top-down networks whose heatmaps are averaged before they are decoded.

    Preprocessing, flip test and decoding are those of the first network.

    Args:
        networks: mmpose estimators with heatmap heads and equal codecs.
    """

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)
        self.data_preprocessor = networks[0].data_preprocessor
        self.test_cfg, self.head = networks[0].test_cfg, networks[0].head

    def forward(self, inputs: Tensor, data_samples=None, mode: str = 'tensor'):
        """Return mean heatmaps (B, K, h, w), or samples with their predictions.

        Args:
            inputs: (B, 3, H, W).
            data_samples: Data samples, for mode ``'predict'``.
            mode: ``'tensor'`` or ``'predict'``.
        """
        if mode == 'tensor':
            return mean_heatmaps(list(self.networks), inputs)
        return predict_together(list(self.networks), inputs, data_samples)


def mean_heatmaps(networks: Sequence[nn.Module], inputs: Tensor) -> Tensor:
    """Average the heatmaps (B, K, h, w) of networks over images (B, 3, H, W)."""
    return torch.stack([n(inputs, None, mode='tensor') for n in networks]).mean(0)


def predict_together(networks: Sequence[nn.Module], inputs: Tensor, samples: list):
    """Decode the mean heatmaps of networks, as one of them would decode its own.

    Args:
        networks: mmpose estimators; flip test and decoding are those of the first.
        inputs: (B, 3, H, W).
        samples: B data samples, which get ``pred_instances``.
    """
    first = networks[0]
    maps, test = mean_heatmaps(networks, inputs), first.test_cfg
    if test.get('flip_test', False):
        mirrored = flip_heatmaps(
            mean_heatmaps(networks, inputs.flip(-1)),
            flip_mode=test.get('flip_mode', 'heatmap'),
            flip_indices=samples[0].metainfo['flip_indices'],
            shift_heatmap=test.get('shift_heatmap', False),
        )
        maps = (maps + mirrored) * 0.5
    instances = first.head.decode(maps)
    return first.add_pred_to_datasample(instances, None, samples)
