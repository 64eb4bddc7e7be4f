import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip('mmseg')

from ssltoolbox.datasets.transforms.branches import Branches, branch_collate  # noqa: E402


def record(labelled):
    made = dict(
        img=np.random.default_rng(0).integers(0, 256, (60, 90, 3), np.uint8),
        img_id=3,
        img_path='a.png',
        ori_shape=(60, 90),
        img_shape=(60, 90),
        labelled=labelled,
    )
    if labelled:
        made['gt_seg_map'] = np.full((60, 90), 2, np.uint8)
    return made


def steps(**view):
    look = {'type': 'ssltoolbox.ImageView', 'input_size': (36, 30), **view}
    return [look, dict(type='ssltoolbox.PackSegView')]


@pytest.mark.parametrize('labelled', [True, False])
def test_a_sample_carries_its_mask_and_what_moves_predictions(labelled):
    packed = Branches(strong=steps())(record(labelled))
    image, sample = (packed[k]['strong'] for k in ('inputs', 'data_samples'))
    assert type(sample).__name__ == 'SegDataSample'
    assert tuple(image.shape) == (3, 30, 36) and image.is_contiguous()
    assert ('gt_sem_seg' in sample) == labelled == sample.metainfo['labelled']
    if labelled:
        assert sample.gt_sem_seg.data.shape == (1, 30, 36)
        assert sample.gt_sem_seg.data.unique().tolist() == [2]
    meta = sample.metainfo
    assert meta['view'].shape == (3, 3) and meta['view'].dtype == np.float64
    assert meta['ori_shape'] == (60, 90) and meta['img_shape'] == (30, 36)
    assert meta['img_id'] == 3 and 'flip' not in meta


def test_stored_maps_move_with_the_image():
    made = record(False) | {'pseudo_map': np.ones((3, 15, 18), np.float32)}
    made['pseudo_map'][:, :, :9] = 0
    shifted = dict(hflip_prob=1.0, translation=0, rotation=0)
    mirrored = steps(type='ssltoolbox.RandomImageView', **shifted)
    samples = Branches(weak=steps(), strong=mirrored)(made)['data_samples']
    weak, strong = (samples[name].pseudo_maps.data for name in ('weak', 'strong'))
    assert weak.shape == (3, 15, 18) and (strong - weak.flip(-1)).abs().max() < 1e-6


def test_labelled_and_unlabelled_samples_collate():
    shifted = steps(type='ssltoolbox.RandomImageView')
    views = Branches(strong=shifted, weak=steps())
    batch = branch_collate([views(record(True)), views(record(False))])
    assert [len(batch['data_samples'][name]) for name in ('strong', 'weak')] == [2, 2]
    mask = batch['data_samples']['strong'][0].gt_sem_seg.data
    assert set(mask.unique().tolist()) <= {2, 255}


def test_pose_does_not_import_mmseg_and_segmentation_does_so_in_silence():
    code = (
        'import sys\n'
        'from ssltoolbox.registry import TRANSFORMS\n'
        'TRANSFORMS.build(dict(type="ssltoolbox.PackPoseView"))\n'
        'assert "mmseg.datasets" not in sys.modules\n'
        'TRANSFORMS.build(dict(type="ssltoolbox.PackSegView"))\n'
        'assert "mmseg.datasets" in sys.modules\n'
    )
    done = subprocess.run(
        [sys.executable, '-c', code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, '', '')
