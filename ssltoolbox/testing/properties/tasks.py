"""What must hold for a task adapter."""

from dataclasses import replace

import torch

from ssltoolbox.geometry.view import View, change_matrix
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.testing.host_waits import ADVICE, HostWaits
from ssltoolbox.testing.tiny import TinyTask, tiny_task

from .family import Family
from .task_case import Answer, TaskCase
from .trees import difference

TASKS = Family('tasks')


def check_task_adapter(task: str | TinyTask, answer: Answer | None = None) -> None:
    """Say what is wrong with a task adapter, on a tiny network.

    Args:
        task: Name of a task of this package, or network, adapter and batches of one's
            own.
        answer: ``answer(label, raw)`` gives raw output, in the form of ``raw``, that
            says exactly what a label says. Without it: the first part of
            ``task.target(label)`` where that has the form of raw output, or logits of
            its classes.

    Raises:
        BrokenProperty: It names the broken properties.
    """
    tiny = tiny_task(task) if isinstance(task, str) else task
    case = TaskCase(tiny, answer)
    TASKS.check(type(case.task).__name__, case)


@TASKS.property(
    'it has a name, a grid, and labels for each sample',
    'set name and grid; label returns a PseudoLabel, its rows in the order of samples',
    first=True,
)
def _labels(case: TaskCase) -> str | None:
    absent = [name for name in ('name', 'grid') if not hasattr(case.task, name)]
    if absent:
        return f'no {absent[0]}'
    for name in ('label', 'truth'):
        made = getattr(case.task, name)(case.batch)
        if not isinstance(made, PseudoLabel):
            return f'{name} gives a {type(made).__name__}'
        if len(made.value) != len(made.weight) or len(made.value) != case.count:
            return f'{name} has {len(made.value)} rows for {case.count} samples'
        if made.weight.dtype != torch.float32 or (made.weight < 0).any():
            return f'weights of {name} are {made.weight.dtype}, and below 0 or not'
    return None


@TASKS.property(
    'a sample without any label has weight 0',
    'set the weight of what is unknown to 0, in label and in truth',
)
def _unknown(case: TaskCase) -> str | None:
    blank = case.batch_of(labelled=0, known=False)
    weighty = case.task.label(blank).weight.count_nonzero().item()
    if weighty:
        return f'{weighty} weights of label are not 0'
    return None if case.label.weight.any() else 'no label of any sample has a weight'


@TASKS.property(
    'predictions are detached and in float32',
    'begin decode and soft by raw.detach().float()',
)
def _detached(case: TaskCase) -> str | None:
    raw = case.task.forward(case.network, case.batch)
    if not raw.requires_grad:
        return 'raw output of forward has no gradient'
    for name in ('decode', 'soft'):
        made = getattr(case.task, name)(raw.bfloat16(), case.batch)
        for part in ('value', 'weight', 'score'):
            found = getattr(made, part)
            if found.is_floating_point() and found.dtype != torch.float32:
                return f'{part} of {name} is {found.dtype} where raw output is bfloat16'
    return None


@TASKS.property(
    'an answer that says the label is decoded as the label',
    'let decode be the inverse of target: the same grid, channels and units',
)
def _inverse(case: TaskCase) -> str | None:
    made = case.task.decode(case.answer, case.batch)
    return case.apart(made, case.label)


@TASKS.property(
    'the loss of such an answer is the smallest',
    'compare raw output with the target, element by element',
)
def _smallest(case: TaskCase) -> str | None:
    target, weight = case.task.target(case.label)
    best = case.task.loss(case.answer, target, weight).item()
    for shift in (case.answer.roll(1, -1), case.answer.flip(0)):
        other = case.task.loss(shift, target, weight).item()
        if not best < other:
            return f'{best:.4g}, and {other:.4g} of a wrong answer'
    soft = case.task.soft(case.answer, case.batch)
    same = case.task.match(case.answer, soft).item()
    other = case.task.match(case.answer.roll(1, -1), soft).item()
    if not same < other or abs(same) > 1e-3 * abs(other):
        return f'match: {same:.4g} from itself, {other:.4g} from a wrong answer'
    return None


@TASKS.property(
    'its own view changes nothing',
    'return the label where label.view.same_as(batch.view), or move it by the identity',
)
def _identity(case: TaskCase) -> str | None:
    came = case.apart(case.task.project(case.label, case.batch), case.label, 1e-4)
    if came:
        return f'project: {came}'
    soft = case.task.soft(case.answer, case.batch)
    carried = case.task.carry(soft, case.batch)
    place = difference((soft.value, soft.weight), (carried.value, carried.weight))
    return place and 'carry: the value or the weight is another one'


@TASKS.property(
    'there and back a label is where it was',
    'move by label.view.to(batch.view), and note the new view in the label',
)
def _there_and_back(case: TaskCase) -> str | None:
    mirrored = case.elsewhere(hflip=True)
    for name, label in (('project', case.label), ('carry', case.soft)):
        move = getattr(case.task, name)
        there = move(label, mirrored)
        if there.view is not mirrored.view:
            return f'{name}: the view of the result is not that of the batch'
        came = case.apart(move(there, case.batch), label)
        if came:
            return f'{name}: {came}'
    return None


@TASKS.property(
    'labels and raw output move alike',
    'use one grid and one order of channels in decode, project and carry',
)
def _alike(case: TaskCase) -> str | None:
    for change in (dict(hflip=True), dict(translation=(8, -8))):
        other = case.elsewhere(**change)
        moved = case.task.project(case.task.decode(case.answer, case.batch), other)
        carried = case.task.carry(case.soft, other)
        seen = carried.weight.flatten(1).any(1)
        found = case.task.decode(carried.value, other)
        came = case.apart(found, case.seen(moved.of_samples(seen)))
        if came:
            return f'{change}: {came}'
    return None


@TASKS.property(
    'in a mirrored view left and right are exchanged as flip_indices say',
    'index value, weight and score by batch.flip_indices in samples where '
    'label.view.mirrored != batch.view.mirrored',
)
def _exchanged(case: TaskCase) -> str | None:
    partners = case.batch.flip_indices
    if partners is None:
        return None
    with_, without = case.elsewhere(hflip=True), case.elsewhere(hflip=True)
    same = torch.arange(len(partners))
    without = replace(without, flip_indices=same)
    for name, label in (('project', case.label), ('carry', case.soft)):
        move = getattr(case.task, name)
        found, plain = move(label, with_).value, move(label, without).value
        if not torch.allclose(found, plain[:, partners], atol=1e-4):
            return f'{name} leaves the channels where they were'
    return None


@TASKS.property(
    'what is outside the view has weight 0',
    'set the weight to 0 in project or target, and in carry, where the other view does '
    'not reach',
)
def _outside(case: TaskCase) -> str | None:
    width, height = case.batch.view.size
    far = case.elsewhere(translation=(3 * width, 3 * height))
    for name, weight in (
        (
            'target(project(label))',
            case.task.target(case.task.project(case.label, far))[1],
        ),
        ('carry', case.task.carry(case.soft, far).weight),
    ):
        if weight.any():
            return f'{weight.count_nonzero().item()} weights of {name} are not 0'
    return None


@TASKS.property(
    'a loss without any weight is 0 and attached to the output',
    'multiply by the weight before the mean; divide by no sum that may be 0',
)
def _weightless(case: TaskCase) -> str | None:
    target, weight = case.task.target(case.label)
    soft = case.task.soft(case.raw.roll(1, -1), case.batch)
    soft = soft.reweighted(torch.zeros_like(soft.weight))
    for name, function in (
        ('loss', lambda raw: case.task.loss(raw, target, torch.zeros_like(weight))),
        ('match', lambda raw: case.task.match(raw, soft)),
    ):
        raw = case.raw.clone().requires_grad_()
        value = function(raw)
        if value.ndim or value.item() != 0 or not value.requires_grad:
            state = 'attached' if value.requires_grad else 'detached'
            return f'{name} is {value.tolist()}, {state}'
        (gradient,) = torch.autograd.grad(value, raw)
        if gradient.any() or not gradient.isfinite().all():
            return f'{name} has a gradient that is not 0'
    return None


@TASKS.property(
    'a loss is a mean in which samples of weight 0 count',
    'average over all elements, whatever their weight',
)
def _mean(case: TaskCase) -> str | None:
    first = torch.arange(case.count) < case.count // 2
    parts = []
    for chosen in (first, ~first, torch.ones_like(first)):
        target, weight = case.task.target(case.label.of_samples(chosen))
        parts.append(case.task.loss(case.raw, target, weight).item())
    near = abs(parts[0] + parts[1] - parts[2]) <= 1e-4 * abs(parts[2])
    return (
        None
        if near
        else '{:.4g} + {:.4g} of two halves is {:.4g} of both'.format(*parts)
    )


@TASKS.property(
    'losses of half precision are finite float32',
    'convert raw output by .float() before it is compared',
)
def _half(case: TaskCase) -> str | None:
    raw, (target, weight) = case.raw.bfloat16(), case.task.target(case.label)
    soft = case.task.soft(case.raw.roll(1, -1), case.batch)
    for name, value in (
        ('loss', case.task.loss(raw, target, weight)),
        ('match', case.task.match(raw, soft)),
    ):
        if value.dtype != torch.float32 or not value.isfinite():
            return f'{name} is {value.item():g}, {value.dtype}'
    return None


@TASKS.property(
    'samples and labels stay as they are',
    'work on copies: torch.stack, replace, no operation that ends with an underscore',
)
def _untouched(case: TaskCase) -> str | None:
    place = difference(case.before, (case.batch.inputs, case.batch.samples))
    return place and f'{place} has changed'


@TASKS.property(
    'nothing is read from the device',
    ADVICE,
)
def _device(case: TaskCase) -> str | None:
    task, inputs = case.task, case.batch.inputs.to('meta')
    raw = case.raw.to('meta').requires_grad_()
    with HostWaits() as waits:
        batch = task.batch(inputs, case.batch.samples)
        label, made = task.label(batch), task.decode(raw, batch)
        task.truth(batch)
        other = replace(batch, view=_moved(batch.view))
        target, weight = task.target(task.project(label, other))
        soft = task.carry(task.soft(raw, batch), other)
        values = [made.value, task.loss(raw, target, weight), task.match(raw, soft)]
    wrong = {value.device.type for value in values} - {'meta'}
    return waits.told() or (f'a result is on {min(wrong)}' if wrong else None)


def _moved(view: View) -> View:
    change = torch.from_numpy(change_matrix(view.size, hflip=True))
    return View(change.to(view.matrix, non_blocking=True) @ view.matrix, view.size)
