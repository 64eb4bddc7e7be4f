"""PoseCons and PoseDual: who teaches whom, what counts, and what moves."""

import copy

import cv2
import pytest
import torch

from ssltoolbox.engine.hooks.pseudo_label_pictures import (
    draw_report,
    unlabelled_first,
)
from ssltoolbox.engine.hooks.pseudo_label_quality import measure
from ssltoolbox.registry import MODELS
from ssltoolbox.semi.progress import Progress
from ssltoolbox.testing.tiny_pose import easy_batch, tiny_network
from ssltoolbox.visualization.pseudo_labels import pseudo_label_panel

PEER = dict(type='ssltoolbox.PeerTeacher')
SAME = dict(type='ssltoolbox.HardView', affine=None)
HARD = dict(
    type='ssltoolbox.HardView',
    affine=dict(type='ssltoolbox.RandomAffine'),
    cutout=dict(type='ssltoolbox.JointCutout', half_size=(4, 8), jitter=2),
)
both_kinds = pytest.mark.parametrize(
    'kind, teacher', [('PoseCons', None), ('PoseDual', PEER)]
)


def model_of(kind='PoseDual', teacher=PEER, hard_view=HARD, **method):
    torch.manual_seed(0)
    model = MODELS.build(
        dict(
            type='ssltoolbox.SemiSupervisedModel',
            student=tiny_network(),
            teacher=teacher,
            task=dict(type='ssltoolbox.PoseTask'),
            method=dict(type=f'ssltoolbox.{kind}', hard_view=hard_view, **method),
        )
    )
    model.progress = Progress()
    return model.train()


def step(model, batch=None):
    data = model.data_preprocessor(batch or easy_batch(), training=True)
    return model(**data, mode='loss')


def views_of(model, batch=None):
    data = model.data_preprocessor(batch or easy_batch(), training=True)
    inputs, samples = data['inputs'], data['data_samples']
    return {name: model.task.batch(inputs[name], samples[name]) for name in inputs}


def heatmaps(model, view):
    return [model.task.forward(n, view).detach() for n in model.method.networks]


def bowl(first, second):
    """Half the mean squared difference."""
    return 0.5 * (first - second).square().mean()


def final_layers(model):
    return [m for name, m in model.named_modules() if name.endswith('final_layer')]


def test_a_single_network_is_taught_by_itself():
    # without a hard view, and with fixed statistics, it agrees with itself
    losses = step(model_of('PoseCons', None, SAME).eval())
    assert losses['loss_consistency'].item() == 0
    assert step(model_of('PoseCons', None))['loss_consistency'] > 0


def test_two_networks_are_taught_by_each_other():
    model = model_of(hard_view=SAME).eval()
    one, two = heatmaps(model, views_of(model)['easy'])
    losses = step(model)
    assert bowl(one, two) > 1e-5
    assert losses['loss_consistency'].item() == pytest.approx(2 * bowl(one, two).item())


def test_each_image_is_cut_where_its_own_teacher_sees_keypoints():
    model, seen = model_of(hard_view=HARD | dict(affine=None)).eval(), []

    def record(images, maps, among, generator):
        seen.append(maps)
        return images

    model.method.hard_view.cutout = record
    step(model)
    one, two = heatmaps(model, views_of(model)['easy'])
    assert torch.equal(seen[0], two) and torch.equal(seen[1], one)


def test_the_teaching_passes_carry_no_gradient():
    model = model_of(hard_view=SAME).eval()
    easy, method = views_of(model)['easy'], model.method
    targets = heatmaps(model, easy)[::-1]
    found = [model.task.forward(network, easy) for network in method.networks]
    expected = sum(map(bowl, found, targets))
    losses = step(model)['loss_consistency']
    for network in method.networks:
        learnt = list(network.parameters())
        torch.testing.assert_close(
            torch.autograd.grad(losses, learnt, retain_graph=True),
            torch.autograd.grad(expected, learnt, retain_graph=True),
        )


@both_kinds
def test_losses_are_the_mean_of_the_labels_and_the_sum_of_the_lessons(kind, teacher):
    model = model_of(kind, teacher, SAME).eval()
    views, losses = views_of(model), step(model)
    target, weight = model.task.target(model.task.label(views['labelled']))
    said = heatmaps(model, views['labelled'])
    each = [model.task.loss(maps, target, weight).item() for maps in said]
    assert losses['loss_sup'].item() == pytest.approx(sum(each) / len(each))
    assert set(losses) == {'loss_sup', 'loss_consistency'}


@both_kinds
def test_joints_without_labels_anywhere_stay_as_they_are(kind, teacher):
    batch = easy_batch()
    for sample in batch['data_samples']['labelled']:
        sample.gt_instances.keypoints_visible[:, [1, 3]] = 0
    model = model_of(kind, teacher, supervised_joints=[0, 2, 4])
    sum(step(model, batch).values()).backward()
    for layer in final_layers(model):
        moves = layer.weight.grad.flatten(1).abs().amax(1) > 0
        assert moves.tolist() == [True, False, True, False, True]
        assert layer.bias.grad.ne(0).tolist() == moves.tolist()


def test_only_supervised_joints_are_cut_at():
    model, seen = model_of(supervised_joints=[0, 2, 4]), []
    model.method.hard_view.cutout = lambda images, maps, among, _: (
        seen.append(among.tolist()) or images
    )
    step(model)
    assert seen == [[0, 2, 4]] * 2


def test_lessons_below_the_least_score_count_nothing():
    model = model_of(hard_view=SAME).eval()
    easy = views_of(model)['easy']
    one, two = heatmaps(model, easy)
    least = torch.cat([one, two]).amax((-2, -1)).median().item()
    model.method.min_score = least
    losses = step(model)
    trusted = [(maps.amax((-2, -1)) >= least)[..., None, None] for maps in (one, two)]
    assert 0 < sum(t.sum() for t in trusted) < 2 * trusted[0].numel()
    expected = sum(0.5 * ((one - two).square() * t).mean() for t in trusted)
    assert losses['loss_consistency'].item() == pytest.approx(expected.item())
    # the first network is taught by the second
    report = model.method.report
    assert torch.equal(report['kept'], trusted[1][..., 0, 0])
    assert report['label'].weight.all() and 'kept' not in report['rates']


@both_kinds
def test_no_trusted_lesson_gives_a_zero_loss_that_can_be_differentiated(kind, teacher):
    loss = step(model := model_of(kind, teacher, min_score=1e6))['loss_consistency']
    assert loss.item() == 0 and loss.requires_grad
    loss.backward()
    assert all(p.grad is not None and not p.grad.any() for p in model.parameters())


def test_the_consistency_loss_follows_its_ramp():
    ramp = dict(type='ssltoolbox.LinearRamp', end=2.0, length=10)
    model, seen = model_of(hard_view=SAME, consistency=ramp).eval(), []
    for epoch in (0, 5, 10):
        model.progress = Progress(epoch=epoch)
        seen.append(step(model)['loss_consistency'].item())
        assert model.method.report['rates'] == {
            'loss_consistency': epoch / 5,
            'kept': 1,
        }
    plain = step(model_of(hard_view=SAME).eval())['loss_consistency'].item()
    assert seen == [0, pytest.approx(plain), pytest.approx(2 * plain)]


@both_kinds
@pytest.mark.parametrize('teacher_bn, passes', [('batch', 3), ('eval', 2)])
def test_teaching_moves_statistics_or_leaves_them(kind, teacher, teacher_bn, passes):
    model = model_of(kind, teacher, teacher_bn=teacher_bn)
    easy = views_of(model)['easy']
    for network in model.method.networks:
        before = copy.deepcopy(network.state_dict())
        maps = model.method.teach(network, easy)
        after = network.state_dict()
        same = all(torch.equal(value, after[key]) for key, value in before.items())
        assert same == (teacher_bn == 'eval') and not maps.requires_grad
        assert all(module.training for module in network.modules())
        network.load_state_dict(before)
    step(model)
    counts = [v for k, v in model.state_dict().items() if 'num_batches_tracked' in k]
    assert {count.item() for count in counts} == {passes}


def test_the_hard_view_has_the_other_colours_and_the_teacher_does_not():
    batch = easy_batch(colour=True)
    model = model_of(hard_view=SAME, colour=True).eval()
    views = views_of(model, batch)
    easy, colour = (heatmaps(model, views[name]) for name in ('easy', 'colour'))
    losses = step(model, batch)
    expected = bowl(colour[0], easy[1]) + bowl(colour[1], easy[0])
    assert losses['loss_consistency'].item() == pytest.approx(expected.item())
    report = model.method.report['views']
    assert torch.equal(report['weak'].inputs, views['easy'].inputs)
    assert torch.equal(report['strong'].inputs, views['colour'].inputs)


@both_kinds
def test_hooks_can_measure_and_draw_what_it_reports(kind, teacher, tmp_path):
    model = model_of(kind, teacher, supervised_joints=[0, 2, 4])
    step(model)
    values = measure(model.task, model.method.report)
    assert values['kept_share'].item() == pytest.approx(3 / 5)
    assert values['relabelled_share'] == 0
    assert 0 <= values['teacher_precision'] <= 1 and values['teacher_error'] > 0
    columns, titles, legend = draw_report(model, unlabelled_first(model, 2), {})
    sheet = pseudo_label_panel(columns, tmp_path / 'sheet.png', titles, legend)
    assert cv2.imread(str(tmp_path / 'sheet.png')).shape == sheet.shape


def test_other_numbers_of_networks_are_refused():
    ema = dict(type='ssltoolbox.EMATeacher')
    for kind, teacher, given in (
        ('PoseDual', ema, 'EMATeacher'),
        ('PoseDual', None, 'no teacher'),
        ('PoseCons', PEER, 'PeerTeacher'),
    ):
        with pytest.raises(
            ValueError, match=f'{kind} got {given}: PoseDual trains two'
        ):
            model_of(kind, teacher)
    with pytest.raises(ValueError, match="teacher_bn must be 'batch' or 'eval'"):
        model_of(teacher_bn='train')


def test_missing_views_are_named():
    with pytest.raises(KeyError, match='labelled, easy, colour.*add colour to its'):
        step(model_of(colour=True))
