import copy

import pytest
import torch
from mmengine.model import ImgDataPreprocessor
from mmengine.structures import InstanceData, PixelData
from mmseg.structures import SegDataSample

from ssltoolbox.registry import MODELS
from ssltoolbox.testing.tiny_pose import tiny_network, view_batch


def build():
    base = tiny_network()['data_preprocessor']
    return MODELS.build(dict(type='ssltoolbox.BranchDataPreprocessor', base=base)), base


def test_every_view_is_what_the_networks_own_preprocessor_makes_of_it():
    both, base = build()
    own = MODELS.build(base)
    batch = view_batch()
    done = both(batch, training=True)
    assert set(done['inputs']) == {'strong', 'weak', 'plain'}
    for view, images in batch['inputs'].items():
        alone = own(
            {'inputs': images, 'data_samples': batch['data_samples'][view]}, True
        )
        assert torch.equal(done['inputs'][view], alone['inputs'])
        assert done['inputs'][view].shape == (4, 3, 64, 64)
        assert len(done['data_samples'][view]) == 4


def test_a_plain_batch_is_passed_on():
    both, base = build()
    batch = view_batch()
    plain = {key: batch[key]['plain'] for key in batch}
    alone = MODELS.build(base)(plain, False)
    assert torch.equal(both(plain, False)['inputs'], alone['inputs'])


def test_a_preprocessor_of_mmseg_pads_images_and_masks_as_before():
    base = dict(
        type='mmseg.SegDataPreProcessor',
        mean=[1, 2, 3],
        std=[4, 5, 6],
        bgr_to_rgb=True,
        size=(6, 8),
        seg_pad_val=255,
    )
    both = MODELS.build(dict(type='ssltoolbox.BranchDataPreprocessor', base=base))
    # of one size, and of several
    for widths in ([5, 5], [5, 7]):
        inputs, samples = [], []
        for width in widths:
            inputs.append(torch.randint(255, (3, 4, width), dtype=torch.uint8))
            samples.append(SegDataSample(gt_sem_seg=PixelData(data=inputs[-1][:1])))
        batch = {'inputs': inputs, 'data_samples': samples}
        own = MODELS.build(base)(copy.deepcopy(batch), True)
        done = both(batch, True)
        assert torch.equal(done['inputs'], own['inputs'])
        for ours, theirs in zip(done['data_samples'], own['data_samples'], strict=True):
            assert torch.equal(ours.gt_sem_seg.data, theirs.gt_sem_seg.data)
            assert ours.metainfo == theirs.metainfo
        # what was given can be given again
        assert samples[0].gt_sem_seg.shape == (4, 5) and samples[0].metainfo == {}


class Brightening(ImgDataPreprocessor):
    """Works on raw images."""

    def forward(self, data, training=False):
        data = data | {'inputs': [image.clamp(min=10) for image in data['inputs']]}
        return super().forward(data, training)


def test_a_preprocessor_of_ones_own_still_sees_raw_images():
    base = dict(type=Brightening, mean=[1] * 3, std=[2] * 3, bgr_to_rgb=True)
    both = MODELS.build(dict(type='ssltoolbox.BranchDataPreprocessor', base=base))
    image = torch.arange(27, dtype=torch.uint8).view(3, 3, 3)
    done = both({'inputs': [image, image], 'data_samples': None})['inputs']
    assert torch.equal(done[1], (image.flip(0).clamp(min=10).float() - 1) / 2)
    assert torch.allclose(both.undo(done)[0], image.clamp(min=10).float())


def test_samples_move_to_the_device_as_those_of_mmengine():
    both = MODELS.build(
        dict(
            type='ssltoolbox.BranchDataPreprocessor',
            base=dict(type='ImgDataPreprocessor'),
        )
    ).to('meta')
    sample = SegDataSample(gt_sem_seg=PixelData(data=torch.ones(1, 2, 2)))
    sample.set_metainfo(dict(name='a'))
    moved, theirs = both.cast_data(sample), sample.to('meta')
    assert moved.gt_sem_seg.data.is_meta and not sample.gt_sem_seg.data.is_meta
    assert moved.keys() == theirs.keys() and moved.metainfo == theirs.metainfo
    moved.set_metainfo(dict(more=1))
    moved.instances = InstanceData()
    assert sample.metainfo == dict(name='a') and 'instances' not in sample.keys()


@pytest.mark.parametrize('channels', [1, 3])
def test_colours_are_swapped_and_other_channels_stay(channels):
    base = dict(type='ImgDataPreprocessor', bgr_to_rgb=True)
    both = MODELS.build(dict(type='ssltoolbox.BranchDataPreprocessor', base=base))
    image = torch.arange(channels, dtype=torch.float).view(channels, 1, 1)
    done = both({'inputs': [image], 'data_samples': None})['inputs']
    assert done.flatten().tolist() == ([2, 1, 0] if channels == 3 else [0])
