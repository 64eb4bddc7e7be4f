from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TINY = {
    'codec.input_size': [64, 64],
    'codec.heatmap_size': [32, 32],
    'student.backbone.base_channels': 8,
    'student.backbone.stem_channels': 8,
    'student.head.in_channels': 64,
    'student.head.deconv_out_channels': [16, 16, 16],
    'num_workers': 0,
    'supervised_epochs': 1,
    'supervised_milestones': [1],
    'supervised_batch_size': 4,
    'supervised_epoch_length': 2,
    'pseudo_label_job.batch_size': 8,
    'semi_epochs': 1,
    'semi_batch_size': 4,
    'visualizer.vis_backends': [{'type': 'LocalVisBackend'}],
    'log_level': 'WARNING',
}


@pytest.fixture(scope='session')
def toy_config() -> Path:
    """The toy config, to be used with the ``tiny`` options."""
    return ROOT / 'configs' / 'scarcenet' / 'resnet18_toyanimals_5shot.py'


@pytest.fixture(scope='session')
def tiny(toy) -> dict:
    """``--cfg-options`` for seconds of training on a few toy animals."""
    return TINY | {'data_root': str(toy)}
