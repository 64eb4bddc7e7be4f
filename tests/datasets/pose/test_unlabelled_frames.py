import pytest
from PIL import Image

from ssltoolbox.registry import DATASETS
from ssltoolbox.testing import check_dataset


@pytest.fixture
def build(tmp_path):
    for name in ('b.jpg', 'day/a.png'):
        path = tmp_path / 'pool' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new('RGB', (40, 30)).save(path)

    def make(**fields):
        config = dict(
            type='ssltoolbox.UnlabelledFrames',
            data_root=str(tmp_path),
            img_dir='pool',
            metainfo=dict(from_file='configs/_base_/datasets/endovis_layout.py'),
        )
        return DATASETS.build(config | fields)

    return make


def test_one_record_per_image_sorted_by_name(build, tmp_path):
    data = build()
    first, second = (data.get_data_info(i) for i in range(len(data)))
    assert (first['frame'], second['frame']) == ('b.jpg', 'day/a.png')
    assert second['img_path'] == str(tmp_path / 'pool/day/a.png')
    assert first['annotated'] is False
    assert first['keypoints'].shape == (0, 5, 2)
    assert first['keypoints_visible'].shape == (0, 5)
    assert first['flip_indices'] == [1, 0, 2, 3, 4]


def test_ids_stay_when_images_are_added(build, tmp_path):
    before = {r['frame']: r['id'] for r in map(build().get_data_info, range(2))}
    Image.new('RGB', (4, 3)).save(tmp_path / 'pool/a.png')
    data = build()
    after = {r['frame']: r['img_id'] for r in map(data.get_data_info, range(3))}
    assert before.items() <= after.items() and len(set(after.values())) == 3


def test_no_unlabelled_frames(build, tmp_path):
    with pytest.raises(FileNotFoundError, match='none does not exist.*video2frames.py'):
        build(img_dir='none')
    (tmp_path / 'empty').mkdir()
    with pytest.raises(FileNotFoundError, match='empty holds no image'):
        build(img_dir='empty')


def test_it_has_the_properties_of_a_data_set(build):
    check_dataset(build())
