import numpy as np
import pytest
from PIL import Image

from ssltoolbox.datasets.few_shot_images import FewShotImageDataset
from ssltoolbox.datasets.seg.semiseg import SemiSegDataset
from ssltoolbox.testing import check_dataset

LOAD = [dict(type='ssltoolbox.LoadImage'), dict(type='ssltoolbox.LoadMask')]


def save(path, array):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(array, np.uint8)).save(path)


@pytest.fixture
def root(tmp_path):
    """Two images to train, one each to validate and to test, three without a mask."""
    (tmp_path / 'codes.txt').write_text('background,0\npolyp,255,128\n')
    for split, names in dict(train='ab', valid='c', test='d').items():
        for name in names:
            save(tmp_path / f'Images/{split}/{name}.jpg', np.zeros((2, 3, 3)))
            save(tmp_path / f'Labels/{split}/{name}.png', [[0, 128, 255]] * 2)
    for name in 'efg':
        save(tmp_path / f'unlabeled_images/{name}.jpg', np.zeros((2, 3, 3)))
    return tmp_path


@pytest.mark.parametrize('split, count', [('train', 2), ('valid', 1), ('test', 1)])
def test_masks_of_a_split_are_read_by_their_codes(root, split, count):
    data = SemiSegDataset(str(root), split, pipeline=LOAD)
    assert len(data) == count
    assert data[0]['gt_seg_map'].tolist() == [[0, 1, 1]] * 2
    assert data.metainfo['classes'] == ('background', 'polyp')
    assert data.metainfo['codes'] == ((0,), (255, 128))


def test_the_pool_has_no_masks(root):
    data = SemiSegDataset(str(root), 'unlabelled')
    assert [data.get_data_info(i)['frame'] for i in range(3)] == ['e', 'f', 'g']
    assert not any(data.get_data_info(i)['annotated'] for i in range(3))
    fields = dict(type='ssltoolbox.SemiSegDataset', data_root=str(root))
    pool = FewShotImageDataset(dict(fields, split='unlabelled'), None, 'unlabelled')
    assert len(pool) == 3 and 'codes' not in pool.get_data_info(0)


def test_files_that_are_no_image_are_skipped_and_counted(root, monkeypatch):
    said = []
    monkeypatch.setattr(
        'ssltoolbox.datasets.seg.paired_files.print_log',
        lambda text, *a, **k: said.append(text),
    )
    (root / 'unlabeled_images' / 'Thumbs.db').write_bytes(b'x')
    (root / 'unlabeled_images' / 'notes.png').write_text('no image')
    assert len(SemiSegDataset(str(root), 'unlabelled')) == 3
    assert len(said) == 1
    assert '2 of 5 files are no images and are skipped (first: Thumbs.db)' in said[0]


@pytest.mark.parametrize(
    'absent, split, says',
    [
        ('codes.txt', 'train', 'has no codes.txt. The layout is'),
        ('Images/valid', 'valid', 'has no Images/valid. The layout is'),
        ('Labels/test', 'test', 'has no Labels/test. The layout is'),
        ('unlabeled_images', 'unlabelled', 'has no unlabeled_images.*toy_polyps'),
    ],
)
def test_an_absent_part_of_the_layout_is_named(root, absent, split, says):
    (root / absent).rename(root / 'elsewhere')
    with pytest.raises(FileNotFoundError, match=says):
        SemiSegDataset(str(root), split)


def test_an_empty_pool_is_refused(root):
    for path in (root / 'unlabeled_images').iterdir():
        path.unlink()
    (root / 'unlabeled_images' / 'Thumbs.db').write_bytes(b'x')
    says = r'unlabeled_images holds no image.*got 1 others \(Thumbs.db\)'
    with pytest.raises(FileNotFoundError, match=says):
        SemiSegDataset(str(root), 'unlabelled')


def test_an_unknown_split_lists_the_valid_ones(root):
    with pytest.raises(ValueError, match="train, valid, test, unlabelled, got 'val'"):
        SemiSegDataset(str(root), 'val')


def test_classes_of_the_config_are_those_of_the_file(root):
    palette = [[0, 0, 0], [255, 0, 0]]
    given = dict(classes=('background', 'polyp'), palette=palette)
    data = SemiSegDataset(str(root), metainfo=given)
    assert data.metainfo['palette'] == palette
    with pytest.raises(ValueError, match='codes.txt has the classes background, polyp'):
        SemiSegDataset(str(root), metainfo=dict(classes=('background', 'tumour')))


def test_images_and_masks_of_other_names_do_not_fit(root):
    (root / 'Labels/train/a.png').rename(root / 'Labels/train/z.png')
    with pytest.raises(ValueError, match=r'1 of 2 images.*first: a.*1 of 2 masks'):
        SemiSegDataset(str(root))


def test_it_has_the_properties_of_a_data_set(root):
    evaluation = [SemiSegDataset(str(root), split) for split in ('valid', 'test')]
    for split in ('train', 'unlabelled'):
        check_dataset(SemiSegDataset(str(root), split), evaluation)
