import numpy as np
import pytest

from ssltoolbox.evaluation.coco_keypoints import (
    STAT_NAMES,
    evaluate_keypoints,
    instance_scores,
    select_detections,
)

SIGMAS = np.array([0.1, 0.1, 0.1])
JOINTS = np.array([[10.0, 10], [110, 10], [60, 110]])
FAR = 500.0


def annotation(image, category, **fields):
    keypoints = np.column_stack([JOINTS, [2, 1, 2]]).ravel().tolist()
    return {
        'image_id': image,
        'category_id': category,
        'bbox': [0, 0, 120, 120],
        'area': 14400.0,
        'keypoints': keypoints,
        'iscrowd': 0,
        **fields,
    }


def detection(image, category, shift=0.0, confidence=0.9, number=0):
    keypoints = np.column_stack([JOINTS + [shift, 0], [confidence] * 3])
    return {
        'id': number,
        'image_id': image,
        'category_id': category,
        'keypoints': keypoints,
        'area': 14400.0,
    }


def evaluate(annotations, detections, **options):
    images = sorted({a['image_id'] for a in annotations})
    truth = {'images': [{'id': i} for i in images], 'annotations': annotations}
    kept = select_detections(detections, SIGMAS)
    return evaluate_keypoints(truth, kept, SIGMAS, **options)


def test_score_is_the_mean_of_confident_joints_times_the_box():
    scores = instance_scores(
        np.array([[0.6, 0.4, 0.2], [0.1, 0.2, 0.0]]), np.array([0.5, 1.0])
    )
    # 0.2 is not above 0.2; an instance without confident joints gets 0.
    np.testing.assert_allclose(scores, [0.5 * 0.5, 0])


def test_near_copies_are_suppressed_whatever_their_category():
    best = detection(1, 7, confidence=0.9, number=4)
    copy = detection(1, 8, shift=1, confidence=0.5, number=1)
    other = detection(1, 7, shift=FAR, confidence=0.3, number=2)
    elsewhere = detection(2, 7, confidence=0.1, number=4)
    kept = select_detections([best, copy, other, elsewhere], SIGMAS)
    assert [(d['image_id'], d['id']) for d in kept] == [(1, 4), (1, 2), (2, 4)]
    assert [d['score'] for d in kept] == pytest.approx([0.9, 0.3, 0])
    assert 'score' not in best


def test_repeated_box_counts_once():
    first = detection(1, 1)
    kept = select_detections([first, detection(1, 1, shift=FAR)], SIGMAS)
    assert len(kept) == 1
    np.testing.assert_array_equal(kept[0]['keypoints'], first['keypoints'])


def test_perfect_detections_give_one_and_absent_sizes_minus_one():
    stats, by_category = evaluate([annotation(1, 3)], [detection(1, 3)])
    assert list(stats) == [*STAT_NAMES, 'AP_instance']
    assert stats.pop('AP_M') == stats.pop('AR_M') == -1
    assert list(stats.values()) == pytest.approx([1] * 9)
    assert by_category == pytest.approx({3: 1.0})


def test_oks_of_a_known_shift_decides_the_thresholds():
    # exp(-d^2 / (2 (2 sigma)^2 area)) = 0.72 for each joint: 5 of 10 thresholds
    shift = np.sqrt(-2 * np.log(0.72) * 0.04 * 14400)
    stats, _ = evaluate([annotation(1, 3)], [detection(1, 3, shift=shift)])
    assert stats['AP'] == pytest.approx(0.5)
    assert (stats['AP50'], stats['AP75']) == pytest.approx((1, 0))


def test_rare_species_weigh_as_much_as_common_ones():
    annotations = [annotation(i, 1) for i in range(9)] + [annotation(9, 2)]
    detections = [detection(i, 1) for i in range(9)] + [detection(9, 2, shift=FAR)]
    stats, by_category = evaluate(annotations, detections)
    assert stats['AP'] == pytest.approx(0.5)
    assert by_category == pytest.approx({1: 1.0, 2: 0.0})
    # As one species: 10 detections of equal score, the last is wrong. Precision is 1
    # up to a recall of 0.9, that is at 91 of the 101 recall points.
    assert stats['AP_instance'] == pytest.approx(91 / 101)


def test_species_without_detection_counts_zero_and_one_without_truth_not_at_all():
    stats, by_category = evaluate(
        [annotation(1, 1), annotation(2, 2)], [detection(1, 1), detection(2, 5)]
    )
    assert by_category == pytest.approx({1: 1.0, 2: 0.0})
    assert stats['AP'] == pytest.approx(0.5)


def test_no_detection_gives_zero_and_no_truth_minus_one():
    stats, _ = evaluate([annotation(1, 1)], [])
    assert (stats['AP'], stats['AR'], stats['AP_instance']) == (0, 0, 0)
    truth = {'images': [{'id': 1}], 'annotations': []}
    stats, by_category = evaluate_keypoints(truth, [], SIGMAS)
    assert set(stats.values()) == {-1.0} and by_category == {}


def test_detection_on_a_crowd_is_excused():
    annotations = [annotation(1, 1), annotation(2, 1, iscrowd=1)]
    stats, _ = evaluate(annotations, [detection(1, 1, confidence=0.5), detection(2, 1)])
    assert stats['AP'] == pytest.approx(1)


def test_annotation_ids_may_repeat_and_inputs_are_not_written():
    annotations = [annotation(1, 1, id=5), annotation(2, 1, id=5)]
    before = [dict(a) for a in annotations]
    stats, _ = evaluate(annotations, [detection(1, 1), detection(2, 1)])
    assert stats['AP'] == pytest.approx(1)
    assert annotations == before


def test_missing_area_is_named_and_can_be_done_without():
    bare = annotation(4, 1)
    del bare['area']
    with pytest.raises(ValueError, match='image 4 has no area.*use_area=False'):
        evaluate([bare], [detection(4, 1)])
    stats, _ = evaluate([bare], [detection(4, 1)], use_area=False)
    assert stats['AP'] == pytest.approx(1)


def test_nothing_is_printed(capsys):
    evaluate([annotation(1, 3)], [detection(1, 3)])
    assert capsys.readouterr().out == ''


def test_a_file_without_categories_has_one():
    bare = annotation(1, 1)
    del bare['category_id']
    stats, by_category = evaluate([bare], [detection(1, 1)])
    assert by_category == pytest.approx({1: 1.0})
