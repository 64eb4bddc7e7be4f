import json
import runpy
from pathlib import Path

import cv2
import numpy as np
import pytest

TOOL = Path(__file__).parents[3] / 'tools' / 'dataset_converters' / 'video2frames.py'


@pytest.fixture(scope='module')
def main():
    return runpy.run_path(str(TOOL))['main']


@pytest.fixture
def video(tmp_path):
    """A video of 7 frames, frame n with grey value 30 n."""
    path = tmp_path / 'clip.avi'
    code = cv2.VideoWriter.fourcc(*'MJPG')
    writer = cv2.VideoWriter(str(path), code, 10, (64, 48))
    if not writer.isOpened():
        pytest.skip('OpenCV cannot encode MJPG here')
    for number in range(7):
        writer.write(np.full((48, 64, 3), 30 * number, np.uint8))
    writer.release()
    return path


def test_every_third_frame(main, video, tmp_path):
    main([str(video), '--out', str(tmp_path / 'f'), '--every', '3'])
    names = sorted(path.name for path in (tmp_path / 'f' / 'clip').glob('*.jpg'))
    assert names == ['00000000.jpg', '00000003.jpg', '00000006.jpg']
    image = cv2.imread(str(tmp_path / 'f' / 'clip' / '00000003.jpg'))
    assert image.shape == (48, 64, 3) and abs(int(image.mean()) - 90) <= 2


def test_goes_on_where_it_stopped(main, video, tmp_path, capsys):
    out = tmp_path / 'f'
    main([str(video), '--out', str(out)])
    record = out / 'clip' / 'frames.json'
    content = json.loads(record.read_text())
    record.write_text(json.dumps(content | {'finished': False}))
    (out / 'clip' / '00000004.jpg').unlink()
    (out / 'clip' / '00000001.jpg').write_bytes(b'kept')
    main([str(video), '--out', str(out)])
    assert '7 frames, 6 of them from an earlier run' in capsys.readouterr().out
    assert (out / 'clip' / '00000001.jpg').read_bytes() == b'kept'
    assert (out / 'clip' / '00000004.jpg').exists()
    main([str(video), '--out', str(out)])
    assert 'nothing to do' in capsys.readouterr().out


def test_other_settings_are_not_mixed(main, video, tmp_path):
    main([str(video), '--out', str(tmp_path / 'f')])
    with pytest.raises(SystemExit, match='Choose another --out'):
        main([str(video), '--out', str(tmp_path / 'f'), '--every', '2'])


def test_no_video(main, tmp_path):
    path = tmp_path / 'x.mp4'
    with pytest.raises(SystemExit, match='does not exist'):
        main([str(path), '--out', str(tmp_path)])
    path.write_bytes(b'no video')
    with pytest.raises(SystemExit, match='no frame can be decoded'):
        main([str(path), '--out', str(tmp_path / 'f')])
