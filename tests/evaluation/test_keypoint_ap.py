import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from ssltoolbox.datasets.pose.union import union_indices
from ssltoolbox.registry import DATASETS, METRICS

SIGMAS = [0.1, 0.1, 0.1]
JOINTS = np.array([[[10.0, 10], [110, 10], [60, 110]]], np.float32)
FAR = 500.0
REAL = Path(
    os.environ.get('SSLTOOLBOX_DATA', Path(__file__).parents[3] / 'shared/data')
).joinpath('pose_samples/ap10k')


def annotation(number, image, category=1):
    return {
        'id': number,
        'image_id': image,
        'category_id': category,
        'bbox': [0, 0, 120, 120],
        'area': 14400.0,
        'keypoints': np.dstack([JOINTS, np.full((1, 3), 2)]).ravel().tolist(),
        'iscrowd': 0,
        'segmentation': 'never read',
    }


def sample(number, image, category=1, shift=0.0, raw=True):
    result = {
        'id': number,
        'img_id': image,
        'category_id': np.array(category),
        'ori_shape': (480, 640),
        'pred_instances': {
            'keypoints': JOINTS + shift,
            'keypoint_scores': np.full((1, 3), 0.8, np.float32),
            'bboxes': np.array([[0, 0, 120, 120]], np.float32),
        },
        'gt_instances': {
            'bbox_scales': np.array([[150, 150]], np.float32),
            'bbox_scores': np.ones(1, np.float32),
        },
    }
    if raw:
        result['raw_ann_info'] = annotation(number, image, category)
    return result


def evaluate(samples, **options):
    metric = METRICS.build(dict(type='ssltoolbox.KeypointAPMetric', **options))
    metric.dataset_meta = {
        'sigmas': SIGMAS,
        'dataset_name': 'toy',
        'CLASSES': [{'id': 1, 'name': 'cat'}, {'id': 2, 'name': 'dog'}],
    }
    metric.process({}, samples)
    return metric.evaluate(len(samples))


@pytest.fixture
def ann_file(tmp_path):
    path = tmp_path / 'truth.json'
    content = {
        'images': [{'id': i, 'file_name': f'{i}.jpg'} for i in (1, 2, 3)],
        'annotations': [annotation(10 * i, i) for i in (1, 2, 3)],
        'categories': [{'id': 1, 'name': 'cat'}],
    }
    path.write_text(json.dumps(content))
    return str(path)


def test_values_come_under_the_usual_names():
    result = evaluate([sample(1, 1), sample(2, 2, category=2, shift=FAR)])
    assert result['coco/AP'] == pytest.approx(0.5)
    assert result['coco/AP_instance'] == pytest.approx(51 / 101)
    assert {'coco/AP50', 'coco/AP75', 'coco/AP_M', 'coco/AP_L'} < set(result)
    assert {'coco/AR', 'coco/AR50', 'coco/AR75', 'coco/AR_M', 'coco/AR_L'} < set(result)


def test_tensors_of_half_precision_are_read():
    item = sample(1, 1)
    for key in ('keypoints', 'keypoint_scores'):
        item['pred_instances'][key] = torch.from_numpy(
            item['pred_instances'][key]
        ).bfloat16()
    assert evaluate([item])['coco/AP'] == pytest.approx(1)


def test_only_evaluated_images_of_the_file_count(ann_file):
    samples = [sample(10, 1, raw=False), sample(20, 2, raw=False)]
    assert evaluate(samples, ann_file=ann_file)['coco/AP'] == pytest.approx(1)
    # Of three animals two are found: precision 1 up to a recall of 2/3.
    result = evaluate(samples, ann_file=ann_file, whole_file=True)
    assert result['coco/AP'] == pytest.approx(67 / 101)
    assert result['coco/AR'] == pytest.approx(2 / 3)


def test_two_data_sets_of_one_name_do_not_mix(ann_file):
    evaluate([sample(10, 1)], ann_file=ann_file)
    assert evaluate([sample(1, 77)])['coco/AP'] == pytest.approx(1)


def test_padding_of_the_last_batch_counts_once():
    result = evaluate([sample(1, 1), sample(2, 2), sample(1, 1)])
    assert result['coco/AP'] == pytest.approx(1)
    assert result['coco/AR'] == pytest.approx(1)


def test_sample_without_any_instance_is_a_miss():
    empty = sample(2, 2)
    predicted = empty['pred_instances']
    for key in predicted:
        predicted[key] = predicted[key][:0]
    empty['gt_instances'] = {}
    assert evaluate([sample(1, 1), empty])['coco/AR'] == pytest.approx(0.5)


def test_no_sample_at_all_gives_minus_one():
    assert set(evaluate([]).values()) == {-1.0}


def test_table_names_every_category_and_the_console_stays_short(monkeypatch):
    lines = []
    monkeypatch.setattr(
        'ssltoolbox.evaluation.keypoint_ap.print_log',
        lambda text, logger: lines.append(text),
    )
    samples = [sample(1, 1), sample(2, 2, category=2, shift=FAR)]
    evaluate(samples)
    assert len(lines) == 1 and '\n' not in lines[0]
    evaluate(samples, per_category=True)
    worst, best = lines[-1].splitlines()[1:]
    assert worst.split() == ['dog', '0.0000', '(1)']
    assert best.split() == ['cat', '1.0000', '(1)']


def test_bad_input_is_named(ann_file):
    with pytest.raises(ValueError, match='image id 9 .*not in'):
        evaluate([sample(1, 9)], ann_file=ann_file)
    with pytest.raises(ValueError, match='raw_ann_info'):
        evaluate([sample(1, 1, raw=False)])
    with pytest.raises(ValueError, match='pred_instances'):
        evaluate([{'id': 1, 'img_id': 1}], ann_file=ann_file)
    with pytest.raises(ValueError, match='needs an ann_file'):
        evaluate([], whole_file=True)
    item = sample(1, 1)
    item['pred_instances'] = {
        'keypoints': np.zeros((1, 4, 2)),
        'keypoint_scores': np.zeros((1, 4)),
    }
    with pytest.raises(ValueError, match='3 sigmas for 4 keypoints'):
        evaluate([item])


def union_sample(number, image, **options):
    """A person, whose 17 joints are found in the order of the union."""
    item = sample(number, image, **options)
    own = np.stack([np.arange(17) * 10, np.arange(17) % 2 * 100], -1)[None]
    found = np.full((1, 24, 2), -FAR)
    found[:, union_indices('coco')] = own
    scores = np.full((1, 24), 0.1)
    scores[:, union_indices('coco')] = 0.8
    item['pred_instances'].update(keypoints=found, keypoint_scores=scores)
    item['raw_ann_info']['keypoints'] = np.dstack([own, np.full((1, 17), 2)]).ravel()
    return item


def test_layout_selects_joints_and_sigmas_from_the_union():
    result = evaluate([union_sample(1, 1)], layout='coco')
    assert result['coco/AP'] == pytest.approx(1)
    with pytest.raises(ValueError, match='3 sigmas for 24 keypoints'):
        evaluate([union_sample(1, 1)])
    with pytest.raises(ValueError, match="the 14 of 'aic' nor the 24"):
        evaluate([sample(1, 1)], layout='aic')


def test_annotations_of_a_sample_may_be_of_the_union_too():
    item = union_sample(1, 1)
    joints = np.zeros((24, 3))
    joints[union_indices('coco')] = item['raw_ann_info']['keypoints'].reshape(17, 3)
    item['raw_ann_info']['keypoints'] = joints.ravel().tolist()
    assert evaluate([item], layout='coco')['coco/AP'] == pytest.approx(1)


def test_scores_of_found_boxes_order_the_detections():
    # Both share an image of one animal. Precision at full recall is 1 if the box of
    # the right one scores higher, else 1/2.
    for score, expected in [(0.9, 1), (0.1, 1 / 2)]:
        right, wrong = sample(1, 1), sample(2, 1, shift=FAR)
        right['gt_instances']['bbox_scores'][:] = score
        wrong['gt_instances']['bbox_scores'][:] = 0.5
        wrong['raw_ann_info']['iscrowd'] = 1
        wrong['raw_ann_info']['bbox'] = [900, 900, 5, 5]
        result = evaluate([right, wrong])
        assert result['coco/AP'] == pytest.approx(expected)


def test_a_wrong_detection_is_as_large_as_its_joints_or_its_box():
    # Joints extend over 100 x 100 px, which is large; the box is of 50 x 50, medium.
    right, wrong = sample(1, 1), sample(2, 1, shift=FAR)
    right['raw_ann_info']['area'] = 2500.0
    wrong['raw_ann_info'].update(iscrowd=1, bbox=[900, 900, 50, 50])
    wrong['pred_instances']['keypoint_scores'][:] = 0.9
    assert evaluate([right, wrong])['coco/AP_M'] == pytest.approx(1)
    by_box = dict(detection_area='box')
    assert evaluate([right, wrong], **by_box)['coco/AP_M'] == pytest.approx(1 / 2)
    with pytest.raises(ValueError, match="'joints' or 'box', got 'area'"):
        evaluate([], detection_area='area')


def test_boxes_of_a_detector_have_the_size_of_the_sample(ann_file):
    samples = [sample(10 * i, i, raw=False) for i in (1, 2)]
    samples.append(sample(5, 3, shift=FAR, raw=False))
    for item, score in zip(samples, (0.8, 0.7, 0.9), strict=True):
        item['gt_instances'] |= dict(
            bboxes=np.array([[0.0, 0, 50, 50]]), bbox_scores=np.array([score])
        )
    options = dict(ann_file=ann_file, whole_file=True, detection_area='box')
    # Of three large animals two are found, as a medium box outruns them. It counts
    # for all sizes, where precision is 1/2 and then 2/3 up to a recall of 2/3.
    result = evaluate(samples, **options)
    assert result['coco/AP_L'] == pytest.approx(67 / 101)
    assert result['coco/AP'] == pytest.approx(67 / 101 * 2 / 3)


def noisy_samples():
    rng = np.random.default_rng(3)
    samples = []
    for number in range(40):
        item = sample(number, number // 2, category=int(rng.integers(1, 3)))
        noise = rng.normal(0, rng.choice([5, 20]), (1, 3, 2))
        # The second animal of an image stands elsewhere, sometimes on the first.
        place = 300 * (number % 2) * rng.integers(0, 2)
        predicted = item['pred_instances']
        del predicted['bboxes']
        predicted['keypoints'] = (JOINTS + place + noise).astype(np.float32)
        predicted['keypoint_scores'] = rng.uniform(0, 1, (1, 3)).astype(np.float32)
        raw = np.array(item['raw_ann_info']['keypoints']).reshape(3, 3)
        raw[:, :2] += place
        raw[:, 2] *= rng.integers(0, 2, 3)
        item['raw_ann_info'].update(keypoints=raw.ravel().tolist())
        samples.append(item)
    return samples


def test_equals_the_metric_of_mmpose(capsys):
    samples = noisy_samples()
    metric = METRICS.build(dict(type='mmpose.CocoMetric'))
    metric.dataset_meta = {
        'sigmas': np.array(SIGMAS),
        'num_keypoints': 3,
        'dataset_name': 'nowhere',
        'CLASSES': [{'id': 1, 'name': 'cat'}, {'id': 2, 'name': 'dog'}],
    }
    metric.process({}, samples)
    theirs = list(metric.evaluate(len(samples)).values())
    capsys.readouterr()
    ours = evaluate(samples)
    assert 0.05 < ours['coco/AP'] < 0.95
    assert list(ours.values())[:10] == pytest.approx(theirs)
    assert capsys.readouterr().out == ''


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.is_dir(), reason=f'no AP-10K sample in {REAL}')
def test_annotation_as_prediction_is_perfect_on_real_images():
    file = str(REAL / 'test_ap10k.json')
    pipeline = [
        dict(type='mmpose.LoadImage'),
        dict(type='mmpose.GetBBoxCenterScale'),
        dict(type='mmpose.TopdownAffine', input_size=(64, 64)),
        dict(type='mmpose.PackPoseInputs'),
    ]
    dataset = DATASETS.build(
        dict(
            type='ssltoolbox.APTenKDataset',
            ann_file=file,
            data_root=str(REAL),
            data_prefix=dict(img=''),
            test_mode=True,
            pipeline=pipeline,
        )
    )
    samples = [item['data_samples'].to_dict() for item in dataset]
    for item in samples:
        truth = item['gt_instances']
        item['pred_instances'] = {
            'keypoints': truth['keypoints'],
            'keypoint_scores': truth['keypoints_visible'],
        }
    for options in (
        dict(type='ssltoolbox.KeypointAPMetric', prefix='m'),
        dict(type='ssltoolbox.KeypointAPMetric', prefix='m', ann_file=file),
        dict(type='ssltoolbox.PCKMetric', prefix='m'),
    ):
        metric = METRICS.build(options)
        metric.dataset_meta = dataset.metainfo
        metric.process({}, samples)
        result = metric.evaluate(len(samples))
        key = 'm/AP' if 'm/AP' in result else 'm/PCK@0.05'
        assert result[key] == pytest.approx(1)
