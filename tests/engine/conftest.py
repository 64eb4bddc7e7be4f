"""A runner so small that one training takes a fraction of a second."""

from uuid import uuid4

import pytest


@pytest.fixture
def tiny(tmp_path):
    """Build a runner of the toy model in ``tmp_path``; keywords override its config."""
    import numpy as np
    import torch
    from mmengine.model import BaseModel
    from torch import nn

    from ssltoolbox.engine.runner import Runner

    class Data(torch.utils.data.Dataset):
        metainfo = {'dataset_name': 'tiny', 'sigmas': np.ones(3, np.float32)}

        def __len__(self):
            return 4

        def __getitem__(self, index):
            return {'inputs': torch.full((2,), float(index))}

    class Model(BaseModel):
        def __init__(self, width=3, fail_at=None, scale=1.0):
            super().__init__()
            self.layer = nn.Linear(2, width)
            self.fail_at, self.scale, self.calls = fail_at, scale, 0

        def forward(self, inputs, mode='loss'):
            inputs = torch.stack(inputs)
            if mode != 'loss':
                return [float(self.layer(inputs).sum())]
            self.calls += 1
            if self.calls == self.fail_at:
                raise KeyboardInterrupt
            noise = torch.rand_like(inputs)
            return {
                'loss': self.scale * (self.layer(inputs) + noise.sum()).pow(2).mean()
            }

    def build(work_dir='run', epochs=3, model=None, val=None, hooks=(), **config):
        data = dict(dataset=Data(), batch_size=2, num_workers=0)
        evaluate = {}
        if val is not None:
            sampler = dict(type='DefaultSampler', shuffle=False)
            evaluate = dict(
                val_dataloader=dict(**data, sampler=sampler),
                val_cfg=dict(),
                val_evaluator=[val],
            )
        shuffle = dict(type='DefaultSampler', shuffle=True)
        checkpoint = dict(type='ssltoolbox.CheckpointHook', interval=1)
        runner = dict(
            work_dir=str(tmp_path / work_dir),
            train_dataloader=dict(**data, sampler=shuffle),
            train_cfg=dict(type='ssltoolbox.EpochTrainLoop', max_epochs=epochs),
            optim_wrapper=dict(optimizer=dict(type='Adam', lr=0.1)),
            param_scheduler=dict(type='MultiStepLR', milestones=[1], by_epoch=True),
            default_hooks=dict(checkpoint=checkpoint),
            custom_hooks=list(hooks),
            randomness=dict(seed=7),
            default_scope='mmengine',
            log_level='WARNING',
            experiment_name=f'tiny-{uuid4()}',
        )
        torch.manual_seed(0)
        return Runner(Model(**model or {}), **{**runner, **evaluate, **config})

    build.Model = Model
    return build
