"""The data sets of PoseCons and PoseDual, from their base configs to a batch."""

import json
from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.registry import init_default_scope
from PIL import Image
from torch.utils.data import DataLoader

from ssltoolbox.apis.config import read_config, resolve
from ssltoolbox.datasets.multi_source import MultiSourceDataset
from ssltoolbox.datasets.pose.union import union_indices
from ssltoolbox.datasets.sampler import MultiSourceSampler
from ssltoolbox.datasets.transforms.branches import branch_collate
from ssltoolbox.registry import DATASETS

FOLDER = Path(__file__).parents[2] / 'configs' / '_base_' / 'datasets'


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def draw(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new('RGB', (60, 50), (90, 120, 60)).save(path)


def people(images, first_id):
    """Two persons on each image."""
    return dict(
        images=[
            dict(id=i, file_name=f'{i:012d}.jpg', width=60, height=50) for i in images
        ],
        annotations=[
            dict(
                id=first_id + n,
                image_id=images[n // 2],
                category_id=1,
                bbox=[5, 5, 30, 40],
                area=1200,
                keypoints=[10 + n, 20, 2] * 17,
            )
            for n in range(2 * len(images))
        ],
        categories=[dict(id=1, name='person')],
    )


@pytest.fixture
def coco(tmp_path):
    for name, images, first in (('train2017', [9, 4, 7], 100), ('val2017', [2], 200)):
        file = tmp_path / 'annotations' / f'person_keypoints_{name}.json'
        write(file, people(images, first))
        for image in images:
            draw(tmp_path / name / f'{image:012d}.jpg')
    draw(tmp_path / 'unlabeled2017' / '000000000011.jpg')
    info = dict(images=[dict(id=11, file_name='000000000011.jpg')])
    write(tmp_path / 'annotations' / 'image_info_unlabeled2017.json', info)
    found = [
        dict(image_id=11, bbox=[5, 5, 30, 40], score=score, category_id=category)
        for score, category in ((0.9, 1), (0.1, 1), (0.8, 18))
    ]
    write(tmp_path / 'found.json', found)
    return tmp_path


def load(name, **options):
    init_default_scope('mmpose')
    cfg = read_config(FOLDER / f'{name}.py')
    cfg.merge_from_dict(dict(codec=dict(input_size=(24, 32)), **options))
    return resolve(cfg)


def sources(cfg: Config) -> MultiSourceDataset:
    return MultiSourceDataset(dict(labelled=cfg.labelled, unlabelled=cfg.unlabelled))


@pytest.mark.parametrize(
    'name, layout',
    [('coco_posedual', 'coco'), ('coco_wild', 'coco'), ('mpii_aic', 'mpii')],
)
def test_supervised_joints_are_those_of_the_labelled_data_set(name, layout):
    assert load(name).supervised_joints == sorted(union_indices(layout))


def test_a_batch_has_as_many_persons_with_labels_as_without(coco):
    data = sources(load('coco_posedual', data_root=str(coco), labels=2))
    assert data.source_sizes == [2, 6]
    sampler = MultiSourceSampler(data, batch_size=6, ratio=(1, 1), seed=0)
    loader = DataLoader(data, 6, sampler=sampler, collate_fn=branch_collate)
    assert len(loader) == 2
    seen = set()
    for batch in loader:
        assert {k: len(v) for k, v in batch['inputs'].items()} == dict(
            labelled=3, easy=3
        )
        samples = batch['data_samples']
        assert {s.metainfo['id'] for s in samples['labelled']} <= {100, 101}
        seen |= {s.metainfo['id'] for s in samples['easy']}
    assert seen == set(range(100, 106))


def test_samples_are_in_the_joints_of_the_union(coco):
    data = sources(load('coco_posedual', data_root=str(coco), labels=2))
    labelled = data[0]['data_samples']['labelled']
    easy = data[2]['data_samples']['easy']
    assert data[0]['inputs']['labelled'].shape == (3, 32, 24)
    for sample in (labelled, easy):
        assert sample.metainfo['flip_indices'][1] == 4
        assert sample.gt_instances.keypoints_visible.shape == (1, 24)
    assert labelled.gt_instances.keypoints_visible.sum() == 17
    assert not easy.gt_instances.keypoints_visible.any()
    assert easy.metainfo['truth'].shape == (24, 3)
    assert not easy.metainfo['labelled'] and labelled.metainfo['labelled']


def test_labelled_persons_may_be_kept_from_the_unlabelled_ones(coco):
    options = dict(data_root=str(coco), labels=2, unlabelled_labels='${labels}')
    data = sources(load('coco_posedual', **options))
    assert data.ids.tolist() == [100, 101, 102, 103, 104, 105]


def test_another_view_of_other_colours_has_the_same_geometry(coco):
    colour = [dict(type='ssltoolbox.PoseRandAugment'), '${pack}']
    options = dict(data_root=str(coco), unlabelled_views=dict(colour=colour), labels=2)
    sample = sources(load('coco_posedual', **options))[4]
    assert set(sample['inputs']) == {'easy', 'colour'}
    views = [sample['data_samples'][name].metainfo['view'] for name in sample['inputs']]
    assert np.array_equal(*views)


def test_labelled_persons_of_validation_images_are_refused(coco):
    folder = coco / 'annotations'
    write(folder / 'person_keypoints_val2017.json', people([9], 300))
    cfg = load('coco_posedual', data_root=str(coco), labels=3)
    with pytest.raises(ValueError, match=r'1 of 2 labelled images .*\(first: 9\)'):
        sources(cfg)


def test_persons_of_a_detector_need_no_labels(coco):
    options = dict(data_root=str(coco), wild_boxes='found.json')
    data = sources(load('coco_wild', **options))
    assert data.source_sizes == [6, 2]
    easy = data[6]['data_samples']['easy']
    assert easy.gt_instances.keypoints_visible.shape == (1, 24)
    sure = sources(load('coco_wild', **options, min_score=0.5))
    assert sure.source_sizes == [6, 1]


def test_evaluation_on_annotated_or_detected_boxes(coco):
    options = dict(data_root=str(coco))
    annotated = DATASETS.build(load('coco_posedual', **options).val_dataloader.dataset)
    assert len(annotated) == 2
    sample = annotated[0]['data_samples']
    assert sample.metainfo['flip_indices'][1] == 4
    assert annotated.metainfo['num_keypoints'] == 24
    boxes = [dict(image_id=2, bbox=[1, 1, 20, 30], score=0.5, category_id=1)]
    write(coco / 'val.json', boxes)
    options |= dict(detections=str(coco / 'val.json'))
    detected = DATASETS.build(load('coco_posedual', **options).val_dataloader.dataset)
    assert len(detected) == 1
    assert detected[0]['data_samples'].gt_instances.bbox_scores.tolist() == [0.5]


@pytest.fixture
def roots(tmp_path):
    entry = dict(image='3.jpg', center=[30, 20], scale=0.2, joints_vis=[1] * 16)
    entry |= dict(joints=[[20.0, 30.0]] * 16)
    for name, image in (('train', '3.jpg'), ('validation', '4.jpg')):
        write(tmp_path / 'mpii' / 'annot' / f'{name}.json', [entry | dict(image=image)])
        draw(tmp_path / 'mpii' / 'images' / image)
    for name in ('train', 'validation'):
        content = [
            dict(
                image_id='a',
                human_annotations=dict(h1=[5, 5, 35, 45], h2=[1, 1, 20, 20]),
                keypoint_annotations=dict(h1=[9, 9, 1] * 14, h2=[9, 9, 2] * 14),
            )
        ]
        folder = tmp_path / 'aic' / name
        write(folder / f'keypoint_{name}_annotation.json', content)
        draw(folder / 'images' / 'a.jpg')
    return dict(mpii_root=str(tmp_path / 'mpii'), aic_root=str(tmp_path / 'aic'))


def test_mpii_teaches_ai_challenger(roots):
    data = sources(load('mpii_aic', **roots))
    assert data.source_sizes == [1, 2]
    labelled = data[0]['data_samples']['labelled'].gt_instances
    easy = data[1]['data_samples']['easy']
    assert labelled.keypoints_visible.sum() == 16
    assert not easy.gt_instances.keypoints_visible.any()
    assert easy.metainfo['truth'][:, 2].sum() == 14


def test_both_data_sets_can_be_tested_on(roots):
    for name, count in (('mpii_aic', 1), ('mpii_aic_test-aic', 2)):
        data = DATASETS.build(load(name, **roots).test_dataloader.dataset)
        assert len(data) == count
        given = data[0]['data_samples'].gt_instances
        assert given.keypoints_visible.shape[:2] == (1, 24)
