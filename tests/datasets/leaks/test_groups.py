"""Groups that annotation files name reach the comparison."""

import json

import pytest

from ssltoolbox.datasets.few_shot_images import FewShotImageDataset
from ssltoolbox.datasets.leaks.image_set import images_of
from ssltoolbox.datasets.pose.coco_pose import CocoPoseDataset
from ssltoolbox.datasets.seg.image_masks import ImageMaskDataset

from .pictures import texture, write

CLASSES = dict(classes=('a', 'b'))


@pytest.fixture
def root(tmp_path):
    write(tmp_path / 'images', x=texture(0), y=texture(1))
    write(tmp_path / 'masks', x=texture(0)[..., 0] // 128, y=texture(1)[..., 0] // 128)
    return tmp_path


def listed(root, **content):
    images = [
        dict(id=1, file_name='x.png', width=160, height=120, patient=7),
        dict(id=2, file_name='y.png', width=160, height=120, video_id='v'),
    ]
    (root / 'list.json').write_text(json.dumps(dict(images=images, **content)))
    return {'x.png': ('patient', '7'), 'y.png': ('video_id', 'v')}


def groups(images):
    return {file.split('/')[-1]: group[:2] for file, group in images.groups.items()}


def test_of_a_list_of_images(root):
    wanted = listed(root)
    data = ImageMaskDataset(
        CLASSES,
        dict(img_path='images', seg_map_path='masks'),
        data_root=str(root),
        ann_file='list.json',
    )
    labelled, unlabelled = images_of(data)
    assert groups(labelled) == wanted and not len(unlabelled)
    assert {id_[1] for id_ in labelled.ids.values()} == {1, 2}


def test_of_a_coco_file(root):
    entry = dict(bbox=[9, 9, 50, 50], keypoints=[20, 20, 2] * 17, category_id=1)
    entries = [dict(id=n, image_id=n, num_keypoints=17, **entry) for n in (1, 2)]
    person = [dict(id=1, name='person')]
    wanted = listed(root, annotations=entries, categories=person)
    data = CocoPoseDataset(
        data_root=str(root),
        ann_file='list.json',
        data_prefix=dict(img='images'),
        metainfo=dict(from_file='configs/_base_/datasets/coco.py'),
    )
    assert groups(images_of(data)[0]) == wanted


def test_parts_know_which_images_are_labelled(root):
    masks = dict(
        type='ssltoolbox.ImageMaskDataset',
        metainfo=CLASSES,
        data_prefix=dict(img_path='images', seg_map_path='masks'),
        data_root=str(root),
    )
    both = images_of(FewShotImageDataset(masks, 1, part='all'))
    assert [[file[-5:] for file in part.files] for part in both] == [
        ['x.png'],
        ['y.png'],
    ]
    labelled, unlabelled = images_of(FewShotImageDataset(masks, 1, part='unlabelled'))
    assert not len(labelled) and unlabelled.files == both[1].files
