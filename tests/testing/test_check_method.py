"""Each property of methods is missed in a method that lacks it."""

import random

import pytest
import torch
from mmengine.model import BaseModel

from ssltoolbox.methods.consistency import ConsistencyMethod
from ssltoolbox.registry import MODELS
from ssltoolbox.testing import TinyTask, check_method, tiny_task
from ssltoolbox.testing.properties.methods import METHODS

from .broken import assert_complete, assert_named


@MODELS.register_module(force=True)
class OneConvolution(BaseModel):
    """Depth by one convolution, so that a step takes a millisecond."""

    def __init__(self, data_preprocessor):
        super().__init__(data_preprocessor)
        self.conv = torch.nn.Conv2d(3, 1, 3, padding=1)

    def forward(self, inputs, data_samples=None, mode='tensor'):
        return self.conv(inputs).abs() + 0.1


DEPTH = tiny_task('depth')
TINY = TinyTask(
    dict(
        type='ssltoolbox.OneConvolution',
        data_preprocessor=DEPTH.network['data_preprocessor'],
    ),
    DEPTH.batch,
    DEPTH.task,
)


class Sound(ConsistencyMethod):
    """The student learns what the teacher says of the weak view."""

    views = ('strong', 'weak')

    def unlabelled_losses(self, views, output):
        taught = self.task.predict(self.teacher, views['weak'])
        taught = self.task.project(taught, views['strong'])
        self.tell(taught, taught, loss_taught=1.0)
        loss = self.task.loss(output, *self.task.target(taught))
        return self.spoil({'loss_taught': loss}, views, output)

    def spoil(self, losses, views, output):
        return losses


class Nameless(Sound):
    def loss(self, views):
        return {key[5:]: value for key, value in super().loss(views).items()}


class LateStart(Sound):
    def spoil(self, losses, views, output):
        return {'loss_taught': losses['loss_taught'] / self.progress.iter}


class NewZero(Sound):
    def spoil(self, losses, views, output):
        return losses | {'loss_more': torch.zeros((), device=output.device)}


class Idle(Sound):
    def loss(self, views):
        return {key: 0 * value for key, value in super().loss(views).items()}


class TeachingTeacher(Sound):
    def spoil(self, losses, views, output):
        theirs = self.task.forward(self.teacher, views['strong'])
        return losses | {'loss_more': (output - theirs).square().mean()}


class Overwriting(Sound):
    def spoil(self, losses, views, output):
        views['strong'].samples[0].sparse.data[:] = 0
        return losses


class Sleeping(Sound):
    def spoil(self, losses, views, output):
        self.student.eval()
        return losses


class Unseeded(Sound):
    numbers = random.SystemRandom()

    def spoil(self, losses, views, output):
        return {'loss_taught': self.numbers.random() * losses['loss_taught']}


class PerLabel(Sound):
    def spoil(self, losses, views, output):
        return {'loss_taught': losses['loss_taught'] / views['strong'].labelled.sum()}


class Rounded(Sound):
    def spoil(self, losses, views, output):
        return losses | {'loss_more': output.square().mean()}


class Remembering(Sound):
    steps = 0

    def spoil(self, losses, views, output):
        self.steps += 1
        return {'loss_taught': self.steps * losses['loss_taught']}


class Taciturn(Sound):
    def spoil(self, losses, views, output):
        self.report = {'kept': self.report['kept']}
        return losses


class Asking(Sound):
    def spoil(self, losses, views, output):
        return losses if losses['loss_taught'].item() > 0 else {}


BROKEN = {
    'a step returns losses by their names': Nameless,
    'every loss is one finite number, from the first iteration to the last': LateStart,
    'what has loss in its name depends on the student': NewZero,
    'the gradient reaches the student': Idle,
    'the teacher neither gets a gradient nor changes': TeachingTeacher,
    'images and labels are bit-identical after a step': Overwriting,
    'every module is in the mode in which it was': Sleeping,
    'equal seeds give equal steps': Unseeded,
    'a step works where no image has a label of any kind': PerLabel,
    'under autocast losses are float32 and finite': Rounded,
    'a model that loads the state of another goes on as that one would': Remembering,
    'hooks can measure what it reports': Taciturn,
    'a step never waits for the device': Asking,
}


@pytest.mark.parametrize('name', BROKEN)
def test_a_method_without_the_property_is_caught(name):
    kind = BROKEN[name]
    assert_named(
        lambda: check_method(dict(type=kind), TINY), METHODS, name, kind.__name__
    )


def test_every_property_has_its_broken_example():
    assert_complete(METHODS, BROKEN)


def test_a_sound_method_passes():
    check_method(dict(type=Sound), TINY)


def test_a_task_that_is_not_known_is_asked_for():
    with pytest.raises(ValueError, match="no tiny task for 'sound', but for bottomup"):
        check_method(dict(type=Sound), 'sound')
