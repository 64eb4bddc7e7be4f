import pytest
import torch

from ssltoolbox.registry import MODELS
from ssltoolbox.semi.progress import Progress
from ssltoolbox.semi.wrapper import DeviceMeter
from ssltoolbox.testing.tiny_pose import tiny_network, view_batch

METHOD = dict(
    type='ssltoolbox.ScarceNet',
    small_loss=None,
    keep_rate=dict(type='ssltoolbox.ConstantRamp'),
    agreement=None,
    consistency=dict(type='ssltoolbox.ConstantRamp'),
)
TEACHER = dict(type='ssltoolbox.EMATeacher', decay=0.9)


def model_of(teacher=TEACHER, method=METHOD, **fields):
    torch.manual_seed(0)
    config = dict(
        type='ssltoolbox.SemiSupervisedModel',
        student=tiny_network(),
        task=dict(type='ssltoolbox.PoseTask'),
        method=method,
        teacher=teacher,
    )
    return MODELS.build(config | fields)


def plain(model):
    batch = view_batch(count=2)
    return {key: batch[key]['plain'] for key in batch}


def same(first, second):
    first, second = first.state_dict(), second.state_dict()
    return all(torch.equal(first[key], second[key]) for key in first | second)


def test_the_teacher_starts_as_the_student():
    model = model_of()
    assert not same(model.student, model.teacher.model)
    model.init_weights()
    assert same(model.student, model.teacher.model)


def test_the_student_starts_from_a_checkpoint_and_the_teacher_with_it(tmp_path):
    source = MODELS.build(tiny_network())
    torch.nn.init.normal_(source.head.final_layer.weight)
    torch.save({'state_dict': source.state_dict()}, tmp_path / 'net.pth')
    model = model_of(init_student=str(tmp_path / 'net.pth'))
    model.init_weights()
    assert same(model.student, source) and same(model.teacher.model, source)


def test_train_mode_reaches_the_student_alone():
    model = model_of().train()
    assert model.student.training and not model.teacher.model.training
    model.eval()
    model.train()
    assert not any(m.training for m in model.teacher.model.modules())


def test_weights_are_saved_under_student_and_teacher():
    parts = {key.split('.')[0] for key in model_of().state_dict()}
    assert parts == {'student', 'teacher'}
    assert 'teacher.model.head.final_layer.weight' in model_of().state_dict()


def test_the_count_of_teacher_updates_is_part_of_the_checkpoint():
    model = model_of()
    for _ in range(3):
        model.after_optimizer_step()
    other = model_of()
    other.load_state_dict(model.state_dict())
    assert other.teacher.updates == 3


def test_predictions_come_from_the_teacher_or_from_the_asked_network():
    model = model_of()
    model.init_weights()
    torch.nn.init.normal_(model.student.head.final_layer.weight)
    model.eval()
    data = model.data_preprocessor(plain(model))
    student, teacher = (
        net(data['inputs'], None) for net in (model.student, model.teacher.model)
    )
    assert torch.equal(model(data['inputs']), teacher)
    with model.predicting_with('student'):
        assert torch.equal(model(data['inputs']), student)
    assert torch.equal(model(data['inputs']), teacher)
    assert not torch.equal(student, teacher)


def test_an_error_inside_does_not_change_who_predicts():
    model = model_of()
    with pytest.raises(ZeroDivisionError), model.predicting_with('student'):
        1 / 0  # noqa: B018
    assert model.predict_with == 'teacher'


def test_a_model_without_a_teacher_predicts_with_the_student():
    model = model_of(teacher=None, method=METHOD | dict(consistency=None))
    assert model.networks == ('student',) and model.predict_with == 'student'
    model.after_optimizer_step()
    with pytest.raises(ValueError, match="'student'.*not 'teacher'"):
        with model.predicting_with('teacher'):
            pass


def test_a_method_that_needs_a_teacher_says_so():
    with pytest.raises(ValueError, match='ScarceNet needs a teacher: add teacher='):
        model_of(teacher=None)


def test_missing_views_are_named():
    model = model_of()
    model.progress = Progress()
    batch = view_batch()
    for part in batch.values():
        del part['weak']
    data = model.data_preprocessor(batch)
    with pytest.raises(KeyError, match='add weak to its ssltoolbox.Branches'):
        model(**data, mode='loss')


def test_a_training_without_its_hook_is_refused():
    model = model_of()
    data = model.data_preprocessor(view_batch())
    with pytest.raises(RuntimeError, match='SemiSupervisionHook.*custom_hooks'):
        model(**data, mode='loss')


def scalars(**values):
    return {key: torch.tensor(float(value)) for key, value in values.items()}


def test_the_meter_averages_what_came_since_the_last_time():
    meter = DeviceMeter()
    meter.add(scalars(loss=1, kept=0))
    meter.add(scalars(loss=3, kept=1))
    assert meter.pop() == scalars(loss=2, kept=0.5)
    meter.add(scalars(loss=5))
    assert meter.pop() == scalars(loss=5)
    assert meter.pop() == {}


def test_a_value_that_is_absent_at_times_is_averaged_over_its_own_steps():
    meter = DeviceMeter()
    for values in (dict(loss=1), dict(loss=1, extra=6), dict(loss=1, extra=2)):
        meter.add(scalars(**values))
    assert meter.pop() == scalars(loss=1, extra=4)


def test_the_meter_carries_neither_gradient_nor_half_precision():
    meter = DeviceMeter()
    value = torch.tensor(256.0, dtype=torch.bfloat16, requires_grad=True)
    for offset in (0, 0, 2):
        meter.add({'loss': value + offset})
    mean = meter.pop()['loss']
    assert mean.dtype == torch.float32 and not mean.requires_grad
    # sums of bfloat16 would be rounded to multiples of 4
    assert mean.item() == pytest.approx(256 + 2 / 3)


def test_losses_are_handed_over_every_few_iterations():
    model = model_of(log_interval=2)
    given = []
    for i in range(4):
        model.progress = Progress(iter=i)
        loss = torch.tensor(float(i), requires_grad=True)
        total, logged = model.parse_losses({'loss_a': loss, 'share': loss.detach()})
        assert total.item() == i and total.requires_grad
        given.append({key: value.item() for key, value in logged.items()})
    pairs = dict(loss=0.5, loss_a=0.5, share=0.5), dict(loss=2.5, loss_a=2.5, share=2.5)
    assert given == [{}, pairs[0], {}, pairs[1]]


def test_after_a_resume_they_are_handed_over_at_the_same_iterations():
    # hooks look at the loss every so many iterations, and must find one
    model = model_of(log_interval=10)
    due = []
    for i in range(13, 41):
        model.progress = Progress(iter=i)
        _, logged = model.parse_losses({'loss_a': torch.tensor(1.0)})
        if logged:
            due.append(i + 1)
            assert logged['loss'].item() == 1
    assert due == [20, 30, 40]
