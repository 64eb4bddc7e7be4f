"""Each property of task adapters is missed in an adapter that lacks it."""

from dataclasses import replace

import pytest
import torch

from ssltoolbox.tasks.bottomup_pose import BottomupPoseTask
from ssltoolbox.tasks.pose import PoseTask
from ssltoolbox.tasks.seg import SegTask
from ssltoolbox.testing import check_task_adapter, tiny_task
from ssltoolbox.testing.properties.tasks import TASKS

from .broken import assert_complete, assert_named


class Bare(PoseTask):
    def label(self, batch):
        return super().label(batch).value


class KnowItAll(SegTask):
    def label(self, batch):
        made = super().label(batch)
        return made.reweighted(torch.ones_like(made.weight))


class Short(PoseTask):
    def soft(self, raw, batch):
        made = super().soft(raw, batch)
        return replace(made, value=raw.detach())


class Beside(PoseTask):
    def decode(self, raw, batch):
        made = super().decode(raw, batch)
        return replace(made, value=made.value + 10)


class Reversed(PoseTask):
    def loss(self, raw, target, weight):
        return -super().loss(raw, target, weight)


class Drifting(PoseTask):
    def project(self, label, batch):
        made = super().project(label, batch)
        return replace(made, value=made.value + 0.01)


class Staying(PoseTask):
    def project(self, label, batch):
        return label


class OneGoes(PoseTask):
    """Maps stay where they are, and are said to be elsewhere."""

    def carry(self, label, batch):
        return replace(label, view=batch.view)


class LeftIsLeft(PoseTask):
    def project(self, label, batch):
        same = torch.arange(len(batch.flip_indices))
        return super().project(label, replace(batch, flip_indices=same))


class Everywhere(BottomupPoseTask):
    def carry(self, label, batch):
        return super().carry(label, batch).reweighted(label.weight)


class Divided(SegTask):
    def loss(self, raw, target, weight):
        return super().loss(raw, target, weight) / weight.mean()


class OverLabels(SegTask):
    def loss(self, raw, target, weight):
        return super().loss(raw, target, weight) / weight.mean().clamp(min=1e-6)


class AsItIs(PoseTask):
    def loss(self, raw, target, weight):
        return super().loss(raw, target, weight).to(raw.dtype)


class Tidying(PoseTask):
    def truth(self, batch):
        for sample in batch.samples:
            sample.gt_instances.keypoints_visible[:] = 0.5
        return super().truth(batch)


class OnTheHost(PoseTask):
    def decode(self, raw, batch):
        return super().decode(torch.from_numpy(raw.detach().cpu().numpy()), batch)


BROKEN = {
    'it has a name, a grid, and labels for each sample': Bare,
    'a sample without any label has weight 0': KnowItAll,
    'predictions are detached and in float32': Short,
    'an answer that says the label is decoded as the label': Beside,
    'the loss of such an answer is the smallest': Reversed,
    'its own view changes nothing': Drifting,
    'there and back a label is where it was': Staying,
    'labels and raw output move alike': OneGoes,
    'in a mirrored view left and right are exchanged as flip_indices say': LeftIsLeft,
    'what is outside the view has weight 0': Everywhere,
    'a loss without any weight is 0 and attached to the output': Divided,
    'a loss is a mean in which samples of weight 0 count': OverLabels,
    'losses of half precision are finite float32': AsItIs,
    'samples and labels stay as they are': Tidying,
    'nothing is read from the device': OnTheHost,
}


@pytest.mark.parametrize('name', BROKEN)
def test_an_adapter_without_the_property_is_caught(name):
    kind = BROKEN[name]
    tiny = replace(tiny_task(kind.name), task=dict(type=kind))
    assert_named(lambda: check_task_adapter(tiny), TASKS, name, kind.__name__)


def test_every_property_has_its_broken_example():
    assert_complete(TASKS, BROKEN)


@pytest.mark.parametrize('name, fields', [
    ('pose', dict(refine=True)),
    ('seg', dict(match='kl', class_weight=[1, 2, 3])),
    ('depth', dict(mean_factor=0.0)),
])  # fmt: skip
def test_adapters_of_other_fields_are_sound_too(name, fields):
    tiny = tiny_task(name)
    check_task_adapter(replace(tiny, task=tiny.task | fields))


def test_raw_output_that_is_no_target_is_asked_for():
    class Halved(BottomupPoseTask):
        def target(self, label):
            return label.value[..., ::2], label.weight[..., ::2]

    tiny = replace(tiny_task('bottomup_pose'), task=dict(type=Halved))
    with pytest.raises(AssertionError, match='pass answer=, a function that gives raw'):
        check_task_adapter(tiny)
