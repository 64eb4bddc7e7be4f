import cv2
import numpy as np
import pytest

from ssltoolbox.datasets.few_shot_images import FewShotImageDataset
from ssltoolbox.datasets.stored_maps import StoredMapDataset
from ssltoolbox.semi.map_file import write_maps
from ssltoolbox.semi.map_store import MapStore
from ssltoolbox.testing import check_dataset


@pytest.fixture
def pool(tmp_path):
    for number in range(4):
        path = tmp_path / 'images' / f'{number}.png'
        path.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(path), np.zeros((6, 8, 3), np.uint8))
    dataset = dict(
        type='ssltoolbox.ImageMaskDataset',
        data_root=str(tmp_path),
        data_prefix=dict(img_path='images'),
        metainfo=dict(classes=('a', 'b')),
        require_masks=False,
    )
    pool = 'ssltoolbox.FewShotImageDataset'
    return dict(type=pool, dataset=dataset, labels=None, part='unlabelled')


def test_accepted_images_come_with_their_maps_in_the_view(pool, tmp_path):
    ids = FewShotImageDataset(**{k: v for k, v in pool.items() if k != 'type'}).ids
    maps = np.stack([np.full((3, 4), 0.25), np.full((3, 4), 0.75)])
    for i in ids[:3]:
        write_maps(tmp_path / 'store', int(i), maps)
    accepted = [True, True, True, False]
    MapStore.write(tmp_path / 'store', ids, [0.5] * 4, accepted)
    made = StoredMapDataset(
        pool,
        str(tmp_path / 'store'),
        pipeline=[
            dict(type='ssltoolbox.LoadImage'),
            dict(type='ssltoolbox.LoadPseudoMap'),
            dict(type='ssltoolbox.ImageView', input_size=(8, 6)),
            dict(type='ssltoolbox.PackSegView'),
        ],
    )
    assert made.ids.tolist() == ids[:3].tolist()
    sample = made[0]['data_samples']
    assert not sample.labelled
    assert np.array_equal(sample.pseudo_maps.data, maps)


def test_it_has_the_properties_of_a_data_set(pool, tmp_path):
    ids = FewShotImageDataset(**{k: v for k, v in pool.items() if k != 'type'}).ids
    for i in ids:
        write_maps(tmp_path / 'store', int(i), np.full((2, 3, 4), 0.5))
    MapStore.write(tmp_path / 'store', ids, [0.5] * 4, [True] * 4)
    check_dataset(StoredMapDataset(pool, str(tmp_path / 'store')))
