import json

import numpy as np
import pytest

from ssltoolbox.registry import DATASETS
from ssltoolbox.testing import check_dataset

from mmpose.datasets.datasets.base import BaseCocoStyleDataset  # isort: skip


def annotation(id_, image_id, category_id, x=10):
    keypoints = [x, 20, 2, 0, 0, 0, x, 30, 1] + [0] * 42
    return dict(
        id=id_,
        image_id=image_id,
        category_id=category_id,
        bbox=[5, 10, 40, 30],
        area=1200,
        keypoints=keypoints,
    )


@pytest.fixture
def root(tmp_path):
    """Image 30 shows a cow and a cat, image 20 a cat, image 10 nothing usable."""
    content = dict(
        images=[
            dict(id=i, file_name=f'{i:012d}.jpg', width=100, height=80)
            for i in (30, 10, 20)
        ],
        annotations=[annotation(5, 20, 2), annotation(6, 30, 1), annotation(7, 30, 2)],
        categories=[
            dict(id=1, name='cow', supercategory='Bovidae'),
            dict(id=2, name='cat', supercategory='Felidae'),
        ],
    )
    (tmp_path / 'annotations').mkdir()
    for name in ('train-split1', 'val-split2'):
        path = tmp_path / 'annotations' / f'ap10k-{name}.json'
        path.write_text(json.dumps(content))
    return tmp_path


def build(root, **fields):
    return DATASETS.build(
        dict(type='ssltoolbox.APTenKDataset', data_root=str(root), **fields)
    )


def ids(dataset):
    return [dataset.get_data_info(i)['id'] for i in range(len(dataset))]


def test_record_of_an_instance(root):
    data = build(root, subset='train')
    assert ids(data) == [6, 7, 5]
    record = data.get_data_info(0)
    assert record['img_id'] == 30
    assert record['img_path'] == f'{root}/data/000000000030.jpg'
    assert record['bbox'].tolist() == [[5, 10, 44, 39]]
    assert record['bbox'].dtype == np.float32
    assert record['keypoints'].shape == (1, 17, 2)
    assert record['keypoints'][0, 2].tolist() == [10, 30]
    # labelled but occluded counts as visible
    assert record['keypoints_visible'][0, :4].tolist() == [1, 0, 1, 0]
    assert record['num_keypoints'] == 2 and record['area'] == 1200
    assert 'raw_ann_info' not in record


def test_records_have_all_that_mmpose_gives_them_and_share_the_layout(root):
    data = build(root, subset='train')
    first, second = data.get_data_info(0), data.get_data_info(1)
    theirs = BaseCocoStyleDataset.get_data_info(data, 0)
    assert first.keys() == theirs.keys()
    np.testing.assert_equal(first, theirs)
    assert first['flip_indices'] is second['flip_indices']
    assert first['keypoints'] is not data.get_data_info(0)['keypoints']


def test_split_and_subset_name_the_file(root):
    data = build(root, subset='val', split=2, test_mode=True)
    assert data.ann_file.endswith('annotations/ap10k-val-split2.json')
    assert data.get_data_info(0)['raw_ann_info']['id'] == 6
    assert len(build(root, ann_file='annotations/ap10k-train-split1.json')) == 3


@pytest.mark.parametrize(
    'fields, kept',
    [
        (dict(species=['cow']), [6, 7]),
        (dict(families=['Bovidae']), [6, 7]),
        (dict(species=['cat']), [6, 7, 5]),
        (dict(sample_interval=20), [5]),
    ],
)
def test_restriction_keeps_whole_images(root, fields, kept):
    assert ids(build(root, subset='train', **fields)) == kept


@pytest.mark.parametrize(
    'fields, message',
    [
        (dict(), 'either subset or ann_file'),
        (dict(subset='train', ann_file='x.json'), 'either subset or ann_file'),
        (dict(subset='dev'), "subset='dev'"),
        (dict(subset='train', split=4), 'split=4'),
        (dict(subset='train', species=['dog']), "unknown species 'dog'.*cat, cow"),
        (dict(subset='train', data_mode='bottomup'), 'one instance per record'),
        (dict(subset='train', bbox_file='b.json'), 'test_mode==True'),
    ],
)
def test_refuses_wrong_fields(root, fields, message):
    with pytest.raises(ValueError, match=message):
        build(root, **fields)


def test_absent_data_says_how_to_get_it(root):
    with pytest.raises(FileNotFoundError, match='data root .*AlexTheBad.*make demo'):
        build(root / 'nowhere', subset='train')
    with pytest.raises(
        FileNotFoundError, match='ap10k-test-split1.json does not exist'
    ):
        build(root, subset='test')


def test_wrong_keypoint_count_names_the_annotation(root):
    path = root / 'annotations' / 'ap10k-train-split1.json'
    content = json.loads(path.read_text())
    content['annotations'][1]['keypoints'] += [1, 1, 2]
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match='annotation 6 has 18 keypoints, expected 17'):
        build(root, subset='train')


def test_nothing_usable_is_an_error(root):
    path = root / 'annotations' / 'ap10k-train-split1.json'
    content = json.loads(path.read_text())
    for entry in content['annotations']:
        entry['iscrowd'] = 1
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match='none of the 3 annotations can be used'):
        build(root, subset='train')


def test_layout_does_not_depend_on_the_working_folder(root, monkeypatch):
    # a dataset config of the same name must not be taken for the layout
    decoy = root / 'configs' / '_base_' / 'datasets' / 'ap10k.py'
    decoy.parent.mkdir(parents=True)
    decoy.write_text('data_root = "x"\n')
    monkeypatch.chdir(root)
    meta = build(root, subset='train').metainfo
    assert meta['num_keypoints'] == 17 and meta['dataset_name'] == 'ap10k'
    assert {tuple(sorted(pair)) for pair in meta['flip_pairs']} == {
        (0, 1), (5, 8), (6, 9), (7, 10), (11, 14), (12, 15), (13, 16)
    }  # fmt: skip
    assert meta['upper_body_ids'] == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert meta['lower_body_ids'] == [4, 10, 11, 12, 13, 14, 15, 16]


def test_sigmas_are_those_of_the_published_results(root):
    elbow = build(root, subset='train').metainfo['sigmas'][6]
    assert elbow == pytest.approx(0.079)
    mmpose = dict(from_file='configs/_base_/datasets/ap10k.py')
    elbow = build(root, subset='train', metainfo=mmpose).metainfo['sigmas'][6]
    assert elbow == pytest.approx(0.072)


def test_layout_file_must_exist(root):
    with pytest.raises(FileNotFoundError, match='metainfo file mouse.py'):
        build(root, subset='train', metainfo=dict(from_file='mouse.py'))


def test_general_dataset_asks_for_the_layout(root):
    fields = dict(type='ssltoolbox.CocoPoseDataset', ann_file='x.json')
    with pytest.raises(ValueError, match='CocoPoseDataset needs the keypoint layout'):
        DATASETS.build(fields)


@pytest.mark.real_data
def test_agrees_with_mmpose_on_published_images(real_data, tmp_path, monkeypatch):
    # mmpose alone would take our dataset config of that name for the layout
    monkeypatch.chdir(tmp_path)
    fields = dict(
        ann_file='test_ap10k.json',
        data_root=str((real_data / 'pose_samples' / 'ap10k').resolve()),
        data_prefix=dict(img=''),
        test_mode=True,
    )
    ours = DATASETS.build(
        dict(
            type='ssltoolbox.APTenKDataset',
            pipeline=[dict(type='ssltoolbox.LoadImage')],
            **fields,
        )
    )
    theirs = DATASETS.build(dict(type='mmpose.AP10KDataset', **fields))
    assert len(ours) == len(theirs) == 2
    for i in range(2):
        a, b = ours[i], theirs.get_data_info(i)
        for key in ('id', 'img_id', 'img_path', 'category_id', 'area', 'raw_ann_info'):
            assert a[key] == b[key], key
        for key in ('keypoints', 'keypoints_visible', 'bbox_score'):
            np.testing.assert_array_equal(a[key], b[key])
        np.testing.assert_allclose(a['bbox'], b['bbox'], atol=1)
        assert a['img'].ndim == 3


def test_it_has_the_properties_of_a_data_set(toy):
    check_dataset(build(toy, subset='train'), [build(toy, subset='val')])
