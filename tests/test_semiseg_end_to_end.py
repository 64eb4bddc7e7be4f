"""Semi-Seg on a few generated polyps: whole, killed, measured and used."""

import gc
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from ssltoolbox.apis.train import train
from ssltoolbox.checkpoints.loading import load_checkpoint_file
from ssltoolbox.semi.mask_store import MaskStore

from .interruption import stage_states, train_and_kill

CONFIGS = Path(__file__).parents[1] / 'configs' / 'semiseg'
BOTH = CONFIGS / 'fpenet_toypolyps_model-data-distillation.py'
BASES = ['base_1', 'base_2', 'base_3']


@pytest.fixture(scope='module', autouse=True)
def quick():
    """Leave out what takes longer than the training, and changes nothing of it."""
    gc.freeze()  # data sets collect the garbage of the whole process
    with pytest.MonkeyPatch.context() as patch:
        unformatted = lambda text, **_: (text, False)  # noqa: E731
        patch.setattr('yapf.yapflib.yapf_api.FormatCode', unformatted)
        yield
    gc.unfreeze()


@pytest.fixture(scope='module')
def options(tiny_polyps):
    """Annotation in two batches, so that it can be killed between them."""
    return tiny_polyps | {'annotation.batch_size': 2}


@pytest.fixture(scope='module')
def both(options, tmp_path_factory):
    """Folder and outputs of all stages."""
    folder = tmp_path_factory.mktemp('both')
    return folder, train(BOTH, work_dir=folder, options=options)


def weights(path):
    return load_checkpoint_file(path)['state_dict']


def assert_equal(first, second):
    first, second = weights(first), weights(second)
    assert first.keys() == second.keys()
    for key, value in first.items():
        assert torch.equal(value, second[key]), key


def arguments(options):
    """The options as they are given to a tool."""
    simple = {k: v for k, v in options.items() if 'vis_backends' not in k}
    return ['--cfg-options', *(f'{k}={v}'.replace(' ', '') for k, v in simple.items())]


def test_all_stages_leave_their_results(both, polyps):
    folder, outputs = both
    assert list(outputs) == [*BASES, 'annotate', 'target']
    assert stage_states(folder) == dict.fromkeys(outputs, 'done')
    for name in BASES:
        assert 0 <= outputs[name]['score'] <= 1 and Path(outputs[name]['best']).exists()
    store = MaskStore.read(outputs['annotate']['store'])
    # half of the eight training images
    masks = sorted(Path(outputs['annotate']['store'], 'masks').iterdir())
    assert len(masks) == len(store.accepted) == 4
    height, width = cv2.imread(str(next((polyps / 'Images/train').iterdir()))).shape[:2]
    for path in masks:
        mask = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert mask.shape == (height, width) and set(np.unique(mask)) <= {0, 1}


def test_killed_in_annotation_and_target_it_ends_bit_equal(both, options, tmp_path):
    _, expected = both
    train_and_kill(BOTH, tmp_path, options, 'pseudo_label', 1)
    done = dict.fromkeys(BASES, 'done')
    assert stage_states(tmp_path) == done | {'annotate': 'running'}
    train_and_kill(BOTH, tmp_path, options, 'target', 3)
    assert stage_states(tmp_path)['target'] == 'running'
    outputs = train(BOTH, work_dir=tmp_path, options=options)
    one, two = (Path(o['annotate']['store']) for o in (expected, outputs))
    for path in one.rglob('*.png'):
        assert path.read_bytes() == (two / path.relative_to(one)).read_bytes()
    for stage in (*BASES, 'target'):
        assert_equal(expected[stage]['last'], outputs[stage]['last'])


def test_the_target_is_measured_on_the_test_images(both, options, tool, tmp_path):
    out = tmp_path / 'metrics.json'
    given = [str(BOTH), both[1]['target']['best'], '--split', 'test', '--out', str(out)]
    tool('test').main(
        [*given, '--work-dir', str(tmp_path), *arguments(options)],
    )
    metrics = json.loads(out.read_text())
    assert 0 <= metrics['seg/Dice'] <= 1 and 0 <= metrics['seg/accuracy'] <= 1


def test_masks_are_written_for_a_folder(both, polyps, tool, tmp_path):
    folder, outputs = both
    given = [str(folder / 'target' / 'config.py'), outputs['target']['best']]
    given += [str(polyps / 'unlabeled_images'), '--out', str(tmp_path)]
    tool('infer').main([*given, '--device', 'cpu'])
    names = {path.name for path in (polyps / 'unlabeled_images').iterdir()}
    assert {path.name for path in (tmp_path / 'masks').iterdir()} == names
