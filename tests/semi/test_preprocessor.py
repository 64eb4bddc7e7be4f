import pytest
import torch

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


def test_a_preprocessor_of_mmseg_needs_no_field_of_its_own():
    base = dict(type='mmseg.SegDataPreProcessor', size_divisor=1)
    both = MODELS.build(dict(type='ssltoolbox.BranchDataPreprocessor', base=base))
    assert both.base._non_blocking and 'non_blocking' not in base


@pytest.mark.parametrize('channels', [1, 3])
def test_colours_are_swapped_and_other_channels_stay(channels):
    base = dict(type='ImgDataPreprocessor', bgr_to_rgb=True)
    both = MODELS.build(dict(type='ssltoolbox.BranchDataPreprocessor', base=base))
    image = torch.arange(channels, dtype=torch.float).view(channels, 1, 1)
    done = both({'inputs': [image], 'data_samples': None})['inputs']
    assert done.flatten().tolist() == ([2, 1, 0] if channels == 3 else [0])
