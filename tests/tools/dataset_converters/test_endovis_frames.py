import json
import runpy
from pathlib import Path

import cv2
import numpy as np
import pytest

from ssltoolbox.datasets.pose.endovis import EndoVisDataset

TOOLS = Path(__file__).parents[3] / 'tools' / 'dataset_converters'


@pytest.fixture(scope='module')
def main():
    return runpy.run_path(str(TOOLS / 'endovis_frames.py'))['main']


def write_video(path, count=4):
    """A video whose frame n, from 1, has grey value 30 n."""
    path.parent.mkdir(parents=True, exist_ok=True)
    code = cv2.VideoWriter.fourcc(*'MJPG')
    writer = cv2.VideoWriter(str(path), code, 10, (64, 48))
    if not writer.isOpened():
        pytest.skip('OpenCV cannot encode MJPG here')
    for number in range(1, count + 1):
        writer.write(np.full((48, 64, 3), 30 * number % 256, np.uint8))
    writer.release()


@pytest.fixture
def challenge(tmp_path):
    """Videos of train1 and test6, as the challenge has them, beside one of masks."""
    root = tmp_path / 'challenge'
    write_video(root / 'Tracking_Robotic_Training/Training/Dataset1/Video.avi')
    write_video(root / 'Tracking_Robotic_Training/Training/Dataset1/Masks.avi')
    write_video(root / 'Tracking_Robotic_Testing/Test/Dataset6/Video.avi')
    return root


def write_labels(root, count):
    point = dict(x=10.0, y=20.0, id='tool1')
    marks = [dict(point, **{'class': 'HeadPoint'})]
    entries = [
        {'class': 'image', 'filename': f'/x/img_{n:06d}_raw.png', 'annotations': marks}
        for n in range(1, count + 1)
    ]
    path = root / 'train_labels' / 'train1_labels.json'
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(entries))


def test_frames_have_the_names_of_the_labels(main, challenge, tmp_path):
    out = tmp_path / 'data'
    main([str(challenge), '--out', str(out)])
    names = sorted(path.name for path in (out / 'frames/train1').glob('*.jpg'))
    assert names == [f'img_00000{n}_raw_train1.jpg' for n in (1, 2, 3, 4)]
    names = sorted(path.name for path in (out / 'frames/test6').glob('*.jpg'))
    assert names == [f'img_000{n}_test6.jpg' for n in (1, 2, 3, 4)]
    second = cv2.imread(str(out / 'frames/test6/img_0002_test6.jpg'))
    assert abs(int(second.mean()) - 60) <= 2


def test_the_reader_finds_them(main, challenge, tmp_path):
    out = tmp_path / 'data'
    write_labels(out, 4)
    main([str(challenge), '--out', str(out)])
    data = EndoVisDataset(data_root=str(out), sequences='train1')
    assert [data.get_data_info(i)['id'] % 10 for i in range(4)] == [1, 2, 3, 4]


def test_labels_without_a_frame_are_counted(main, challenge, tmp_path, capsys):
    write_labels(tmp_path / 'data', 6)
    main([str(challenge), '--out', str(tmp_path / 'data')])
    said = capsys.readouterr().out
    assert '2 of 6 entries of train1_labels.json have no frame (2 annotated' in said


def test_goes_on_where_it_stopped(main, challenge, tmp_path, capsys):
    out = tmp_path / 'data'
    main([str(challenge), '--out', str(out)])
    folder = out / 'frames/train1'
    record = json.loads((folder / 'frames.json').read_text())
    (folder / 'frames.json').write_text(json.dumps(record | {'finished': False}))
    (folder / 'img_000003_raw_train1.jpg').unlink()
    (folder / 'img_000001_raw_train1.jpg').write_bytes(b'kept')
    capsys.readouterr()
    main([str(challenge), '--out', str(out)])
    said = capsys.readouterr().out
    assert '4 frames, 3 of them from an earlier run' in said
    assert 'test6: finished before' in said
    assert (folder / 'img_000001_raw_train1.jpg').read_bytes() == b'kept'


def test_a_video_that_cannot_be_decoded_does_not_stop_the_others(
    main, challenge, tmp_path
):
    bad = challenge / 'Tracking_Robotic_Training/Training/Dataset1/Video.avi'
    sound = bad.read_bytes()
    bad.write_bytes(b'no video')
    out = tmp_path / 'data'
    with pytest.raises(SystemExit, match='1 of 2 videos .*Video.avi: no frame can be'):
        main([str(challenge), '--out', str(out)])
    assert len(list((out / 'frames/test6').glob('*.jpg'))) == 4
    bad.write_bytes(sound)
    main([str(challenge), '--out', str(out)])
    assert len(list((out / 'frames/train1').glob('*.jpg'))) == 4


def test_a_video_that_ends_early_is_counted(main, challenge, tmp_path, capsys):
    cut = challenge / 'Tracking_Robotic_Testing/Test/Dataset6/Video.avi'
    write_video(cut, count=40)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    promised = int(cv2.VideoCapture(str(cut)).get(cv2.CAP_PROP_FRAME_COUNT))
    main([str(challenge), '--out', str(tmp_path / 'data')])
    there = len(list((tmp_path / 'data/frames/test6').glob('*.jpg')))
    assert there < promised == 40
    said = capsys.readouterr().out
    assert f'test6: {there} frames' in said
    assert 'ends early, its header promises 40' in said


def test_two_videos_of_a_sequence_are_not_mixed(main, tmp_path):
    for name in ('a.avi', 'b.avi'):
        write_video(tmp_path / 'in/Training/Dataset1' / name)
    with pytest.raises(SystemExit, match='got a.avi, b.avi for train1'):
        main([str(tmp_path / 'in'), '--out', str(tmp_path / 'data')])


def test_no_video(main, tmp_path):
    with pytest.raises(SystemExit, match='has no video Dataset'):
        main([str(tmp_path), '--out', str(tmp_path / 'data')])
