import numpy as np
import pytest
import torch

from ssltoolbox.datasets.transforms.branches import Branches, branch_collate
from ssltoolbox.registry import TRANSFORMS
from ssltoolbox.testing.tiny_pose import records


@pytest.fixture(params=[True, False], ids=['labelled', 'unlabelled'])
def record(request):
    made = records(2, labelled=1)[0 if request.param else 1]
    for name in ('mmpose.GetBBoxCenterScale', 'ssltoolbox.CropView'):
        size = {} if 'Center' in name else {'input_size': (32, 32)}
        made = TRANSFORMS.build(dict(type=name, **size))(made)
    return made


def test_a_sample_carries_what_moves_predictions_between_views(record):
    kept = {k: np.copy(record[k]) for k in ('view', 'transformed_keypoints')}
    record['img'] = np.arange(32 * 32 * 3, dtype=np.uint8).reshape(32, 32, 3)
    packed = TRANSFORMS.build(dict(type='ssltoolbox.PackPoseView'))(record)
    sample = packed['data_samples']
    image = packed['inputs'].numpy()
    assert image.dtype == np.uint8 and image.flags.c_contiguous
    assert np.array_equal(image, record['img'].transpose(2, 0, 1))
    assert np.array_equal(sample.metainfo['view'], kept['view'])
    assert sample.metainfo['view'].dtype == np.float64
    points = sample.gt_instances.transformed_keypoints
    assert np.array_equal(points, kept['transformed_keypoints'])
    assert sample.metainfo['labelled'] is record['labelled']
    assert ('truth' in sample.metainfo) is not record['labelled']
    assert list(sample.metainfo['flip_indices']) == [1, 0, 2, 4, 3]


def whole_image(instances, **more):
    rng = np.random.default_rng(0)
    return dict(
        img=rng.integers(0, 256, (60, 90, 3), np.uint8),
        id=7,
        img_id=7,
        frame='seq1/00007',
        keypoints=rng.uniform(10, 50, (instances, 5, 2)).astype(np.float32),
        keypoints_visible=np.ones((instances, 5), np.float32),
        flip_indices=[1, 0, 2, 3, 4],
        labelled=instances > 0,
        **more,
    )


def packed_views(record):
    look = dict(type='ssltoolbox.ImageView', input_size=(36, 30))
    pack = dict(type='ssltoolbox.PackPoseView')
    random = look | {'type': 'ssltoolbox.RandomImageView'}
    return Branches(strong=[random, pack], weak=[look, pack])(record)


@pytest.mark.parametrize('instances', [0, 1, 3])
def test_whole_images_hold_any_number_of_instances(instances):
    truth = np.ones((2, 5, 3), np.float32)
    made = whole_image(instances, truth=truth)
    samples = branch_collate([packed_views(made), packed_views(whole_image(2))])
    for name in ('strong', 'weak'):
        assert samples['inputs'][name][0].shape == (3, 30, 36)
        sample = samples['data_samples'][name][0]
        instance = sample.gt_instances
        assert len(instance) == instances
        assert instance.transformed_keypoints.shape == (instances, 5, 2)
        assert instance.keypoints_visible.shape == (instances, 5)
        assert sample.metainfo['frame'] == 'seq1/00007'
        assert np.array_equal(sample.metainfo['truth'], truth)
        assert 'gt_fields' not in sample


def test_a_pseudo_map_becomes_a_field_that_moved_with_the_view():
    maps = np.random.default_rng(0).random((9, 30, 36), np.float32)
    samples = packed_views(whole_image(0, pseudo_map=maps))['data_samples']
    weak, strong = (samples[name].gt_fields.pseudo_maps for name in ('weak', 'strong'))
    assert weak.dtype == strong.dtype == torch.float32
    assert np.array_equal(weak, maps) and strong.shape == (9, 30, 36)
    assert not np.array_equal(strong, maps)
