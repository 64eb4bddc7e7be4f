import pytest
import torch

from ssltoolbox.semi.progress import Progress

from .settings import setting

ONCE = dict(type='ssltoolbox.ConstantRamp')
settings = pytest.mark.parametrize('kind', ['pose', 'seg'])


def consistency(made, at=0, **fields):
    method = made.method('MeanTeacher', **fields)
    method.progress = Progress(iter=at)
    return method.loss(made.views)['loss_consistency'].item()


@settings
def test_the_same_network_on_the_same_view_agrees(kind):
    made = setting(kind)
    same = dict(consistency=ONCE, teacher_view='strong')
    made.student.eval()
    assert consistency(made, **same) > 0
    made.teacher.load_state_dict(made.student.state_dict())
    assert consistency(made, **same) == 0
    made.student.train()
    # batch statistics, and dropout where there is some
    assert consistency(made, **same) > 0


def test_what_the_teacher_sees_elsewhere_is_carried_to_the_student():
    # the strong view is the mirror image of the weak one: a network of symmetric
    # kernels says the same of both, mirrored
    made = setting('seg')
    made.student.eval()
    for layer in (made.teacher[0], made.teacher[4]):
        layer.weight.data = (layer.weight + layer.weight.flip(-1)) / 2
    made.student.load_state_dict(made.teacher.state_dict())
    assert consistency(made, consistency=ONCE) == pytest.approx(0, abs=1e-9)


@settings
def test_it_is_the_mean_squared_difference_on_all_images(kind):
    made = setting(kind)
    made.student.eval()
    strong = made.views['strong']
    raw = [made.task.forward(net, strong) for net in (made.student, made.teacher)]
    if kind == 'seg':
        raw = [maps.softmax(1) for maps in raw]
    expected = (raw[0] - raw[1]).square().mean().item()
    same = dict(consistency=ONCE, teacher_view='strong')
    assert consistency(made, **same) == pytest.approx(expected, rel=1e-4)


def test_the_published_ramp_is_the_default():
    made = setting('seg')
    made.student.eval()
    full = consistency(made, consistency=ONCE)
    for step, share in ((0, 0.0067379), (10000, 0.2865048), (20000, 1), (50000, 1)):
        found = consistency(made, at=step)
        assert found == pytest.approx(0.1 * share * full, rel=1e-4)


def test_views_are_asked_for_only_where_they_are_used():
    made = setting('seg')
    assert made.method('MeanTeacher').views == ('strong', 'weak')
    alone = made.method('MeanTeacher', teacher_view='strong')
    assert alone.views == ('strong',)
    made.views.pop('weak')
    alone.loss(made.views)
    assert alone.report['teacher'] is alone.report['label']


def test_the_teacher_may_drop_units_of_its_own():
    made = setting('seg')
    made.teacher.load_state_dict(made.student.state_dict())
    for network in (made.student, made.teacher):
        network.eval()[3].train()
    torch.manual_seed(0)
    assert consistency(made, consistency=ONCE, teacher_view='strong') > 0


def test_unknown_views_are_refused():
    with pytest.raises(ValueError, match="'weak' or 'strong', got 'plain'"):
        setting('seg').method('MeanTeacher', teacher_view='plain')
