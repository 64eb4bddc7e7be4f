"""Losses of the schemes, their ramp, and the teacher's average."""

import numpy as np
import torch
from torch import Tensor, nn

from ssltoolbox.geometry.view import View
from ssltoolbox.methods.consistency import ConsistencyMethod
from ssltoolbox.methods.mean_teacher import MeanTeacher
from ssltoolbox.methods.together import Together
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.semi.progress import Progress
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.semi.ramp import SigmoidRamp
from ssltoolbox.semi.teacher import EMATeacher
from ssltoolbox.tasks.base import Batch
from ssltoolbox.tasks.pose import PoseTask

from ..registry import drives
from ..scarcenet.losses import OneWeight
from ..scarcenet.parts import msra
from ..vectors import Entry


class GivenMaps(nn.Module):
    """A network that says the recorded maps."""

    def __init__(self, maps: Tensor) -> None:
        super().__init__()
        self.maps = nn.Parameter(maps)

    def forward(self, inputs: Tensor, samples: list, mode: str) -> Tensor:
        return self.maps


class GivenTarget(PoseTask):
    """Heatmaps whose target is recorded, not drawn from keypoints."""

    given: Tensor

    def label(self, batch: Batch) -> PseudoLabel:
        weight = self.given.new_ones(self.given.shape[:2])
        return PseudoLabel(self.given, weight, weight, batch.view)

    def target(self, label: PseudoLabel) -> tuple[Tensor, Tensor]:
        return label.value, label.weight


@TASK_UTILS.register_module()
class ConstantInPlaceOfVAT(ConsistencyMethod):
    """The recorded runs have a constant where the loss of VAT is."""

    needs_teacher = False

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def unlabelled_losses(self, views: dict[str, Batch], output) -> dict[str, Tensor]:
        self.tell(self.label, loss_vat=1.0)
        return {'loss_vat': torch.tensor(self.value)}


def channels_first(array: np.ndarray) -> Tensor:
    return torch.from_numpy(array).permute(0, 3, 1, 2).contiguous()


@drives('ssl2dpose', 'losses_supervised_mt_vat')
def losses_supervised_mt_vat(entry: Entry) -> None:
    student, teacher, target = (
        channels_first(entry[f'in_{name}']) for name in ('student', 'teacher', 'target')
    )
    size = target.shape[-1], target.shape[-2]
    network = GivenMaps(student)
    network.head = type('Head', (), {'decoder': msra(size, size)})()
    # the loss of our networks has no half
    task = GivenTarget(network, dict(type='ssltoolbox.JointsMSELoss', loss_weight=2.0))
    task.given = target
    view = View(torch.eye(3).double().repeat(len(target), 1, 1), size)
    pattern = r'out_(?:(sup|mt|vat|mt_vat)_)(mask\d)(?:_m(\d+))?'
    for key, (terms, mask, rate) in entry.matching(pattern).items():
        labelled = torch.from_numpy(entry[f'in_{mask}']) > 0
        batch = Batch(torch.zeros(len(target), 3, 1, 1), [], view, labelled)
        method = method_of(entry, terms, rate)
        method.bind(network, GivenMaps(teacher), task)
        losses = method.loss({'strong': batch, 'weak': batch})
        entry.check(key, published_total(losses, labelled).detach())


def method_of(entry: Entry, terms: str, rate: str | None) -> Together:
    """Our method of these terms; ``'03'`` is a ramp at 0.3."""
    parts = []
    if 'mt' in terms:
        ramp = float(f'{rate[0]}.{rate[1:] or 0}') * entry.params['mt_weight']
        consistency = dict(type='ssltoolbox.ConstantRamp', end=ramp)
        parts.append(dict(type=f'ssltoolbox.{MeanTeacher.__name__}'))
        parts[-1]['consistency'] = consistency
    vat = entry.params['vat_constant']
    parts.append(dict(type='ssltoolbox.ConstantInPlaceOfVAT'))
    parts[-1]['value'] = vat if 'vat' in terms else 0.0
    return Together(parts)


def published_total(losses: dict[str, Tensor], labelled: Tensor) -> Tensor:
    """Sum the terms as the program did.

    Mean teacher and VAT each multiplied what was there by B / n_w, though the loss is
    a mean over the n_w labelled images already. We do not.
    """
    surplus = len(labelled) / labelled.sum()
    total = losses['loss_sup']
    if 'loss_consistency' in losses:
        total = surplus * total + losses['loss_consistency']
    if losses['loss_vat'] != 0:
        total = surplus * total + losses['loss_vat']
    return total


@drives('ssl2dpose', 'rampup_sigmoid')
def rampup_sigmoid(entry: Entry) -> None:
    ramp = SigmoidRamp(length=entry.params['warm_up_steps'], by='iter')
    steps = entry['in_step'].tolist()
    entry.check('out_m', [ramp(Progress(iter=step)) for step in steps])


@drives('ssl2dpose', 'ema_095')
def ema(entry: Entry) -> None:
    network = dict(type=OneWeight, value=np.zeros_like(entry['in_init']))
    teacher = EMATeacher(network, decay=entry.params['decay'], warmup=False)
    teacher.reset(OneWeight(entry['in_init']))
    found = []
    for value in entry['in_student_values']:
        teacher.update(OneWeight(value))
        found.append(teacher.model.weight.detach().numpy().copy())
    entry.check('out_shadow', np.stack(found))
