"""Published segmentation data sets become images, masks and lists that can be read."""

import json
import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ssltoolbox.datasets.few_shot_images import FewShotImageDataset
from ssltoolbox.datasets.seg.semiseg import SemiSegDataset

TOOLS = Path(__file__).parents[3] / 'tools'


def tool(name):
    return runpy.run_path(str(TOOLS / name))['main']


def save(path, array):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(array, np.uint8)).save(path)


def mask_of(path):
    return np.array(Image.open(path)).tolist()


def part_of(root, name, labels=None, part='all', codes=((0,), (255,))):
    return FewShotImageDataset(
        dict(
            type='ssltoolbox.ImageMaskDataset',
            data_root=str(root),
            ann_file=f'annotations/all_{name}.json',
            data_prefix=dict(img_path='images', seg_map_path='masks'),
            metainfo=dict(classes=('background', 'other'), codes=codes),
        ),
        labels,
        part,
        pipeline=[dict(type='ssltoolbox.LoadImage'), dict(type='ssltoolbox.LoadMask')],
    )


@pytest.fixture
def busi(tmp_path):
    root = tmp_path / 'Dataset_BUSI_with_GT'
    for kind in ('benign', 'malignant', 'normal'):
        for n in range(1, 11):
            mask = np.zeros((4, 6))
            mask[n % 4, : 0 if kind == 'normal' else 3] = 255
            save(root / kind / f'{kind} ({n}).png', np.full((4, 6, 3), n))
            save(root / kind / f'{kind} ({n})_mask.png', mask)
    second = np.zeros((4, 6))
    second[:, 5] = 255
    save(root / 'benign' / 'benign (4)_mask_1.png', second)
    return root


def test_busi_merges_masks_and_keeps_normal_images(busi, tmp_path, capsys):
    out = tmp_path / 'busi'
    tool('dataset_converters/busi.py')([str(busi), '--out', str(out)])
    assert '1 images had several masks, which were merged' in capsys.readouterr().out
    merged = mask_of(out / 'masks' / 'benign' / 'benign (4).png')
    assert merged == [[255] * 3 + [0, 0, 255]] + [[0] * 5 + [255]] * 3
    assert not np.any(mask_of(out / 'masks' / 'normal' / 'normal (4).png'))
    split = [str(out / 'annotations/all.json'), '--divide', '0.6', '0.2']
    tool('make_split.py')([*split, '--out', str(out / 'annotations')])
    for name, count in (('train', 6), ('val', 2), ('test', 2)):
        data = part_of(out, name)
        kinds = [data.get_data_info(i)['sequence'] for i in range(len(data))]
        assert [kinds.count(k) for k in ('benign', 'malignant', 'normal')] == [
            count
        ] * 3
    # a share of labels is drawn from each diagnosis
    labelled = part_of(out, 'train', 0.5, 'labelled')
    kinds = [labelled.get_data_info(i)['sequence'] for i in range(len(labelled))]
    assert sorted(kinds) == ['benign'] * 3 + ['malignant'] * 3 + ['normal'] * 3


def test_busi_without_normal_images_and_with_files_missing(busi, tmp_path):
    main, out = tool('dataset_converters/busi.py'), tmp_path / 'busi'
    main([str(busi), '--out', str(out), '--without-normal'])
    assert sorted(p.name for p in (out / 'images').iterdir()) == ['benign', 'malignant']
    (busi / 'benign' / 'benign (3)_mask.png').unlink()
    (busi / 'benign' / 'benign (5).png').unlink()
    says = r'1 masks have no image \(benign \(5\)\), and 1 images no mask \(benign \(3'
    with pytest.raises(SystemExit, match=says):
        main([str(busi), '--out', str(tmp_path / 'again')])
    with pytest.raises(SystemExit, match='Dataset_BUSI_with_GT, which has benign'):
        main([str(tmp_path), '--out', str(tmp_path / 'again')])


def test_kvasir_masks_are_snapped_loudly(tmp_path, capsys):
    root, out = tmp_path / 'Kvasir-SEG', tmp_path / 'kvasir'
    truth = np.zeros((32, 40))
    truth[9:20, 11:30] = 255
    save(root / 'images' / 'a.jpg', np.zeros((32, 40, 3)))
    save(root / 'masks' / 'a.jpg', np.dstack([truth] * 3))
    main = tool('dataset_converters/kvasir_seg.py')
    with pytest.raises(SystemExit, match='a.jpg: the values .* belong to no class'):
        main([str(root), '--out', str(out), '--snap', '0'])
    main([str(root), '--out', str(out)])
    assert 'ATTENTION: 1 masks had values that no class has' in capsys.readouterr().out
    assert mask_of(out / 'masks' / 'a.png') == truth.tolist()
    with pytest.raises(SystemExit, match='nothing is overwritten'):
        main([str(root), '--out', str(out)])


def test_covid_slices_of_a_scan_go_to_one_part(tmp_path):
    root, out = tmp_path / 'covid', tmp_path / 'covid_ct'
    for scan in range(6):
        for number in range(5):
            name = f'case{scan}_{number:03d}.png'
            save(root / 'frames' / name, np.zeros((2, 2)))
            save(root / 'masks' / name, [[0, number % 2], [0, 0]])
    main = tool('dataset_converters/covid_ct.py')
    main([str(root), '--images', 'frames', '--out', str(out)])
    assert mask_of(out / 'masks' / 'case0_001.png') == [[0, 255], [0, 0]]
    split = [str(out / 'annotations/all.json'), '--divide', '0.5', '0.2']
    folder = str(out / 'annotations')
    tool('make_split.py')([*split, '--group-by', 'group', '--out', folder])
    scans = []
    for name in ('train', 'val', 'test'):
        images = json.loads((out / f'annotations/all_{name}.json').read_text())[
            'images'
        ]
        assert len(images) % 5 == 0
        scans += {image['group'] for image in images}
    assert sorted(scans) == [f'case{n}' for n in range(6)]
    save(root / 'masks' / 'case0_001.png', [[0, 3], [0, 0]])
    with pytest.raises(SystemExit, match='case0_001.png: the values 3'):
        main([str(root), '--images', 'frames', '--out', str(tmp_path / 'again')])


@pytest.fixture
def own(tmp_path):
    """Images of three classes, of which the last is in no mask."""
    (tmp_path / 'codes.txt').write_text('background,0\nlesion,7\nvessel,9\n')
    for n in range(8):
        save(tmp_path / f'images/p{n // 2}_{n}.png', np.zeros((2, 2)))
        save(tmp_path / f'masks/p{n // 2}_{n}.png', [[0, 7 * (n % 2)], [0, 255]])
    return tmp_path


def test_own_folders_are_listed_with_the_classes_in_their_masks(own, capsys):
    main = tool('dataset_converters/masks2coco.py')
    main([str(own), '--group-by', '^(p.)_'])
    printed = capsys.readouterr().out
    assert 'all.json: 8 images' in printed and 'lesion: in 4 of them' in printed
    assert 'vessel: in 0 of them (in none!)' in printed
    lists = own / 'label_lists'
    split = [str(own / 'annotations/all.json'), '--count', '2', '4']
    tool('make_split.py')([*split, '--out', str(lists)])
    two, four = (
        set(json.loads((lists / f'all_{n}images_fold0.json').read_text())['ids'])
        for n in (2, 4)
    )
    assert two < four
    content = json.loads((own / 'annotations/all.json').read_text())
    of = {a['image_id']: a['category_id'] for a in content['annotations']}
    assert sorted(of[i] for i in two) == [1, 2]


def test_pixels_of_no_class_are_told(own, capsys):
    save(own / 'masks/p1_2.png', [[0, 0], [0, 0]])
    main = tool('dataset_converters/masks2coco.py')
    main([str(own)])
    printed = capsys.readouterr().out
    assert 'no class (value 255, ignored in training): in 7 of them' in printed
    main([str(own), '--classes', 'background,0', 'lesion,7', 'vessel,9,255'])
    assert 'no class' not in capsys.readouterr().out


def test_own_folders_with_wrong_masks_are_refused(own):
    main = tool('dataset_converters/masks2coco.py')
    with pytest.raises(SystemExit, match='p0_1.png: the values 7 .1 of 4'):
        main([str(own), '--classes', 'background,0', 'lesion,8'])
    with pytest.raises(SystemExit, match="--classes, line 2 is 'lesion'"):
        main([str(own), '--classes', 'background,0', 'lesion'])
    save(own / 'masks/p1_2.png', [[0, 0]])
    with pytest.raises(SystemExit, match='p1_2.png is 2 x 1 pixels, its image 2 x 2'):
        main([str(own)])


@pytest.mark.real_data
def test_samples_of_kvasir_seg(real_data, tmp_path):
    out = tmp_path / 'kvasir'
    root = real_data / 'kvasir_seg'
    tool('dataset_converters/kvasir_seg.py')([str(root), '--out', str(out)])
    split = [str(out / 'annotations/all.json'), '--divide', '0.6', '0.2']
    tool('make_split.py')([*split, '--out', str(out / 'annotations')])
    train = part_of(out, 'train')
    assert [len(part_of(out, n)) for n in ('train', 'val', 'test')] == [3, 1, 1]
    share = [float((train[i]['gt_seg_map'] == 1).mean()) for i in range(3)]
    assert all(0.02 < each < 0.6 for each in share)


def test_a_divided_data_set_is_arranged_in_the_layout_of_semi_seg(own, tmp_path):
    tool('dataset_converters/masks2coco.py')([str(own)])
    split = [str(own / 'annotations/all.json'), '--divide', '4', '2', '2']
    tool('make_split.py')([*split, '--out', str(own / 'annotations')])
    save(tmp_path / 'more' / 'x.png', np.zeros((2, 2)))
    main, out = tool('dataset_converters/semiseg_layout.py'), tmp_path / 'layout'
    fields = ['--labels', '0.5', '--pool', str(tmp_path / 'more'), '--out', str(out)]
    main([str(own), *fields])
    sizes = {
        split: len(SemiSegDataset(str(out), split)) for split in SemiSegDataset.SPLITS
    }
    assert sizes == dict(train=2, valid=2, test=2, unlabelled=3)
    data = SemiSegDataset(str(out), 'train')
    assert data.metainfo['classes'] == ('background', 'lesion', 'vessel')
    record = data.get_data_info(0)
    assert mask_of(record['seg_map_path']) == mask_of(
        own / 'masks' / f'{record["frame"]}.png'
    )
    assert not list((out / 'Labels').rglob('x.png'))
    with pytest.raises(SystemExit, match='nothing is overwritten'):
        main([str(own), *fields])
    with pytest.raises(SystemExit, match='all_train2.json does not exist.*make_split'):
        wrong = ['--lists', 'annotations/all_{}2.json', '--out', str(tmp_path / 'no')]
        main([str(own), *wrong])
    assert not (tmp_path / 'no').exists()
