import numpy as np
import pytest
from mmengine.dataset import Compose

from ssltoolbox.datasets.depth.sfm_dataset import SfmDataset
from ssltoolbox.datasets.transforms.load_sfm_frame import LoadSfmFrame

PACK = dict(type='ssltoolbox.PackDepthView')
LOAD = dict(type='ssltoolbox.LoadSfmFrame')


@pytest.fixture
def data(tubes):
    return SfmDataset(
        data_root=str(tubes),
        settings=dict(downsampling=2, multiple=32, half_pixel=True, inlier_share=1),
        adjacent=(1, 3),
        cache=None,
    )


def test_a_frame_and_what_is_known_of_it(data):
    record = data.get_data_info(2)
    found = LoadSfmFrame()(record)
    assert found['img'].shape == (64, 64, 3) and found['img'].dtype == np.uint8
    assert found['valid'].shape == (1, 64, 64)
    assert set(np.unique(found['valid'])) == {0, 1}
    assert found['sparse'].shape == (6, 64, 64)
    depth, weight = found['sparse'][:2]
    assert (depth[weight > 0] > 0).all() and not depth[weight == 0].any()
    assert found['ori_shape'] == (96, 128) and found['img_shape'] == (64, 64)
    # points lie on what is valid
    assert found['valid'][0][weight > 0].all()


def test_the_motion_takes_a_point_to_the_other_camera(data):
    record = data.get_data_info(2)
    found, ready = LoadSfmFrame()(dict(record)), record['prepared']
    point = ready.points[5]
    here, there = (
        (matrix @ [*point, 1])[:3] / ready.scale
        for matrix in ready.extrinsics[[record['view'], record['other']]]
    )
    moved = found['rotation'] @ here[:, None] + found['translation']
    np.testing.assert_allclose(moved[:, 0], there, atol=1e-9)


def test_the_view_takes_pixels_of_the_frame_to_those_of_the_window(data):
    found = LoadSfmFrame()(data.get_data_info(0))
    window = data.sequences[0].window
    x, y, _ = found['view'] @ [20, 40, 1]
    assert (x, y) == (10 - window.left, 20 - window.top)


def test_a_pair_is_two_frames_with_opposite_motions(data):
    pair = Compose([dict(type='ssltoolbox.SfmPair', frame=[LOAD, PACK])])
    sample = pair(data.get_data_info(1))
    first, second = (sample['data_samples'][k] for k in ('first', 'second'))
    np.testing.assert_allclose(first.rotation @ second.rotation, np.eye(3), atol=1e-9)
    back = -second.rotation @ first.translation
    np.testing.assert_allclose(back, second.translation, atol=1e-9)
    assert first.img_path != second.img_path
    assert sample['inputs']['first'].shape == (3, 64, 64)
    assert first.truth.data.shape == first.valid.data.shape == (1, 64, 64)
    assert first.sparse.data.shape == (6, 64, 64)


def test_a_frame_without_points_gives_nothing(data):
    record = data.get_data_info(0)
    record['prepared'].near[:] &= False
    assert LoadSfmFrame()(record) is None


def test_a_track_constant_is_positive():
    with pytest.raises(ValueError, match='track_constant is the number of views'):
        LoadSfmFrame(track_constant=0)
