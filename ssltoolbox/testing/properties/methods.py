"""What must hold for a method."""

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from ssltoolbox.engine.hooks.pseudo_label_quality import measure
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.testing.host_waits import ADVICE, HostWaits
from ssltoolbox.testing.tiny import TinyTask, tiny_task

from .family import Family
from .method_case import MethodCase
from .trees import difference

METHODS = Family('methods')
EMA = dict(type='ssltoolbox.EMATeacher')


def check_method(
    method: Mapping[str, Any],
    task: str | TinyTask | None = None,
    teacher: Mapping[str, Any] | None = None,
) -> None:
    """Say what is wrong with a method, by steps on a tiny network.

    Args:
        method: Its config, ``dict(type='ssltoolbox.MyMethod', ...)``; the class itself
            may stand for its name.
        task: Name of the task, by default the first of the method's ``tasks``, or
            ``'pose'``; or a task, network and batches of one's own. The tiny batches
            have all views that the method names, of the same images.
        teacher: Config of the teacher; by default an average of the student where the
            method needs one.

    Raises:
        BrokenProperty: It names the broken properties.
    """
    built = TASK_UTILS.build(dict(method))
    if task is None:
        task = built.tasks[0] if built.tasks else 'pose'
    tiny = tiny_task(task) if isinstance(task, str) else task
    if teacher is None and built.needs_teacher:
        teacher = EMA
    METHODS.check(type(built).__name__, MethodCase(method, tiny, teacher))


@METHODS.property(
    'a step returns losses by their names',
    "return a dictionary with keys such as 'loss_sup', whose values are tensors",
    first=True,
)
def _names(case: MethodCase) -> str | None:
    found = case.usual.losses
    if not any('loss' in key for key in found):
        return f'the keys {", ".join(found) or "none"}'
    wrong = [key for key, value in found.items() if not isinstance(value, Tensor)]
    return f'{wrong[0]} is a {type(found[wrong[0]]).__name__}' if wrong else None


@METHODS.property(
    'every loss is one finite number, from the first iteration to the last',
    'take the mean, and divide by nothing that may be 0: .clamp(min=1)',
)
def _finite(case: MethodCase) -> str | None:
    steps = {0.5: case.usual.losses}
    for share in (0.0, 1.0):
        steps[share] = case.losses(case.scratch, case.batch(), share)
    for share, found in steps.items():
        for key, value in found.items():
            if value.numel() != 1 or not value.isfinite().all():
                return f'{key} is {value.tolist()} after {share:.0%} of the training'
    return None


@METHODS.property(
    'what has loss in its name depends on the student',
    "name a mere diagnostic without 'loss'; multiply by 0 instead of returning a new 0",
)
def _attached(case: MethodCase) -> str | None:
    loose = [k for k, v in case.usual.losses.items() if 'loss' in k]
    loose = [k for k in loose if not case.usual.losses[k].requires_grad]
    return f'{", ".join(loose)} has no gradient' if loose else None


@METHODS.property(
    'the gradient reaches the student',
    'compare with the raw output of the student, not with what task.predict or '
    'task.decode made of it',
)
def _student(case: MethodCase) -> str | None:
    found = [g for n, g in case.usual.gradients.items() if n.startswith('student.')]
    if not any(gradient.any() for gradient in found):
        return 'no parameter of the student has a gradient'
    bad = not all(gradient.isfinite().all() for gradient in found)
    return 'a gradient is not finite' if bad else None


@METHODS.property(
    'the teacher neither gets a gradient nor changes',
    'use task.predict, or torch.no_grad() around task.forward of the teacher; it moves '
    'after the step of the optimiser, by itself',
)
def _teacher(case: MethodCase) -> str | None:
    step = case.usual
    if step.model.teacher is None or step.model.teacher.trainable:
        return None
    reached = [n for n in step.gradients if n.startswith('teacher.')]
    if reached:
        return f'{reached[0]} has a gradient'
    moving = {n for n, _ in step.model.teacher.named_buffers()}
    moving = moving if step.model.teacher.mode == 'train' else set()
    now = step.model.teacher.state_dict()
    for name, before in step.weights.items():
        if name not in moving and difference(before, now[name]) is not None:
            return f'{name} has changed'
    return None


@METHODS.property(
    'images and labels are bit-identical after a step',
    'work on copies: replace(batch, inputs=...), label.reweighted(...)',
)
def _untouched(case: MethodCase) -> str | None:
    place = difference(case.usual.before, case.usual.data)
    return place and f'{place} has changed'


@METHODS.property(
    'every module is in the mode in which it was',
    'use ssltoolbox.semi.perturb.evaluating; .train() changes frozen parts too',
)
def _modes(case: MethodCase) -> str | None:
    model = case.copy()
    # a part that is frozen in the midst of a network that learns
    next(model.student.children()).eval()
    before = {name: module.training for name, module in model.named_modules()}
    case.losses(model, case.batch())
    now = {name: module.training for name, module in model.named_modules()}
    other = [name or 'the model' for name in before if now[name] != before[name]]
    return f'{other[0]} is left in training={now[other[0]]}' if other else None


@METHODS.property(
    'equal seeds give equal steps',
    'draw from torch, numpy.random or random, whose seeds the runner sets, not from a '
    'generator of its own',
)
def _repeatable(case: MethodCase) -> str | None:
    again = case.step().losses
    place = difference(case.usual.losses, again)
    return place and f'{place} was {case.usual.losses[place]}, and then {again[place]}'


@METHODS.property(
    'a step works where no image has a label of any kind',
    'let every loss be 0 there, yet depend on the output of the student, so that '
    'several processes find the same gradients',
)
def _nothing(case: MethodCase) -> str | None:
    step = case.step(labelled=0, known=False)
    for key, value in step.losses.items():
        if not value.isfinite().all():
            return f'{key} is {value.item()}'
        if 'loss' in key and not value.requires_grad:
            return f'{key} does not depend on the student'
    missing = set(case.usual.gradients) - set(step.gradients)
    if missing:
        return f'{len(missing)} parameters have no gradient, {min(missing)} is one'
    bad = [n for n, g in step.gradients.items() if not g.isfinite().all()]
    return f'the gradient of {bad[0]} is not finite' if bad else None


@METHODS.property(
    'under autocast losses are float32 and finite',
    'convert raw output by .float() before it is compared or summed',
)
def _half(case: MethodCase) -> str | None:
    for key, value in case.losses(case.scratch, case.batch(), half=True).items():
        if 'loss' in key and value.dtype != torch.float32:
            return f'{key} is {value.dtype}'
        if not value.isfinite().all():
            return f'{key} is {value.item()}'
    return None


@METHODS.property(
    'a model that loads the state of another goes on as that one would',
    'keep what one step leaves to the next in buffers of the model, or let a hook save '
    'it in the checkpoint',
)
def _resumed(case: MethodCase) -> str | None:
    model = case.copy()
    for _ in range(2):
        model.zero_grad()
        losses = case.losses(model, case.batch())
        sum(value for key, value in losses.items() if 'loss' in key).backward()
        with torch.no_grad():
            for weight in model.parameters():
                if weight.grad is not None:
                    weight.sub_(0.01 * weight.grad)
        model.after_optimizer_step()
    other = case.copy()
    other.load_state_dict(copy.deepcopy(model.state_dict()))
    expected, found = (case.losses(m, case.batch()) for m in (model, other))
    place = difference(expected, found)
    return place and f'{place} is {found[place]}, without the break {expected[place]}'


@METHODS.property(
    'hooks can measure what it reports',
    'fill report by tell(), or leave it empty and the hooks that measure out',
)
def _report(case: MethodCase) -> str | None:
    model = case.usual.model
    told = model.method.report
    if set(told) <= {'views'}:
        return None
    absent = {'label', 'kept', 'relabel', 'relabelled', 'rates'} - set(told)
    if absent:
        return f'report lacks {", ".join(sorted(absent))}'
    if not isinstance(told['label'], PseudoLabel):
        return f'label is a {type(told["label"]).__name__}, no PseudoLabel'
    if told['kept'].shape != told['label'].weight.shape:
        shapes = [tuple(each.shape) for each in (told['kept'], told['label'].weight)]
        return f'kept is {shapes[0]}, the weight of label {shapes[1]}'
    values = measure(model.task, told)
    wrong = [name for name, value in values.items() if value.numel() != 1]
    return f'{wrong[0]} is no single number' if wrong else None


@METHODS.property(
    'a step never waits for the device',
    ADVICE,
)
def _device(case: MethodCase) -> str | None:
    # a tensor of this device has no values that the host could read
    model, data = case.on('meta')
    with HostWaits() as waits:
        losses = case.losses(model, data)
        sum(value for key, value in losses.items() if 'loss' in key).backward()
        model.after_optimizer_step()
    if place := waits.told():
        return place
    told = model.method.report
    values = {**losses, **(measure(model.task, told) if 'kept' in told else {})}
    elsewhere = [k for k, v in values.items() if v.device.type != 'meta']
    return f'{elsewhere[0]} is not on the device' if elsewhere else None
