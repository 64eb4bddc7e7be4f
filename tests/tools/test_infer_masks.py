"""tools/infer.py with segmentors."""

import csv
import json

import cv2
import numpy as np
import pytest
from PIL import Image

from ssltoolbox.datasets.seg.image_masks import ImageMaskDataset

from ..segmentor import CONFIG, write_segmentor

pytestmark = pytest.mark.filterwarnings(
    'ignore:Default ``avg_non', 'ignore:For binary', 'ignore:When align'
)


@pytest.fixture(scope='module')
def main(tool):
    return tool('infer').main


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    return write_segmentor(tmp_path_factory.mktemp('trained'))


@pytest.fixture
def photos(tmp_path):
    """Three pictures of 64 x 48, of whose columns 20, 10 and none are bright."""
    folder = tmp_path / 'photos'
    (folder / 'sub').mkdir(parents=True)
    for name, bright in (('a.jpg', 20), ('b.png', 10), ('sub/c.bmp', 0)):
        image = np.full((48, 64, 3), 60, np.uint8)
        image[:, :bright] = 200
        cv2.imwrite(str(folder / name), image)
    return folder


def files_in(folder):
    return sorted(
        p.relative_to(folder).as_posix() for p in folder.rglob('*') if p.is_file()
    )


def areas_in(folder):
    return list(csv.DictReader((folder / 'areas.csv').read_text().splitlines()))


def test_masks_areas_and_pictures_of_a_folder(main, trained, photos, tmp_path, capsys):
    (photos / 'bad.jpg').write_bytes(b'no image')
    out = tmp_path / 'out'
    main([*trained, str(photos), '--out', str(out)])
    assert files_in(out) == [
        'areas.csv',
        'images/a.jpg',
        'images/b.png',
        'images/sub/c.bmp.jpg',
        'inference.json',
        'masks/a.png',
        'masks/b.png',
        'masks/sub/c.png',
    ]
    mask = Image.open(out / 'masks/b.png')
    assert mask.mode == 'P' and mask.getpalette()[:6] == [0, 0, 0, 230, 159, 0]
    expected = np.zeros((48, 64), np.uint8)
    expected[:, :10] = 1
    np.testing.assert_array_equal(np.array(mask), expected)
    rows = areas_in(out)
    assert [row['file'] for row in rows] == ['a.jpg', 'b.png', 'sub/c.bmp']
    assert rows[1] == {
        'file': 'b.png',
        'frame': '0',
        'background_pixels': str(48 * 54),
        'background_share': f'{54 / 64:.6f}',
        'bright spot_pixels': str(48 * 10),
        'bright spot_share': f'{10 / 64:.6f}',
    }
    drawn = cv2.imread(str(out / 'images/b.png'))
    assert drawn[0, 40].tolist() == [60] * 3
    assert drawn[0, 2].tolist() == [100, 180, 215]
    said = capsys.readouterr()
    assert 'masks: 3 of background, bright spot' in said.out
    assert 'could not be read: 1 (bad.jpg)' in said.out
    assert 'warning: bad.jpg: no image' in said.err


def test_masks_are_labels_of_their_images(main, trained, photos, tmp_path):
    """Written masks and the images make a data set."""
    main([*trained, str(photos), '--out', str(tmp_path / 'out'), '--no-draw'])
    data = ImageMaskDataset(
        metainfo=dict(classes=('background', 'bright')),
        data_root=str(tmp_path),
        data_prefix=dict(img_path='photos', seg_map_path='out/masks'),
        pipeline=[dict(type='ssltoolbox.LoadImage'), dict(type='ssltoolbox.LoadMask')],
    )
    assert [int(data[i]['gt_seg_map'].sum()) for i in range(3)] == [960, 480, 0]


def test_masks_have_the_values_of_the_data_set(main, photos, tmp_path):
    given = "classes=('background', 'bright spot')"
    text = CONFIG.replace(given, f'{given}, codes=[[7], [255, 128]]')
    pair = write_segmentor(tmp_path, 'coded', text)
    options = [*pair, str(photos), '--out', str(tmp_path / 'out')]
    main(options)
    mask = Image.open(tmp_path / 'out/masks/b.png')
    assert mask.mode == 'L' and set(np.unique(mask)) == {7, 255}
    first = (tmp_path / 'out/areas.csv').read_text()
    main(options)
    assert (tmp_path / 'out/areas.csv').read_text() == first


def test_a_second_run_goes_on_where_the_first_stopped(
    main, trained, photos, tmp_path, capsys
):
    out = tmp_path / 'out'
    options = [*trained, str(photos), '--out', str(out)]
    main(options)
    first = {name: (out / name).read_bytes() for name in files_in(out)}
    for name in ('areas.csv', 'masks/a.png', 'images/b.png'):
        (out / name).unlink()
    kept = (out / 'masks/b.png').stat().st_mtime_ns
    capsys.readouterr()
    main(options)
    assert 'from an earlier run: 2' in capsys.readouterr().out
    assert {name: (out / name).read_bytes() for name in files_in(out)} == first
    assert (out / 'masks/b.png').stat().st_mtime_ns == kept


def test_masks_of_replaced_images_are_made_again(main, trained, photos, tmp_path):
    options = [*trained, str(photos), '--out', str(tmp_path / 'out')]
    main(options)
    cv2.imwrite(str(photos / 'b.png'), np.full((24, 32, 3), 200, np.uint8))
    main(options)
    assert np.array(Image.open(tmp_path / 'out/masks/b.png')).shape == (24, 32)


def test_other_results_are_never_overwritten(main, trained, photos, tmp_path):
    out = tmp_path / 'out'
    options = [*trained, str(photos), '--out', str(out), '--no-draw']
    main(options)
    with pytest.raises(SystemExit, match='with other settings .other views; see inf'):
        main([*options, '--views', 'flip_lr'])
    dark = write_segmentor(tmp_path, 'dark', sign=-1.0)
    with pytest.raises(SystemExit, match=r'other settings \(other networks; see'):
        main([*dark, *options[2:]])
    (out / 'inference.json').unlink()
    with pytest.raises(SystemExit, match='no inference.json tells what made them'):
        main(options)


def test_frames_of_a_video(main, trained, film, tmp_path):
    out = tmp_path / 'out'
    main([*trained, str(film), '--out', str(out), '--batch-size', '3'])
    names = [f'masks/film/{i:06d}.png' for i in range(10)]
    assert files_in(out) == ['areas.csv', 'film.mp4', 'inference.json', *names]
    assert cv2.VideoCapture(str(out / 'film.mp4')).get(cv2.CAP_PROP_FRAME_COUNT) == 10
    shares = [float(row['bright spot_share']) for row in areas_in(out)]
    assert shares == [0] * 7 + [1] * 3


def test_ensemble_and_views(main, trained, photos, tmp_path):
    dark = write_segmentor(tmp_path, 'dark', sign=-1.0)
    out = tmp_path / 'out'
    options = ['--member', *dark, '--weights', '1', '3', '--views', 'flip_lr']
    main([*trained, str(photos), '--out', str(out), *options])
    assert float(areas_in(out)[2]['bright spot_share']) == 1
    record = json.loads((out / 'inference.json').read_text())
    assert record['weights'] == [1, 3] and record['views'] == ['flip_lr']
    assert len(record['networks']) == 2


def test_names_that_differ_by_their_suffix_get_a_mask_each(main, trained, tmp_path):
    folder, out = tmp_path / 'photos', tmp_path / 'out'
    folder.mkdir()
    for name in ('a.png', 'a.bmp', 'b.png'):
        cv2.imwrite(str(folder / name), np.zeros((24, 32, 3), np.uint8))
    main([*trained, str(folder), '--out', str(out), '--no-draw'])
    assert [n for n in files_in(out) if n.startswith('masks')] == [
        'masks/a.bmp.png',
        'masks/a.png.png',
        'masks/b.png',
    ]


@pytest.mark.parametrize(
    ('options', 'says'),
    [
        (['--boxes', 'b.json', '--kpt-thr', '0.5'], '--boxes, --kpt-thr: the network'),
        (['--views', 'flip'], "no view 'flip'"),
        (['--weights', '1', '2'], 'for 1 networks'),
        (['--member', 'none.py', 'none.pth'], 'none.py does not exist'),
    ],
)
def test_wrong_options_are_named(main, trained, photos, tmp_path, options, says):
    with pytest.raises(SystemExit, match=f'error: .*{says}'):
        main([*trained, str(photos), '--out', str(tmp_path / 'out'), *options])
    assert not (tmp_path / 'out').exists()


def test_nothing_readable_is_an_error(main, trained, tmp_path):
    (tmp_path / 'bad.jpg').write_bytes(b'no image')
    with pytest.raises(SystemExit, match='no image could be read'):
        main([*trained, str(tmp_path / 'bad.jpg'), '--out', str(tmp_path / 'out')])
    assert not (tmp_path / 'out').exists()


@pytest.mark.real_data
def test_real_polyps(main, trained, real_data, tmp_path):
    """Photographs of several sizes; the share of bright pixels by hand."""
    folder, out = real_data / 'kvasir_seg' / 'images', tmp_path / 'out'
    main([*trained, str(folder), '--out', str(out)])
    rows = areas_in(out)
    assert len(rows) == len(list(folder.iterdir()))
    for row in rows[:3]:
        image = cv2.imread(str(folder / row['file']))
        small = cv2.resize(image, (32, 24)).mean(2) > 127.5
        share = float(row['bright spot_share'])
        assert share == pytest.approx(small.mean(), abs=0.03)
        mask = Image.open(out / 'masks' / f'{row["file"][:-4]}.png')
        assert mask.size == image.shape[1::-1]
