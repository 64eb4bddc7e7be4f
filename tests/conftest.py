"""What every test shares: few threads, no GPU, no screen, folders of outside data."""

import os
from pathlib import Path

import pytest

os.environ.setdefault('OMP_NUM_THREADS', '1')
os.environ['MPLBACKEND'] = 'Agg'
if not os.environ.get('SSLTOOLBOX_TEST_GPU'):
    # equal bits and processes without GPUs of their own are what most tests are about
    os.environ['CUDA_VISIBLE_DEVICES'] = ''

_ROOT = Path(__file__).parents[1]
OFTEN = {
    'val_interval': 1,
    'watch_interval': 2,
    'picture_interval': 2,
    'default_hooks.logger.interval': 1,
    'visualizer.vis_backends': [{'type': 'LocalVisBackend'}],
    'log_level': 'WARNING',
}
"""Options of short runs in which all that happens now and then happens at once."""


def _folder(variable: str, default: str) -> Path:
    """Give the folder that ``variable`` names, else one beside the checkout."""
    folder = Path(os.environ.get(variable) or _ROOT.parent / 'shared' / default)
    if not folder.is_dir():
        pytest.skip(f'{folder} is absent: set {variable} to the folder')
    return folder


@pytest.fixture(scope='session')
def real_data() -> Path:
    """The folder of real data sets (``SSLTOOLBOX_DATA``); skips where it is absent."""
    return _folder('SSLTOOLBOX_DATA', 'data')


@pytest.fixture(scope='session')
def golden_dir() -> Path:
    """The folder of golden vectors (``SSLTOOLBOX_GOLDEN``); skips without it."""
    return _folder('SSLTOOLBOX_GOLDEN', 'golden')


@pytest.fixture(scope='session', autouse=True)
def few_threads() -> None:
    """Keep torch and OpenCV from fighting other jobs for the cores."""
    import cv2
    import torch

    torch.set_num_threads(1)
    cv2.setNumThreads(0)


@pytest.fixture
def film(tmp_path) -> Path:
    """``film.mp4``: 10 frames of 64 x 48 px, frame n with grey value 20 n."""
    import cv2
    import numpy as np

    path = tmp_path / 'film.mp4'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'mp4v'), 5, (64, 48))
    if not writer.isOpened():
        pytest.skip('this OpenCV cannot write mp4')
    for number in range(10):
        writer.write(np.full((48, 64, 3), 20 * number, np.uint8))
    writer.release()
    return path


@pytest.fixture(scope='session')
def toy(tmp_path_factory) -> Path:
    """24 train, 4 val and 2 test images of two species, in the layout of AP-10K."""
    from ssltoolbox.testing.toy_animals.generate import generate
    from ssltoolbox.testing.toy_animals.zoo import SPECIES

    return generate(
        tmp_path_factory.mktemp('toy') / 'animals',
        num_train=24,
        num_val=4,
        num_test=2,
        image_size=(64, 80),
        species=[species.name for species in SPECIES[:2]],
        progress=False,
    )


@pytest.fixture(scope='session')
def persons(tmp_path_factory) -> Path:
    """12 train, 3 val and 2 test images of persons, in the layout of COCO."""
    from ssltoolbox.testing.toy_persons.generate import generate

    folder = tmp_path_factory.mktemp('toy') / 'persons'
    counts = dict(num_train=12, num_val=3, num_test=2)
    return generate(folder, **counts, image_size=(64, 80), progress=False)


@pytest.fixture(scope='session')
def instruments(tmp_path_factory) -> Path:
    """8 train, 2 val and 6 test frames of instruments, with joints and masks."""
    from ssltoolbox.testing.toy_instruments.generate import generate

    folder = tmp_path_factory.mktemp('toy') / 'instruments'
    counts = dict(num_train=8, num_val=2, num_seen=4, num_unseen=2)
    return generate(folder, **counts, width=100, progress=False)


@pytest.fixture(scope='session')
def polyps(tmp_path_factory) -> Path:
    """8 train, 3 valid, 3 test and 4 unlabelled images of polyps, with masks."""
    from ssltoolbox.testing.toy_polyps.generate import generate

    folder = tmp_path_factory.mktemp('toy') / 'polyps'
    counts = dict(num_train=8, num_valid=3, num_test=3, num_unlabelled=4)
    return generate(folder, **counts, progress=False)


@pytest.fixture(scope='session')
def tubes(tmp_path_factory) -> Path:
    """Two patients with 6 frames each, and points without noise."""
    from ssltoolbox.testing.toy_tubes.generate import generate

    small = dict(patients=2, frames=6, width=128, points=120, progress=False)
    folder = tmp_path_factory.mktemp('toy') / 'tubes'
    return generate(folder, noise=0, outliers=0, **small)


@pytest.fixture(scope='session')
def four_tubes(tmp_path_factory) -> Path:
    """6 frames of each of four tubes, with structure from motion and exact depth."""
    from ssltoolbox.testing.toy_tubes.generate import generate

    folder = tmp_path_factory.mktemp('toy') / 'tubes'
    counts = dict(patients=4, frames=6, points=150)
    return generate(folder, **counts, width=96, progress=False)


@pytest.fixture(scope='session')
def tiny_persons(persons) -> dict:
    """``--cfg-options`` of PoseDual's toy config, for seconds on those persons."""
    return {
        'data_root': str(persons),
        'labels': 4,
        'codec.input_size': [48, 64],
        'codec.heatmap_size': [24, 32],
        'student.backbone.base_channels': 8,
        'student.backbone.stem_channels': 8,
        'student.head.in_channels': 64,
        'student.head.deconv_out_channels': [8, 8, 8],
        'num_workers': 0,
        'epochs': 2,
        'milestones': [1],
        'batch_size': 8,
        'val_interval': 1,
        'watch_interval': 2,
        'picture_interval': 5,
        'metric': 'pck/AUC',
        'visualizer.vis_backends': [{'type': 'LocalVisBackend'}],
        'log_level': 'WARNING',
    }


@pytest.fixture(scope='session')
def tiny_instruments(instruments) -> dict:
    """``--cfg-options`` of the toy configs of instruments, for seconds on those."""
    return {
        'data_root': str(instruments),
        'labels': 0.5,
        'codec.input_size': [40, 32],
        'codec.heatmap_size': [40, 32],
        'codec.sigma': 1.5,
        'student.backbone.base_channels': 8,
        'student.head.in_channels': 8,
        'num_workers': 0,
        'supervised_epochs': 2,
        'epochs': 2,
        'epoch_length': 2,
        'batch_size': 4,
        'ramp_length': 3,
        'semi_stage.model.log_interval': 1,
        **OFTEN,
    }


@pytest.fixture(scope='session')
def tiny_polyps(polyps) -> dict:
    """``--cfg-options`` of the toy configs of polyps, for seconds on those."""
    return {
        'data_root': str(polyps),
        'labels': 0.5,
        'input_size': [64, 64],
        'num_workers': 0,
        'supervised_epochs': 2,
        'epochs': 2,
        'epoch_length': 2,
        'batch_size': 4,
        'ramp_length': 3,
        **OFTEN,
    }


@pytest.fixture(scope='session')
def tiny_tubes(four_tubes) -> dict:
    """``--cfg-options`` of the toy configs of depth, for seconds on those tubes."""
    return {
        'data_root': str(four_tubes),
        'input_size': [48, 32],
        'sfm_settings.multiple': 16,
        'adjacent': [1, 3],
        'train_set.patients': [1, 2],
        'val_set.patients': [3],
        'test_set.patients': [4],
        'student.backbone.down_layers': [2, 2],
        'student.backbone.middle_layers': 2,
        'student.backbone.growth': 4,
        'student.backbone.first_channels': 8,
        'student.decode_head.in_channels': 32,
        'semi_stage.model.log_interval': 1,
        'num_workers': 0,
        'epochs': 2,
        'epoch_length': 2,
        'batch_size': 2,
        'half_cycle': 3,
        **OFTEN,
    }


@pytest.fixture(scope='session')
def tiny_stages(tiny_tubes) -> dict:
    """``--cfg-options`` of the three stages, for seconds on those tubes."""
    return tiny_tubes | {
        'teacher_network.backbone.depth': 3,
        'teacher_network.backbone.base_channels': 4,
        'teacher_network.decode_head.in_channels': 4,
        'teacher_epochs': 2,
        'distil_epochs': 2,
    }


@pytest.fixture(scope='session')
def tool():
    """Import a file of tools/ as a module."""
    import importlib.util

    def load(name):
        path = _ROOT / 'tools' / f'{name}.py'
        spec = importlib.util.spec_from_file_location(f'{name}_tool', path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load
