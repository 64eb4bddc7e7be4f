"""The shipped stages learn four images by heart, in miniature."""

from pathlib import Path

import pytest
import torch
from mmengine.dataset import pseudo_collate
from mmengine.optim import OptimWrapper
from mmengine.registry import init_default_scope

from ssltoolbox.apis.config import load_config
from ssltoolbox.datasets.sampler import Draw
from ssltoolbox.datasets.transforms.branches import branch_collate
from ssltoolbox.registry import DATASETS, MODELS
from ssltoolbox.semi.progress import Progress

CONFIG = Path(__file__).parents[1] / 'configs/scarcenet/resnet18_toyanimals_5shot.py'
OPTIONS = {
    'codec.input_size': [64, 64],
    'codec.heatmap_size': [32, 32],
    'student.backbone.base_channels': 8,
    'student.backbone.stem_channels': 8,
    'student.head.in_channels': 64,
}


@pytest.mark.parametrize(
    'stage, collate', [('supervised', pseudo_collate), ('semi', branch_collate)]
)
def test_the_loss_of_four_images_falls(toy, stage, collate):
    init_default_scope('mmpose')
    cfg = load_config(CONFIG, stage, OPTIONS | {'data_root': str(toy)})
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    batch = collate([dataset[Draw(i, 7 + i)] for i in range(4)])
    torch.manual_seed(0)
    model = MODELS.build(cfg.model)
    model.init_weights()
    if stage == 'semi':
        model.progress = Progress(epoch=5)
    model.train()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    wrapper = OptimWrapper(optimizer)
    seen = []
    for _ in range(240):
        losses = model._run_forward(model.data_preprocessor(batch, True), mode='loss')
        total, _ = model.parse_losses(losses)
        wrapper.update_params(total)
        if stage == 'semi':
            model.after_optimizer_step()
        seen.append(total.item())
    assert seen[-1] < 0.5 * seen[0]
