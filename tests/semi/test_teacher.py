import copy

import pytest
import torch
from torch import nn

from ssltoolbox.registry import MODELS
from ssltoolbox.semi.teacher import EMATeacher, FrozenTeacher, PeerTeacher


@MODELS.register_module(force=True)
class ScalarNet(nn.Module):
    """One weight and one batch norm of one channel."""

    def __init__(self, value=0.0):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([value]))
        self.norm = nn.BatchNorm1d(1)

    def forward(self, x):
        return self.norm(self.weight * x)


NETWORK = dict(type='ssltoolbox.ScalarNet')


def student_of(value, mean=0.0, batches=0):
    student = ScalarNet(value)
    student.norm.running_mean.fill_(mean)
    student.norm.num_batches_tracked.fill_(batches)
    return student


def state(module):
    return {k: v.clone() for k, v in module.state_dict().items()}


def same(first, second):
    return all(torch.equal(first[k], second[k]) for k in first | second)


def test_the_first_update_copies_the_student_exactly():
    teacher = EMATeacher(NETWORK, decay=0.999)
    student = student_of(0.1, mean=0.3, batches=7)
    nn.init.normal_(student.norm.weight)
    teacher.update(student)
    assert same(state(teacher.model), state(student))


def test_early_updates_average_all_students_so_far():
    # shares of the old weights are 0, 1/2, 2/3: the plain mean of 1, 2 and 6 is 3
    teacher = EMATeacher(NETWORK, decay=0.999)
    seen = []
    for value in (1.0, 2.0, 6.0):
        teacher.update(student_of(value))
        seen.append(teacher.model.weight.item())
    assert seen == pytest.approx([1, 1.5, 3])


def test_decay_is_the_share_of_the_old_weights():
    teacher = EMATeacher(NETWORK, decay=0.75, warmup=False)
    teacher.reset(student_of(8.0))
    teacher.update(student_of(0.0))
    assert teacher.model.weight.item() == pytest.approx(6)


def test_warm_up_ends_at_decay():
    teacher = EMATeacher(NETWORK, decay=0.9)
    shares = []
    for _ in range(12):
        shares.append(teacher.current_decay())
        teacher.update(student_of(0.0))
    assert shares[:3] == pytest.approx([0, 1 / 2, 2 / 3])
    assert shares[9:] == pytest.approx([0.9, 0.9, 0.9])


@pytest.mark.parametrize(
    'buffers, mode, expected',
    [('ema', 'eval', 6.0), ('copy', 'eval', 0.0), ('own', 'train', 8.0)],
)
def test_statistics_follow_the_choice_of_buffers(buffers, mode, expected):
    teacher = EMATeacher(NETWORK, decay=0.75, warmup=False, buffers=buffers, mode=mode)
    teacher.reset(student_of(1.0, mean=8.0, batches=3))
    teacher.update(student_of(1.0, mean=0.0, batches=4))
    assert teacher.model.norm.running_mean.item() == pytest.approx(expected)
    counted = teacher.model.norm.num_batches_tracked.item()
    assert counted == (3 if buffers == 'own' else 4)


def test_averaged_statistics_keep_up_with_the_student():
    # averaging the parameters alone leaves the initial statistics
    student, teacher = ScalarNet(1.0), EMATeacher(NETWORK, decay=0.9)
    for _ in range(100):
        student(5 + torch.randn(16, 1))
        teacher.update(student)
    gap = teacher.model.norm.running_mean - student.norm.running_mean
    assert gap.abs().item() < 0.3


@pytest.mark.parametrize('teacher', [EMATeacher(NETWORK), FrozenTeacher(NETWORK)])
def test_a_teacher_stays_in_eval_mode_and_has_no_gradient(teacher):
    model = nn.ModuleDict({'student': ScalarNet(), 'teacher': teacher})
    model.train()
    assert model['student'].training
    assert not any(m.training for m in teacher.model.modules())
    assert not any(p.requires_grad for p in teacher.parameters())
    before = state(teacher)
    teacher(torch.randn(8, 1))
    assert same(before, state(teacher))


def test_a_training_teacher_moves_its_own_statistics_but_not_in_validation():
    teacher = EMATeacher(NETWORK, buffers='own', mode='train')
    model = nn.ModuleDict({'teacher': teacher})
    model.train()
    assert teacher.model.norm.training
    assert not any(p.requires_grad for p in teacher.parameters())
    teacher.model.weight.data.fill_(1.0)
    teacher(torch.full((4, 1), 10.0))
    assert teacher.model.norm.running_mean.item() == pytest.approx(1)
    model.eval()
    teacher(torch.full((4, 1), 10.0))
    assert teacher.model.norm.running_mean.item() == pytest.approx(1)


def test_a_saved_teacher_goes_on_as_if_it_had_not_been_saved():
    values = (1.0, 4.0, 2.0, 9.0)
    whole = EMATeacher(NETWORK, decay=0.9)
    for value in values:
        whole.update(student_of(value, mean=value))
    first = EMATeacher(NETWORK, decay=0.9)
    for value in values[:2]:
        first.update(student_of(value, mean=value))
    saved = copy.deepcopy(first.state_dict())
    second = EMATeacher(NETWORK, decay=0.9)
    second.load_state_dict(saved)
    assert second.updates == 2
    for value in values[2:]:
        second.update(student_of(value, mean=value))
    assert same(state(whole), state(second)) and second.updates == 4


def test_a_frozen_teacher_never_changes():
    teacher = FrozenTeacher(NETWORK)
    teacher.reset(student_of(3.0, mean=2.0))
    before = state(teacher)
    teacher.update(student_of(9.0))
    assert same(before, state(teacher)) and teacher.model.weight.item() == 3


def test_a_frozen_teacher_starts_from_its_checkpoint(tmp_path):
    file = tmp_path / 'net.pth'
    torch.save({'state_dict': student_of(5.0, mean=4.0).state_dict()}, file)
    teacher = FrozenTeacher(NETWORK, checkpoint=str(file))
    teacher.reset(student_of(1.0))
    assert teacher.model.weight.item() == 5
    assert teacher.model.norm.running_mean.item() == 4


def test_a_frozen_teacher_of_another_kind_needs_a_checkpoint(monkeypatch):
    said = []
    monkeypatch.setattr(
        'ssltoolbox.semi.teacher.print_log', lambda text, *_: said.append(text)
    )
    teacher, other = FrozenTeacher(NETWORK), nn.Linear(2, 3)
    before = state(teacher)
    teacher.reset(other)
    assert same(before, state(teacher)) and 'Set its field checkpoint' in said[0]


def test_a_peer_learns_and_keeps_its_own_start():
    peer = PeerTeacher(NETWORK)
    start = state(peer)
    peer.reset(student_of(3.0))
    peer.update(student_of(3.0))
    assert same(start, state(peer))
    assert all(p.requires_grad for p in peer.parameters())
    assert peer.train().model.training and not peer.eval().model.training


@pytest.mark.parametrize(
    'fields, message',
    [
        (dict(decay=1.0), r'old weights, in \[0, 1\), got 1.0'),
        (dict(buffers='mean'), "'ema', 'copy' or 'own', got 'mean'"),
        (dict(mode='frozen'), "'eval' or 'train', got 'frozen'"),
        (dict(buffers='own'), "buffers='ema', or mode='train'"),
    ],
)
def test_a_wrong_teacher_is_refused_with_what_to_use(fields, message):
    with pytest.raises(ValueError, match=message):
        EMATeacher(NETWORK, **fields)
