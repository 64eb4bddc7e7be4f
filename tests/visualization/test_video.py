import cv2
import numpy as np
import pytest

from ssltoolbox.visualization.overlay import draw_poses
from ssltoolbox.visualization.video import VideoFile

FRAME = np.full((48, 64, 3), 90, np.uint8)


@pytest.fixture
def can_encode(tmp_path_factory):
    path = tmp_path_factory.mktemp('probe') / 'x.mp4'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'mp4v'), 5, (64, 48))
    if not writer.isOpened():
        pytest.skip('this OpenCV cannot write mp4')


def test_video_appears_whole(tmp_path, can_encode):
    path = tmp_path / 'new' / 'film.mp4'
    with VideoFile(path, fps=12) as video:
        for _ in range(4):
            video.write(FRAME)
        assert not path.exists()
    assert [file.name for file in path.parent.iterdir()] == ['film.mp4']
    assert cv2.VideoCapture(str(path)).get(cv2.CAP_PROP_FRAME_COUNT) == 4


def test_nothing_is_left_after_an_error(tmp_path, can_encode):
    with pytest.raises(RuntimeError), VideoFile(tmp_path / 'film.mp4', 12) as video:
        video.write(FRAME)
        raise RuntimeError
    assert not list(tmp_path.iterdir())


def test_pictures_where_no_encoder_is(tmp_path, monkeypatch):
    class NoEncoder:
        def __init__(self, *args):
            pass

        fourcc = staticmethod(cv2.VideoWriter.fourcc)

        def isOpened(self):
            return False

    monkeypatch.setattr(cv2, 'VideoWriter', NoEncoder)
    with VideoFile(tmp_path / 'film.mp4', fps=0) as video:
        with pytest.warns(UserWarning, match='ffmpeg -r 25'):
            video.write(FRAME)
        video.write(FRAME)
    names = sorted(file.name for file in (tmp_path / 'film').iterdir())
    assert names == ['000000.jpg', '000001.jpg']


def test_weak_joints_are_not_drawn():
    keypoints = np.array([[[10.0, 20.0], [50.0, 20.0]]])
    drawn = draw_poses(FRAME, keypoints, np.array([[0.9, 0.1]]), {}, min_score=0.2)
    assert (drawn[20, 10] != 90).any()
    assert (drawn[20, 50] == 90).all()


def test_image_without_a_pose_is_left():
    drawn = draw_poses(FRAME, np.zeros((0, 3, 2)), np.zeros((0, 3)), {})
    np.testing.assert_array_equal(drawn, FRAME)
