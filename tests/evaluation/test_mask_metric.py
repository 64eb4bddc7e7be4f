import json
import math
from multiprocessing import get_context

import numpy as np
import pytest
import torch

from ssltoolbox.evaluation import surface_distance
from ssltoolbox.evaluation.mask_metric import MaskMetric
from ssltoolbox.registry import METRICS
from ssltoolbox.utils.json_file import write_json

POLYP = ('background', 'polyp')
WALLS = ('background', 'inner wall', 'outer', 'absent')


def sample(found, truth, path='a.png'):
    field = dict(data=torch.tensor(truth)[None])
    return dict(
        img_path=path,
        gt_sem_seg=field,
        pred_sem_seg=dict(data=torch.tensor(found)[None]),
    )


def evaluate(*pairs, classes=POLYP, surface=False):
    metric = MaskMetric(surface=surface)
    metric.dataset_meta = dict(classes=classes)
    for found, truth in pairs:
        metric.process({}, [sample(found, truth)])
    return metric.evaluate(len(pairs))


SMALL = ([[1, 0, 0, 0]], [[1, 1, 0, 0]])
"""One pixel of two found: Dice 2/3, IoU 1/2, accuracy 3/4."""
LARGE = ([[1, 1, 1, 1], [1, 1, 1, 1]], [[1, 1, 1, 1], [1, 1, 0, 0]])
"""All six found, and two more: Dice 12/14, IoU 6/8, accuracy 6/8."""


def test_two_classes_give_the_values_of_class_1():
    values = evaluate(SMALL, LARGE)
    assert values['seg/Dice'] == pytest.approx(14 / 17)
    assert values['seg/IoU'] == pytest.approx(7 / 10)
    assert values['seg/sensitivity'] == pytest.approx(7 / 8)
    assert values['seg/specificity'] == pytest.approx(2 / 4)
    assert values['seg/accuracy'] == pytest.approx(9 / 12)
    assert values['seg/foreground_accuracy'] == pytest.approx(7 / 8)
    assert values['seg/Dice_polyp'] == values['seg/Dice']
    assert 'seg/Dice_with_background' not in values
    assert not any('HD95' in key or 'Dice_background' in key for key in values)


def test_per_image_every_image_weighs_the_same():
    values = evaluate(SMALL, LARGE)
    assert values['seg/Dice_per_image'] == pytest.approx((2 / 3 + 12 / 14) / 2)
    assert values['seg/IoU_per_image'] == pytest.approx((1 / 2 + 6 / 8) / 2)
    assert values['seg/accuracy_per_image'] == pytest.approx((3 / 4 + 6 / 8) / 2)
    assert values['seg/specificity_per_image'] == pytest.approx((1 + 0) / 2)


def test_images_without_the_class_are_left_out_but_for_what_is_found_there():
    empty, wrong = ([[0, 0]], [[0, 0]]), ([[1, 0]], [[0, 0]])
    assert evaluate(SMALL, empty)['seg/Dice_per_image'] == pytest.approx(2 / 3)
    assert evaluate(SMALL, wrong)['seg/Dice_per_image'] == pytest.approx(1 / 3)
    values = evaluate(empty)
    assert math.isnan(values['seg/Dice']) and math.isnan(values['seg/sensitivity'])
    assert values['seg/accuracy'] == values['seg/specificity'] == 1


def test_more_classes_are_averaged_without_the_absent_ones():
    values = evaluate(([[0, 1, 1, 2]], [[0, 1, 0, 2]]), classes=WALLS)
    assert values['seg/Dice_inner_wall'] == pytest.approx(2 / 3)
    assert values['seg/Dice_outer'] == 1
    assert math.isnan(values['seg/Dice_absent'])
    assert values['seg/Dice'] == pytest.approx((2 / 3 + 1) / 2)
    background = 2 / 3
    expected = (background + 2 / 3 + 1) / 3
    assert values['seg/Dice_with_background'] == pytest.approx(expected)
    assert values['seg/Dice_per_image'] == values['seg/Dice']


def test_ignored_pixels_do_not_count():
    given = evaluate(([[1, 0, 1]], [[1, 0, 255]]))
    assert given['seg/Dice'] == given['seg/accuracy'] == given['seg/specificity'] == 1


def test_sets_are_measured_the_same_in_any_batches():
    rng = np.random.default_rng(0)
    pairs = [(m[0].tolist(), m[1].tolist()) for m in rng.integers(0, 3, (4, 2, 5, 6))]
    metric = MaskMetric(surface=False)
    metric.dataset_meta = dict(classes=WALLS[:3])
    metric.process({}, [sample(*pair) for pair in pairs])
    assert metric.evaluate(4) == evaluate(*pairs, classes=WALLS[:3])


def measure_share(rank, meeting, result):
    """Measure every second mask; the first process writes what came out."""
    torch.distributed.init_process_group(
        'gloo', init_method=f'file://{meeting}', rank=rank, world_size=2
    )
    metric = MaskMetric(surface=False)
    metric.dataset_meta = dict(classes=WALLS[:3])
    for pair in masks()[rank::2]:
        metric.process({}, [sample(*pair)])
    values = metric.evaluate(len(masks()))
    if rank == 0:
        write_json(result, values)


def masks():
    return np.random.default_rng(0).integers(0, 3, (5, 2, 6, 7)).tolist()


def test_two_processes_measure_what_one_does(tmp_path):
    result = tmp_path / 'result.json'
    # forked, since importing everything anew takes long
    processes = [
        get_context('fork').Process(
            target=measure_share, args=(rank, tmp_path / 'meeting', result)
        )
        for rank in range(2)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0]
    assert json.loads(result.read_text()) == evaluate(*masks(), classes=WALLS[:3])


def test_results_of_an_image_are_small():
    metric = MaskMetric(surface=False)
    metric.dataset_meta = dict(classes=POLYP)
    metric.process({}, [sample(np.ones((400, 500), int), np.ones((400, 500), int))])
    counts, distances = metric.results[0]
    assert counts.shape == (4, 2) and distances is None


def test_distances_are_means_over_images_that_have_both(monkeypatch):
    """A class found or true alone is counted instead of measured."""
    given = iter([np.array([2.0, np.nan]), np.array([4.0, 9.0])])
    monkeypatch.setattr(surface_distance, 'can_measure', lambda: True)
    monkeypatch.setattr(surface_distance, 'hausdorff95', lambda *_: next(given))
    pairs = ([[1, 1, 0]], [[1, 0, 2]]), ([[1, 2, 0]], [[1, 2, 2]])
    values = evaluate(*pairs, classes=WALLS[:3], surface=True)
    assert values['seg/HD95_inner_wall'] == 3
    assert values['seg/HD95_outer'] == 9
    assert values['seg/HD95'] == 6
    assert values['seg/HD95_undefined'] == 1


def test_distances_of_real_masks():
    pytest.importorskip('monai')
    far = np.zeros((2, 20, 20), int)
    far[0, 5:10, 5:10] = far[1, 5:10, 8:13] = 1
    truth = far[1].copy()
    truth[:, 12] = 255
    values = evaluate((far[0], truth), (far[0] * 0, truth), surface=True)
    assert values['seg/HD95'] == 3
    assert values['seg/HD95_undefined'] == 1


def test_without_the_library_the_rest_is_measured(monkeypatch):
    monkeypatch.setattr(surface_distance, 'can_measure', lambda: False)
    assert evaluate(SMALL, surface=True) == evaluate(SMALL)


@pytest.mark.parametrize(
    ('found', 'truth', 'says'),
    [
        ([[0, 1]], [[0], [1]], r'a.png: the predicted.*\(1, 2\), the true one \(2, 1'),
        ([[0, 2]], [[0, 1]], r'predicted mask has class 2, but .* names 2 classes'),
        ([[0, 255]], [[0, 1]], r'predicted mask has class 255'),
        ([[0, 1]], [[0, 7]], r'the true mask has class 7'),
    ],
)
def test_masks_that_cannot_be_compared(found, truth, says):
    with pytest.raises(ValueError, match=says):
        evaluate((found, truth))


def test_absent_masks_and_unnamed_classes():
    metric = METRICS.build(dict(type='ssltoolbox.MaskMetric', surface=False))
    with pytest.raises(ValueError, match='two or more classes'):
        metric.process({}, [sample([[0]], [[0]])])
    metric.dataset_meta = dict(classes=POLYP)
    given = sample([[0]], [[0]])
    del given['gt_sem_seg']
    with pytest.raises(ValueError, match=r'a.png has no gt_sem_seg.*LoadMask'):
        metric.process({}, [given])
