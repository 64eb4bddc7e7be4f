import json
from pathlib import Path

import numpy as np
import pytest
from mmengine.registry import init_default_scope

from ssltoolbox.datasets.stored_masks import StoredMaskDataset
from ssltoolbox.registry import DATASETS
from ssltoolbox.semi.mask_store import MaskStore, write_mask
from ssltoolbox.testing import check_dataset
from ssltoolbox.utils.digest import name_id
from ssltoolbox.utils.image_file import write_image

from ..jobs.coloured_images import CLASSES, pool, write_images

SIZES = [(20, 10), (8, 8), (9, 7)]
IDS = [name_id(f'{number:02}.png') for number in range(3)]
LOAD = [dict(type='ssltoolbox.LoadImage'), dict(type='ssltoolbox.LoadMask')]


@pytest.fixture
def images(tmp_path):
    init_default_scope('mmpose')
    return write_images(tmp_path / 'data', SIZES)


@pytest.fixture
def store(tmp_path):
    def write(accepted=(True, False, True), ids=IDS, classes=CLASSES):
        for i, (width, height) in zip(ids, SIZES, strict=False):
            mask = np.ones((height, width), np.uint8)
            mask[0] = 255
            write_mask(tmp_path / 'store', i, mask, mask)
        ones, meta = [1.0] * len(ids), dict(classes=classes)
        return str(
            MaskStore.write(tmp_path / 'store', ids, ones, accepted, meta).folder
        )

    return write


def test_accepted_images_have_their_masks(images, store):
    dataset = StoredMaskDataset(pool(images), store(), LOAD)
    assert len(dataset) == 2 and dataset.ids.tolist() == [IDS[0], IDS[2]]
    assert dataset.metainfo['classes'] == CLASSES
    for sample, name in zip(dataset, ('00', '02'), strict=True):
        # the image is the file of that name itself
        assert sample['img_path'] == str(images / 'images' / f'{name}.png')
        assert sample['gt_seg_map'].shape == sample['img'].shape[:2]
        assert (sample['gt_seg_map'][0] == 255).all()
        assert (sample['gt_seg_map'][1:] == 1).all()
        assert sample['labelled'] is False and sample['pseudo_labelled']


def test_it_is_a_source_among_others(images, store):
    source = dict(
        type='ssltoolbox.StoredMaskDataset', dataset=pool(images), store=store()
    )
    both = DATASETS.build(
        dict(
            type='ssltoolbox.MultiSourceDataset',
            sources=dict(pseudo=source),
            pipeline=LOAD,
        )
    )
    assert both.source_sizes == [2] and 'gt_seg_map' in both[0]


def test_codes_are_those_of_other_masks(images, store):
    dataset = StoredMaskDataset(pool(images), store())
    inner = dataset.dataset.get_data_info

    dataset.dataset.get_data_info = lambda index: inner(index) | {'codes': [[0], [9]]}
    assert 'codes' not in dataset.get_data_info(0)


def test_a_pool_without_a_store_shows_no_mask(images):
    sample = DATASETS.build({**pool(images), 'pipeline': LOAD})[0]
    assert 'gt_seg_map' not in sample


def test_a_stage_that_has_not_run_is_named(images, tmp_path):
    for store in (None, str(tmp_path / 'nowhere')):
        with pytest.raises(FileNotFoundError, match='--stage annotate'):
            StoredMaskDataset(pool(images), store)


def test_a_store_of_other_images_or_classes_is_refused(images, store):
    with pytest.raises(
        ValueError, match=r'is of other images: 0 of 3 images.*3 images'
    ):
        StoredMaskDataset(pool(images), store(ids=[1, 2, 3]))
    with pytest.raises(ValueError, match='of the classes a, b, the data set has backg'):
        StoredMaskDataset(pool(images), store(classes=('a', 'b')))


def test_nothing_to_train_on_is_refused(images, store):
    told = r'no image is left.*0 of 3 images.*3 masks were rejected.*max_disagreement'
    with pytest.raises(ValueError, match=told):
        StoredMaskDataset(pool(images), store(accepted=[False] * 3))


def test_corrected_masks_are_labelled_and_come_as_often_as_asked(images, store):
    folder = store()
    meta = json.loads((Path(folder) / 'meta.json').read_text())
    meta['images'][str(IDS[2])]['corrected'] = True
    (Path(folder) / 'meta.json').write_text(json.dumps(meta))
    dataset = StoredMaskDataset(pool(images), folder, LOAD, corrected_repeat=3)
    assert dataset.ids.tolist() == [IDS[0], IDS[2], IDS[2], IDS[2]]
    assert [each['labelled'] for each in dataset] == [False, True, True, True]
    assert all('gt_seg_map' in each for each in dataset)
    with pytest.raises(ValueError, match='a whole number, at least 1, got 0'):
        StoredMaskDataset(pool(images), folder, LOAD, corrected_repeat=0)


def test_corrected_masks_of_test_images_are_refused(images, store):
    folder = store()
    meta = json.loads((Path(folder) / 'meta.json').read_text())
    meta['images'][str(IDS[0])]['corrected'] = True
    (Path(folder) / 'meta.json').write_text(json.dumps(meta))
    for number, size in enumerate(SIZES):
        write_image(images / f'masks/{number:02}.png', np.zeros(size[::-1], np.uint8))
    prefix = dict(img_path='images', seg_map_path='masks')
    part = pool(images)
    test_set = {**part['dataset'], 'data_prefix': prefix, 'require_masks': True}
    part['forbidden'] = [test_set]
    with pytest.raises(ValueError, match='1 of 1 labelled images .* belong to the va'):
        StoredMaskDataset(part, folder)


def test_it_has_the_properties_of_a_data_set(images, store):
    check_dataset(StoredMaskDataset(pool(images), store(), LOAD))
