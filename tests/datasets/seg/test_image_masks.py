import json

import numpy as np
import pytest
from PIL import Image

from ssltoolbox.datasets.few_shot_images import FewShotImageDataset
from ssltoolbox.datasets.label_list import LabelList
from ssltoolbox.datasets.seg.image_masks import ImageMaskDataset
from ssltoolbox.testing import check_dataset

FIELDS = dict(
    data_prefix=dict(img_path='frames', seg_map_path='masks'),
    metainfo=dict(classes=('background', 'shaft', 'tip')),
)
LOAD = [dict(type='ssltoolbox.LoadImage'), dict(type='ssltoolbox.LoadMask')]


@pytest.fixture
def root(tmp_path):
    """Four images in a/, two in b/c/, and the masks of all: 1 in a/, 2 in b/c/."""
    for name in ('a/1.jpg', 'a/2.png', 'a/3.jpg', 'a/4.jpg', 'b/c/1.jpg', 'b/c/2.jpg'):
        image = tmp_path / 'frames' / name
        mask = (tmp_path / 'masks' / name).with_suffix('.png')
        value = 1 if name.startswith('a') else 2
        for path, shape in ((image, (4, 6, 3)), (mask, (4, 6))):
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.full(shape, value, np.uint8)).save(path)
    return tmp_path


def read(root, **fields):
    return ImageMaskDataset(data_root=str(root), **{**FIELDS, **fields})


def part(root, labels, part, **fields):
    fields = dict(type='ssltoolbox.ImageMaskDataset', data_root=str(root), **fields)
    return FewShotImageDataset({**FIELDS, **fields}, labels, part, pipeline=LOAD)


def records(data):
    return [data.get_data_info(i) for i in range(len(data))]


def test_every_image_has_the_mask_of_its_name(root):
    data = read(root, pipeline=LOAD)
    found = records(data)
    assert [record['frame'] for record in found] == (
        ['a/1', 'a/2', 'a/3', 'a/4', 'b/c/1', 'b/c/2']
    )
    assert [record['sequence'] for record in found] == ['a'] * 4 + ['b/c'] * 2
    assert found[1]['img_path'] == str(root / 'frames/a/2.png')
    assert found[0]['seg_map_path'] == str(root / 'masks/a/1.png')
    assert all(r['id'] == r['img_id'] and r['annotated'] for r in found)
    assert (data[0]['gt_seg_map'] == 1).all() and (data[4]['gt_seg_map'] == 2).all()
    assert data.metainfo['classes'] == ('background', 'shaft', 'tip')


def test_ids_stay_when_images_are_added_or_left_out(root):
    before = {record['frame']: record['id'] for record in records(read(root))}
    assert len(set(before.values())) == 6
    (root / 'masks/a/1.png').unlink()
    (root / 'frames/a/1.jpg').unlink()
    after = {r['frame']: r['id'] for r in records(read(root, sequences=['a']))}
    assert list(after) == ['a/2', 'a/3', 'a/4']
    assert after.items() <= before.items()


def test_sub_folders_are_chosen_with_all_below_them(root):
    assert len(read(root, sequences=['b'])) == len(read(root, sequences=['b/c/'])) == 2
    assert len(read(root, sequences=['a', 'b/c'])) == 6
    with pytest.raises(ValueError, match=r'frames/d holds no image.* in a, b/c'):
        read(root, sequences=['a', 'd'])
    with pytest.raises(ValueError, match="list of sub folders, got 'a'"):
        read(root, sequences='a')


def test_images_without_masks_and_masks_without_images_are_counted(root):
    (root / 'masks/a/2.png').unlink()
    (root / 'masks/a/3.png').rename(root / 'masks/a/3_mask.png')
    says = (
        r'frames and .*masks do not fit together: 2 of 6 images have no .png mask of '
        r'the same name \(first: a/2\), 1 of 5 masks have no image .*first: a/3_mask'
    )
    with pytest.raises(ValueError, match=says):
        read(root)
    with pytest.raises(ValueError, match='1 of 5 masks have no image'):
        read(root, require_masks=False)


def test_a_pool_may_lack_masks(root):
    (root / 'masks/a/2.png').unlink()
    with pytest.raises(ValueError, match='require_masks=False'):
        read(root)
    found = records(read(root, require_masks=False))
    assert [record['annotated'] for record in found] == [True, False] + [True] * 4
    assert found[1]['seg_map_path'] is None
    folders = dict(img_path='frames')
    bare = records(read(root, data_prefix=folders, require_masks=False))
    assert len(bare) == 6 and not any(record['annotated'] for record in bare)


@pytest.mark.parametrize('folder', ['frames', 'masks'])
def test_an_absent_folder_is_named_with_what_to_do(root, folder):
    (root / folder).rename(root / 'elsewhere')
    with pytest.raises(FileNotFoundError, match=f'{folder} does not exist.*toy_instr'):
        read(root)


def test_an_empty_folder_holds_no_image(root):
    (root / 'none').mkdir()
    with pytest.raises(FileNotFoundError, match='none holds no image'):
        read(root, data_prefix=dict(img_path='none', seg_map_path='masks'))


def test_two_images_that_differ_by_their_suffix_alone_are_refused(root):
    (root / 'frames/a/1.jpg').rename(root / 'frames/a/2.jpg')
    with pytest.raises(ValueError, match=r'a/2.jpg and a/2.png would have one mask'):
        read(root)


@pytest.mark.parametrize(
    'metainfo, says',
    [
        ({}, r'two or more classes.*got \(\)'),
        (dict(classes='tool'), "got 'tool'"),
        (dict(classes=('a', 'b'), palette=[[0, 0, 0]]), '2 classes and a palette of 1'),
    ],
)
def test_classes_need_names(root, metainfo, says):
    with pytest.raises(ValueError, match=says):
        read(root, metainfo=metainfo)


@pytest.mark.parametrize('labels, count', [(2, 2), (0.5, 3), (1.0, 6)])
def test_hidden_masks_are_never_read(root, labels, count):
    labelled = part(root, labels, 'labelled')
    assert len(labelled) == count
    assert all('gt_seg_map' in labelled[i] for i in range(count))
    if count == 6:
        return
    pool = part(root, labels, 'unlabelled')
    assert len(pool) == 6 - count and not set(pool.ids) & set(labelled.ids)
    for i in range(len(pool)):
        assert not {'gt_seg_map', 'seg_map_path'} & pool[i].keys()


def test_a_share_is_drawn_from_each_sub_folder(root):
    labelled = records(part(root, 0.5, 'labelled'))
    assert sorted(record['sequence'] for record in labelled) == ['a', 'a', 'b/c']


def test_a_list_names_the_labelled_images(root, tmp_path):
    ids = tuple(record['id'] for record in records(read(root))[1:3])
    LabelList(ids=ids).write(tmp_path / 'list.json')
    labelled = part(root, str(tmp_path / 'list.json'), 'labelled')
    assert [r['frame'] for r in records(labelled)] == ['a/2', 'a/3']


def test_labels_of_an_evaluation_image_are_refused(root):
    evaluation = dict(
        type='ssltoolbox.ImageMaskDataset',
        data_root=str(root),
        **FIELDS,
        sequences=['a'],
    )
    fields = {**evaluation, 'sequences': None}
    with pytest.raises(ValueError, match='4 of 6 labelled images'):
        FewShotImageDataset(fields, 1.0, 'labelled', forbidden=[evaluation])


def test_images_without_a_mask_are_always_unlabelled(root):
    (root / 'masks/a/2.png').unlink()
    pool = part(root, 1.0, 'unlabelled', require_masks=False)
    assert [record['frame'] for record in records(pool)] == ['a/2']


def test_a_class_that_has_no_name_is_refused(root):
    data = read(root, pipeline=LOAD, metainfo=dict(classes=('background', 'tool')))
    assert (data[0]['gt_seg_map'] == 1).all()
    with pytest.raises(ValueError, match=r'b/c/1.png has class 2, but the 2 classes'):
        data[4]


def test_masks_of_other_suffixes(root):
    for path in (root / 'masks').rglob('*.png'):
        Image.open(path).save(path.with_name(f'{path.stem}_mask.BMP'))
        path.unlink()
    with pytest.raises(ValueError, match='6 of 6 images have no .png mask'):
        read(root)
    data = read(root, mask_suffix='_mask.bmp', pipeline=LOAD)
    assert (data[4]['gt_seg_map'] == 2).all()
    says = r'images have no .tif or .bmp mask of the same name .*6 of 6 masks'
    with pytest.raises(ValueError, match=says):
        read(root, mask_suffix=['.tif', '.bmp'])


def test_codes_are_the_values_of_the_classes(root):
    classes = dict(FIELDS['metainfo'], codes=[[5, 1], [2], [0]])
    data = read(root, metainfo=classes, pipeline=LOAD)
    assert (data[0]['gt_seg_map'] == 0).all() and (data[4]['gt_seg_map'] == 1).all()
    assert data.get_data_info(0)['codes'] == ((5, 1), (2,), (0,))
    with pytest.raises(ValueError, match='3 classes and codes of 2'):
        read(root, metainfo=dict(classes, codes=[[0], [1]]))
    with pytest.raises(ValueError, match='value 0 belongs to class 0 and to class 2'):
        read(root, metainfo=dict(classes, codes=[[0], [1], [0]]))


def test_images_are_chosen_by_name(root):
    assert [r['frame'] for r in records(read(root, names=['b/c/1', 'a/2']))] == (
        ['a/2', 'b/c/1']
    )
    with pytest.raises(ValueError, match='1 of 2 images are absent .a/9.*has a/1'):
        read(root, names=['a/9', 'a/1'])
    with pytest.raises(ValueError, match="names is a list of images, got 'a/1'"):
        read(root, names='a/1')
    (root / 'masks/a/3.png').unlink()
    assert len(read(root, names=['a/1'])) == 1


def test_a_list_of_images_chooses_them_and_gives_their_ids(root):
    images = [dict(id=7, file_name='a/2.png'), dict(id=3, file_name='a/1.jpg')]
    (root / 'part.json').write_text(json.dumps(dict(images=images)))
    found = records(read(root, ann_file='part.json'))
    assert [(r['frame'], r['id']) for r in found] == [('a/1', 3), ('a/2', 7)]
    assert ImageMaskDataset.ids_in_file(root / 'part.json')['image_id'] == [7, 3]
    images[0]['file_name'] = 'a/2.jpg'
    (root / 'part.json').write_text(json.dumps(dict(images=images)))
    with pytest.raises(
        ValueError, match=r'1 images that the data set has not .a/2.jpg'
    ):
        read(root, ann_file='part.json')
    with pytest.raises(FileNotFoundError, match='none.json does not exist.*make_split'):
        read(root, ann_file='none.json')


def test_a_labelled_part_without_a_class_is_told(root, monkeypatch):
    said = []
    monkeypatch.setattr(
        'ssltoolbox.datasets.few_shot_images.print_log',
        lambda text, *a, **k: said.append(text),
    )
    part(root, 1.0, 'labelled')
    assert 'none of the 6 labelled masks has a pixel of background,' in said[-1]
    part(root, 2, 'labelled')
    assert 'none of the 2 labelled masks has a pixel of background, tip,' in said[-1]
    Image.fromarray(np.uint8([[0, 1], [2, 255]])).save(root / 'masks/a/1.png')
    said.clear()
    part(root, 2, 'labelled')
    part(root, None, 'unlabelled')
    assert not said


def test_it_has_the_properties_of_a_data_set(root):
    check_dataset(read(root, pipeline=LOAD))
    check_dataset(part(root, 2, 'all'))
