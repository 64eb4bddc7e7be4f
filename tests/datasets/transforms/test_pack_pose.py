import numpy as np
import pytest

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
