"""What a finished training gives to later stages."""

from types import SimpleNamespace

import numpy as np
import pytest

from ssltoolbox.apis.training_run import checkpoints_of


def outputs(**info):
    hub = SimpleNamespace(runtime_info=dict(last_ckpt='last.pth', **info))
    return checkpoints_of(SimpleNamespace(message_hub=hub))


def test_the_score_is_that_of_the_best_checkpoint():
    assert outputs(best_ckpt='a.pth', best_score=0.75) == dict(
        last='last.pth', best='a.pth', score=0.75
    )


@pytest.mark.parametrize('info', [{}, dict(best_score=float('-inf'))])
def test_without_validation_there_is_no_score(info):
    assert outputs(**info) == dict(last='last.pth', best='last.pth', score=None)


def test_of_several_networks_the_score_is_that_of_the_chosen_one():
    names = {'teacher/seg/Dice': np.float32(0.5), 'student/seg/Dice': 0.75}
    info = {f'best_score_{name}': score for name, score in names.items()}
    info |= {f'best_ckpt_{name}': f'{name[:7]}.pth' for name in names}
    found = outputs(**info)
    assert found['best'] == found['best_teacher'] == 'teacher.pth'
    assert found['best_student'] == 'student.pth' and found['score'] == 0.5
    assert type(found['score']) is float
