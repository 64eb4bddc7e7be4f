"""Two settings in which consistency methods run: keypoints, and classes of pixels."""

import copy
from dataclasses import dataclass, replace
from types import SimpleNamespace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ssltoolbox.geometry.view import View
from ssltoolbox.geometry.warp import project_maps
from ssltoolbox.registry import MODELS, TASK_UTILS
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.tasks.base import Batch, Task
from ssltoolbox.tasks.pose import PoseTask
from ssltoolbox.testing.tiny_pose import tiny_network, view_batch

CLASSES, SIDE = 3, 16


class PixelTask(Task):
    """Classes of pixels, as an adapter of mmseg would handle them.

    Args:
        name: The name under which a method accepts it.
    """

    def __init__(self, name: str = 'seg') -> None:
        self.name = name

    def batch(self, inputs: Tensor, samples: list) -> Batch:
        matrix = torch.stack([sample.view for sample in samples])
        labelled = torch.tensor([sample.labelled for sample in samples])
        return Batch(inputs, samples, View(matrix, (SIDE, SIDE)), labelled)

    def label(self, batch: Batch) -> PseudoLabel:
        value = torch.stack([sample.classes for sample in batch.samples])
        weight = torch.stack([sample.weight for sample in batch.samples])
        return PseudoLabel(value, weight, weight, batch.view)

    def truth(self, batch: Batch) -> PseudoLabel:
        return self.label(batch)

    def forward(self, network: nn.Module, batch: Batch) -> Tensor:
        return network(batch.inputs)

    def decode(self, raw: Tensor, batch: Batch) -> PseudoLabel:
        score, value = raw.detach().float().softmax(1).max(1)
        return PseudoLabel(value, torch.ones_like(score), score, batch.view)

    def project(self, label: PseudoLabel, batch: Batch) -> PseudoLabel:
        value, seen = project_maps(
            label.value[:, None], label.view, batch.view, mode='nearest', grid='areas'
        )
        value, weight = value[:, 0], seen[:, 0].float()
        return replace(label, value=value, weight=weight, view=batch.view)

    def target(self, label: PseudoLabel) -> tuple[Tensor, Tensor]:
        return label.value, label.weight

    def loss(self, raw: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        each = F.cross_entropy(raw.float(), target, reduction='none')
        return (each * weight).mean()

    def soft(self, raw: Tensor, batch: Batch) -> PseudoLabel:
        maps = raw.detach().float().softmax(1)
        return PseudoLabel(maps, torch.ones_like(maps[:, :1]), maps, batch.view)

    def carry(self, label: PseudoLabel, batch: Batch) -> PseudoLabel:
        maps, seen = project_maps(label.value, label.view, batch.view, grid='areas')
        return replace(label, value=maps, weight=seen.to(maps), view=batch.view)

    def match(self, raw: Tensor, label: PseudoLabel) -> Tensor:
        difference = raw.float().softmax(1) - label.value
        return (difference.square() * label.weight).mean()


def pixel_network() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Conv2d(16, CLASSES, 3, padding=1),
    )


def pixel_views(task: Task, labelled: int, count: int = 4) -> dict[str, Batch]:
    """The strong view is the mirror image of the weak one."""
    drawn = torch.Generator().manual_seed(0)
    images = torch.randn(count, 3, SIDE, SIDE, generator=drawn)
    classes = torch.randint(CLASSES, (count, SIDE, SIDE), generator=drawn)
    plain = torch.eye(3, dtype=torch.double)
    mirror = torch.tensor([[-1.0, 0, SIDE - 1], [0, 1, 0], [0, 0, 1]]).double()
    views = {}
    for name, matrix in (('weak', plain), ('strong', mirror)):
        turn = (lambda maps: maps.flip(-1)) if name == 'strong' else torch.clone
        samples = [
            SimpleNamespace(
                classes=turn(row),
                weight=torch.full((SIDE, SIDE), float(i < labelled)),
                labelled=i < labelled,
                view=matrix,
            )
            for i, row in enumerate(classes)
        ]
        views[name] = task.batch(turn(images), samples)
    return views


@dataclass
class Setting:
    """Networks, task and views; the teacher differs from the student."""

    student: nn.Module
    teacher: nn.Module
    task: Task
    views: dict[str, Batch]

    def method(self, kind: str, **fields):
        """A method, bound."""
        method = TASK_UTILS.build(dict(type=f'ssltoolbox.{kind}', **fields))
        method.bind(self.student, self.teacher, self.task)
        return method


def setting(kind: str, labelled: int = 2) -> Setting:
    """Build the setting ``'pose'``, ``'seg'`` or ``'bottomup_pose'``."""
    torch.manual_seed(0)
    if kind == 'pose':
        student = MODELS.build(tiny_network())
        task = PoseTask(student)
        views = pose_views(student, task, labelled)
    else:
        student, task = pixel_network(), PixelTask(kind)
        views = pixel_views(task, labelled)
    teacher = copy.deepcopy(student).requires_grad_(False).eval()
    with torch.no_grad():
        for parameter in teacher.parameters():
            parameter.add_(0.01 * torch.randn_like(parameter))
    return Setting(student.train(), teacher, task, views)


def pose_views(network: nn.Module, task: PoseTask, labelled: int) -> dict[str, Batch]:
    data, views = view_batch(labelled=labelled), {}
    for name in ('weak', 'strong'):
        one = {key: data[key][name] for key in data}
        done = network.data_preprocessor(one, training=True)
        for sample in done['data_samples'][labelled:]:
            sample.gt_instances.keypoints_visible *= 0
        views[name] = task.batch(done['inputs'], done['data_samples'])
    return views
