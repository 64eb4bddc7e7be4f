import pytest
import torch

from .settings import setting

VAT = dict(type='ssltoolbox.VAT', eps=1.0)
TEACH = dict(
    type='ssltoolbox.MeanTeacher', consistency=dict(type='ssltoolbox.ConstantRamp')
)
settings = pytest.mark.parametrize('kind', ['pose', 'seg'])


def losses_of(made, name, **fields):
    torch.manual_seed(0)
    return made.method(name, **fields).loss(made.views)


@settings
@pytest.mark.parametrize('order', [(VAT, TEACH), (TEACH, VAT)])
def test_it_is_the_sum_of_its_parts_and_one_supervised_loss(kind, order):
    made = setting(kind)
    parts = {
        **losses_of(made, 'VAT', eps=1.0),
        **losses_of(made, 'MeanTeacher', consistency=TEACH['consistency']),
    }
    whole = losses_of(made, 'Together', methods=order)
    assert set(whole) == {'loss_sup', 'loss_vat', 'loss_consistency'}
    for key, value in parts.items():
        assert value.item() == pytest.approx(whole[key].item(), rel=1e-5)


def test_the_student_passes_over_the_clean_view_once():
    made, passes = setting('seg'), []
    made.student.register_forward_pre_hook(lambda *_: passes.append(1))
    losses_of(made, 'Together', methods=[VAT, TEACH])
    # clean, one power iteration, perturbed
    assert len(passes) == 3


def test_views_and_teacher_are_those_of_all_parts():
    made = setting('seg')
    both = made.method('Together', methods=[VAT, TEACH])
    assert both.views == ('strong', 'weak') and both.needs_teacher
    made.teacher = None
    alone = made.method('Together', methods=[VAT])
    assert alone.views == ('strong',) and not alone.needs_teacher


def test_pseudo_labels_may_be_one_of_its_parts():
    made = setting('seg')
    made.views['strong'].samples[3].weight += 1
    pseudo = dict(type='ssltoolbox.PseudoLabelling')
    alone = losses_of(made, 'PseudoLabelling')['loss_sup']
    both = losses_of(made, 'Together', methods=[VAT, pseudo])
    assert both['loss_sup'].item() == pytest.approx(alone.item())
    assert both['loss_vat'] > 0


def test_the_report_of_an_earlier_step_is_gone():
    made = setting('seg')
    both = made.method('Together', methods=[VAT, TEACH])
    both.loss(made.views)
    first = both.report
    both.loss(made.views)
    assert first['label'] is not both.report['label']
    assert both.report['rates'] == {'loss_vat': 1, 'loss_consistency': 1, 'kept': 1}


def test_a_part_need_not_report_anything():
    made = setting('seg')
    both = made.method('Together', methods=[VAT, TEACH])
    both.loss(made.views)
    both.methods[1].tell = lambda *args, **rates: None
    both.loss(made.views)
    assert both.report['rates'] == {'loss_vat': 1, 'kept': 1}


@pytest.mark.parametrize('methods, named', [([], 'none'), ([VAT, VAT], 'VAT, VAT')])
def test_methods_that_are_absent_or_double_are_refused(methods, named):
    with pytest.raises(ValueError, match=f'each once, got {named}'):
        setting('seg').method('Together', methods=methods)


def test_methods_with_a_supervised_loss_of_their_own_are_refused():
    hard_view = dict(type='ssltoolbox.HardView', affine=None)
    posecons = dict(type='ssltoolbox.PoseCons', hard_view=hard_view)
    with pytest.raises(TypeError, match='PoseCons is none: it has a supervised loss'):
        setting('pose').method('Together', methods=[posecons])
