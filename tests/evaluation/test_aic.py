import json
import os
from pathlib import Path

import numpy as np
import pytest

from ssltoolbox.datasets.pose.aic import Person
from ssltoolbox.datasets.pose.union import union_indices
from ssltoolbox.evaluation.aic_ap import (
    average_precision,
    read_aic_people,
    similarities,
)
from ssltoolbox.registry import DATASETS, METRICS

SIGMAS = np.full(14, 0.5)
JOINTS = np.arange(28.0).reshape(14, 2) * 10
BOX = (0.0, 0.0, 9.0, 11.0)  # 99 px^2
FAR = 1e4
REAL = Path(
    os.environ.get('SSLTOOLBOX_DATA', Path(__file__).parents[3] / 'shared/data')
).joinpath('pose_samples/aic/test_aic.json')


def person(visible=range(14)):
    flags = np.where(np.isin(np.arange(14), list(visible)), 1, 2)
    return Person('a', BOX, np.column_stack([JOINTS, flags]))


def shifted(*distances):
    return np.stack([JOINTS + [d, 0] for d in distances])


def similar(oks):
    """Shift in px that leaves this similarity: exp(-d^2 / 200)."""
    return float(np.sqrt(-200 * np.log(oks)))


def test_similarity_is_that_of_the_visible_joints():
    found = shifted(0, similar(0.7))
    found[0, 5:] = FAR
    people = [person(), person(range(5)), person([])]
    np.testing.assert_allclose(
        similarities(people, found, SIGMAS), [[5 / 14, 0.7], [1, 0.7], [0, 0]]
    )


def test_thresholds_are_averaged():
    # above 0.5, 0.55, 0.6, 0.65 and 0.7 of ten
    found = {'a': shifted(similar(0.72))}
    assert average_precision({'a': [person()]}, found, SIGMAS) == pytest.approx(0.5)


def test_surplus_predictions_and_persons_count_as_wrong():
    truth = {'a': [person()]}
    found = {'a': shifted(0, FAR)}
    assert average_precision(truth, found, SIGMAS) == pytest.approx(1 / 2)
    truth = {'a': [person(), person()], 'b': [person()]}
    # One prediction serves both persons, as in the official program.
    assert average_precision(truth, {'a': shifted(0)}, SIGMAS) == pytest.approx(2 / 3)


def test_person_without_visible_joint_is_a_miss():
    truth = {'a': [person(), person([])]}
    assert average_precision(truth, {'a': shifted(0, 0)}, SIGMAS) == 0.5


def test_nothing_found_is_zero_and_nothing_to_find_minus_one():
    assert average_precision({'a': [person()]}, {}, SIGMAS) == 0
    assert average_precision({'a': []}, {'a': shifted(0)}, SIGMAS) == 0
    assert average_precision({'a': []}, {}, SIGMAS) == -1
    assert average_precision({}, {}, SIGMAS) == -1


def published(flags=1, names=('a', 'b')):
    keypoints = np.column_stack([JOINTS, np.full(14, flags)]).ravel().tolist()
    return [
        dict(
            image_id=name,
            human_annotations=dict(human1=[0, 0, 100, 200]),
            keypoint_annotations=dict(human1=keypoints),
        )
        for name in names
    ]


def sample(number, name, shift=0.0, visible=1, union=False):
    found = shifted(shift)
    if union:
        found, own = np.full((1, 24, 2), -FAR), found
        found[:, union_indices('aic')] = own
    return dict(
        id=number,
        img_path=f'some/folder/{name}.jpg',
        pred_instances=dict(keypoints=found),
        gt_instances=dict(
            keypoints=JOINTS[None], keypoints_visible=np.full((1, 14), visible)
        ),
    )


@pytest.fixture
def evaluate(tmp_path):
    def run(samples, content=None, **options):
        path = tmp_path / 'truth.json'
        path.write_text(json.dumps(published() if content is None else content))
        options['ann_file'] = str(path)
        metric = METRICS.build(dict(type='ssltoolbox.AicMetric', **options))
        metric.process({}, samples)
        return metric.evaluate(len(samples))

    return run


def test_values_come_under_their_names(evaluate):
    values = evaluate([sample(1, 'a'), sample(2, 'b', shift=FAR, union=True)])
    names = 'AP Head Neck Shoulder Elbow Wrist Hip Knee Ankle Mean'.split()
    names += ['Mean@0.1', 'Mean@0.2', 'Mean@0.3', 'Mean@0.4']
    assert list(values) == [f'aic/{name}' for name in names]
    assert set(values.values()) == {0.5}


def test_only_evaluated_images_count_unless_the_whole_file_is_asked_for(evaluate):
    assert evaluate([sample(1, 'a')])['aic/AP'] == 1
    assert evaluate([sample(1, 'a')], whole_file=True)['aic/AP'] == 0.5


def test_padding_of_the_last_batch_counts_once(evaluate):
    assert evaluate([sample(1, 'a'), sample(1, 'a')])['aic/AP'] == 1


def test_head_is_the_way_from_its_top_to_the_neck_or_a_usual_one(evaluate):
    # The distance of two neighbours is 28.3 px, half of it 14.1; of 95 px 47.5.
    assert evaluate([sample(1, 'a', shift=14)])['aic/Mean'] == 1
    item = sample(1, 'a', shift=15)
    assert evaluate([item])['aic/Mean'] == 0
    item['gt_instances']['keypoints_visible'][0, 13] = 0
    assert evaluate([item])['aic/Mean'] == 1


def test_nothing_evaluated_and_nothing_labelled(evaluate):
    values = evaluate([])
    assert values.pop('aic/AP') == -1
    assert np.isnan(list(values.values())).all()
    values = evaluate([sample(1, 'a', visible=0)], published(flags=3))
    assert values.pop('aic/AP') == 0
    assert np.isnan(list(values.values())).all()


def test_without_a_file_there_is_no_ap():
    metric = METRICS.build(dict(type='ssltoolbox.AicMetric'))
    metric.process({}, [sample(1, 'a')])
    values = metric.evaluate(1)
    assert 'aic/AP' not in values and values['aic/Mean'] == 1
    with pytest.raises(ValueError, match='needs an ann_file'):
        METRICS.build(dict(type='ssltoolbox.AicMetric', whole_file=True))


def test_bad_input_is_named(evaluate):
    with pytest.raises(ValueError, match='image c was evaluated but is not in'):
        evaluate([sample(1, 'c')])
    short = published()
    short[0]['keypoint_annotations']['human1'].pop()
    with pytest.raises(ValueError, match='truth.json: image a: .* 13.6667 joints'):
        evaluate([sample(1, 'a')], short)
    with pytest.raises(ValueError, match='truth.json: image 0 lacks'):
        evaluate([sample(1, 'a')], [{'image_id': 'a'}])


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.is_file(), reason=f'no AI Challenger sample at {REAL}')
def test_annotation_as_prediction_is_perfect_on_real_annotations():
    people = read_aic_people(REAL)
    found = {i: np.stack([p.keypoints for p in ps]) for i, ps in people.items()}
    found = {image: joints[..., :2] for image, joints in found.items()}
    assert sum(map(len, found.values())) > 3
    assert average_precision(people, found, SIGMAS) == 1


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.is_file(), reason=f'no AI Challenger sample at {REAL}')
def test_real_images_are_evaluated_from_reader_to_metric(evaluate, tmp_path):
    content = [
        dict(
            image_id=image,
            human_annotations={f'human{i}': p.box for i, p in enumerate(people)},
            keypoint_annotations={
                f'human{i}': p.keypoints.ravel().tolist() for i, p in enumerate(people)
            },
        )
        for image, people in read_aic_people(REAL).items()
    ]
    (tmp_path / 'published.json').write_text(json.dumps(content))
    dataset = DATASETS.build(
        dict(
            type='ssltoolbox.AicPoseDataset',
            ann_file=str(tmp_path / 'published.json'),
            data_root=str(REAL.parent),
            data_prefix=dict(img=''),
            test_mode=True,
            pipeline=[
                dict(type='ssltoolbox.LoadImage'),
                dict(type='ssltoolbox.UnionJoints'),
                dict(type='mmpose.GetBBoxCenterScale'),
                dict(type='mmpose.TopdownAffine', input_size=(64, 64)),
                dict(type='mmpose.PackPoseInputs'),
            ],
        )
    )
    samples = [item['data_samples'].to_dict() for item in dataset]
    for item in samples:
        item['pred_instances'] = dict(keypoints=item['gt_instances']['keypoints'])
    values = evaluate(samples, content, whole_file=True)
    assert values['aic/AP'] == values['aic/Mean@0.1'] == 1
