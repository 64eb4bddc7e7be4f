"""Pictures show the step as it was."""

from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from mmengine.visualization import LocalVisBackend

from ssltoolbox.datasets.transforms.to_hsv import ToHSV
from ssltoolbox.engine.hooks.pseudo_label_pictures import (
    PseudoLabelPictureHook,
    as_bgr,
    to_images,
)
from ssltoolbox.semi.sample_log import FOLDER, read_samples
from ssltoolbox.visualization.colors import RELABELLED
from ssltoolbox.visualization.report import Shown
from ssltoolbox.visualization.report_depth import depth_columns
from ssltoolbox.visualization.report_keypoints import describe, fates


class Backend:
    def __init__(self):
        self.seen = []

    def add_image(self, name, image, step):
        self.seen.append((name, image, step))


class Local(LocalVisBackend):
    def __init__(self):
        pass

    def add_image(self, *_):
        raise AssertionError('the picture would be written twice')


@pytest.fixture
def runner(step, tmp_path):
    visualizer = SimpleNamespace(
        dataset_meta=dict(skeleton_links=[(0, 1)], keypoint_id2name={}),
        _vis_backends={'tensorboard': Backend(), 'local': Local()},
    )
    return SimpleNamespace(
        model=step,
        log_dir=str(tmp_path),
        work_dir=str(tmp_path),
        visualizer=visualizer,
        iter=0,
    )


def test_first_and_every_nth_iteration_are_drawn(runner, tmp_path):
    hook = PseudoLabelPictureHook(interval=3, max_samples=2)
    for runner.iter in range(7):
        hook.after_train_iter(runner, runner.iter)
    names = sorted(p.name for p in Path(tmp_path, 'pseudo_labels').iterdir())
    assert names == ['iter_000001.png', 'iter_000003.png', 'iter_000006.png']


def test_the_other_backends_get_the_picture_in_rgb(runner, tmp_path):
    PseudoLabelPictureHook(max_samples=1).after_train_iter(runner, 0)
    (seen,) = runner.visualizer._vis_backends['tensorboard'].seen
    file = cv2.imread(str(tmp_path / 'pseudo_labels' / 'iter_000001.png'))
    assert seen[0] == 'pseudo_labels' and seen[2] == 1
    np.testing.assert_array_equal(seen[1], file[..., ::-1])
    above_the_legend = file[:-60]
    assert (above_the_legend == RELABELLED).all(-1).sum() > 20


def test_a_method_without_teacher_or_weak_view_is_drawn_too(runner, tmp_path):
    del runner.model.method.report['teacher']
    del runner.model.method.report['views']['weak']
    PseudoLabelPictureHook().after_train_iter(runner, 0)
    assert (tmp_path / 'pseudo_labels' / 'iter_000001.png').is_file()
    (found,) = read_samples(tmp_path / FOLDER)
    assert found['tiles'][0] == 'image' and 'strong' not in found['tiles']


def test_unlabelled_samples_are_recorded_with_numbers_by_hand(runner, tmp_path):
    runner.visualizer.dataset_meta['keypoint_id2name'] = dict(enumerate('abcd'))
    PseudoLabelPictureHook().after_train_iter(runner, 0)
    (found,) = read_samples(tmp_path / FOLDER)
    assert found['image'] == 7 and found['step'] == 1
    assert found['tiles'] == ['weak', 'strong', 'teacher (plain)', 'kept labels']
    assert found['fate'] == 're-labelled'
    assert found['values'] == dict(
        kept=0.5,
        relabelled=0.25,
        right=pytest.approx(2 / 3, abs=1e-4),
        error=pytest.approx(0.5 / 3, abs=1e-4),
        confidence=1,
        # the teacher is 0, 50 and 15 px from the labels
        disagreement=pytest.approx(0.65 / 3, abs=1e-4),
    )
    fates_ = {name: part['fate'] for name, part in found['parts'].items()}
    assert fates_ == dict(a='kept', b='kept', c='dropped', d='re-labelled')
    assert found['parts']['d']['disagreement'] is None
    picture = cv2.imread(str(tmp_path / FOLDER / found['file']))
    assert picture.shape == (160, 4 * 160, 3)


def test_nothing_is_recorded_if_nobody_asks(runner, tmp_path):
    PseudoLabelPictureHook(max_recorded=0).after_train_iter(runner, 0)
    assert not (tmp_path / FOLDER).exists()
    with pytest.raises(ValueError, match='max_recorded'):
        PseudoLabelPictureHook(max_recorded=-1)


@pytest.mark.parametrize('name', ['bottomup_pose', 'seg'])
def test_dense_samples_are_recorded(dense_step, runner, tmp_path, name):
    runner.model = dense_step(name)
    PseudoLabelPictureHook(max_samples=3).after_train_iter(runner, 0)
    first, second = (each['values'] for each in read_samples(tmp_path / FOLDER))
    if name == 'seg':
        # the label is class 1 above and 0 below; its left half is kept, all is 1
        assert first['kept'] == 0.5 and first['right'] == 0.5
        assert first['disagreement'] == 0.5
    else:
        # the second image has no label
        assert first['right'] == pytest.approx(0.5 / 2) and second['right'] is None
        assert (first['kept'], second['kept']) == (1, 0)


def test_depth_samples_are_recorded(runner, tmp_path, depth_step):
    runner.model = depth_step
    PseudoLabelPictureHook().after_train_iter(runner, 0)
    for each in read_samples(tmp_path / FOLDER):
        values = each['values']
        # the network says the truth, thrice
        assert values['disagreement'] < 1e-3 and values['error'] < 1e-3
        assert 0 < values['near'] < values['far'] and values['points'] == 30


def test_normalisation_and_channel_order_are_undone(step):
    image = torch.tensor([30.0, 200.0, 7.0])  # BGR
    normal = (image.flip(0) - torch.tensor([100.0, 110, 120])) / 10
    prepare = step.data_preprocessor
    batch = {'inputs': [image.byte().view(3, 1, 1)], 'data_samples': None}
    assert torch.allclose(prepare(batch)['inputs'].flatten(), normal)
    (back,) = to_images(prepare.undo(normal.view(1, 3, 1, 1)))
    assert back.dtype == np.uint8 and back.tolist() == [[[30, 200, 7]]]


def test_a_task_that_cannot_be_drawn_is_named(runner):
    runner.model.task.name = 'flow'
    with pytest.raises(ValueError, match="'flow'"):
        PseudoLabelPictureHook().after_train_iter(runner, 0)


@pytest.mark.parametrize('name', ['bottomup_pose', 'seg'])
def test_dense_labels_are_drawn(dense_step, runner, tmp_path, name):
    runner.model = dense_step(name)
    PseudoLabelPictureHook(max_samples=3).after_train_iter(runner, 0)
    picture = cv2.imread(str(tmp_path / 'pseudo_labels' / 'iter_000001.png'))
    # weak | strong | teacher | label, 3 rows
    assert picture.shape[1] > 4 * 320 and picture.shape[0] > 3 * 320


def test_depth_is_drawn_with_its_points_and_the_truth(runner, tmp_path, depth_step):
    runner.model = depth_step
    PseudoLabelPictureHook(max_samples=2).after_train_iter(runner, 0)
    picture = cv2.imread(str(tmp_path / 'pseudo_labels' / 'iter_000001.png'))
    # frame | depth | points | truth, 2 rows
    assert picture.shape[1] > 4 * 320 and picture.shape[0] > 2 * 320
    columns, titles, _ = depth_columns(
        depth_step.task,
        depth_step.method.report,
        shown_of(depth_step, [1]),
    )
    assert list(columns) == ['depth', 'points', 'truth']
    # the network says the truth
    gap = np.abs(columns['depth'][0].astype(int) - columns['truth'][0])
    assert gap.max() <= 2 and len(np.unique(columns['truth'][0])) > 20
    assert titles == [
        '00000001.jpg: 30 points, AbsRel 0.000 at them, 0.000 in all pixels'
    ]


def shown_of(model, rows):
    views = model.method.report['views']
    images = {'strong': [np.zeros((24, 32, 3), np.uint8) for _ in rows]}
    return Shown(rows, views, images, {})


def test_frames_of_hue_are_shown_in_their_colours(depth_step):
    red = np.zeros((2, 2, 3), np.uint8)
    red[..., 2] = 255
    seen = ToHSV()(dict(img=red))
    sample = depth_step.method.report['views']['strong'].samples[0]
    assert (as_bgr(seen['img'], sample) == seen['img']).all()
    sample.set_metainfo(dict(colour_space=seen['colour_space']))
    assert (as_bgr(seen['img'], sample) == red).all()


def test_every_keypoint_has_one_fate(step):
    fate = fates(step.method.report)
    assert sum(mask.int() for mask in fate.values()).tolist() == [[1] * 4] * 2
    assert fate['without label'].sum() == 0
    # a person's labels are used whatever their loss
    assert fate['kept'].tolist() == [[True, True, False, False], [True] * 4]


def test_the_title_counts_and_judges(step):
    report = step.method.report
    used = {
        'kept': report['label'],
        're-labelled': report['relabel'],
        'dropped': report['label'],
    }
    shown, fate = Shown([0, 1], report['views'], {}, {}), fates(report)
    assert describe(step.task, shown, used, fate, 0) == (
        'image 7, unlabelled: 2 kept (50% right), 1 re-labelled (100% right), '
        '1 dropped (100% right), 0 without label'
    )
    assert describe(step.task, shown, used, fate, 1) == (
        'image 8, labelled: 4 kept, 0 re-labelled, 0 dropped, 0 without label'
    )
