import copy
from dataclasses import replace

import pytest
import torch

from ssltoolbox.semi.perturb import unit_norm

from .settings import setting

settings = pytest.mark.parametrize('kind', ['pose', 'seg'])


@pytest.fixture
def told(monkeypatch):
    """What is written to the log."""
    texts = []
    monkeypatch.setattr(
        'ssltoolbox.methods.vat.print_log', lambda text, *_: texts.append(text)
    )
    return texts


def vat(made, seed=0, **fields):
    method = made.method('VAT', **fields)
    torch.manual_seed(seed)
    return method.loss(made.views)['loss_vat']


def seen_by(network):
    """The images of every pass from now on."""
    images = []
    network.register_forward_pre_hook(lambda _, given: images.append(given[0].detach()))
    return images


def direction(made, xi, noise, double=False):
    """The direction that is found from given noise."""
    images, strong = seen_by(made.student), made.views['strong']
    if double:
        made.student.double()
        made.views['strong'] = replace(strong, inputs=strong.inputs.double())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, 'randn_like', lambda like: noise.to(like))
        vat(made, xi=xi)
    return unit_norm(images[-1] - images[0])


@settings
def test_the_direction_is_that_of_exact_numbers_and_of_the_published_step_is_not(kind):
    noise = torch.randn_like(setting(kind).views['strong'].inputs)
    exact = direction(setting(kind), 1e-3, noise, double=True)

    def cosine(xi):
        found = direction(setting(kind), xi, noise)
        return (found * exact).sum((-2, -1)).mean().item()

    assert cosine(0.1) > 0.9 and cosine(1.0) > 0.75
    assert abs(cosine(1e-6)) < 0.5


def loss_and_gradient(made, xi):
    loss = vat(made, xi=xi)
    gradient = torch.autograd.grad(loss, list(made.student.parameters()))
    return loss.item(), max(part.abs().max().item() for part in gradient)


@settings
def test_the_loss_has_a_gradient_and_that_of_the_published_step_has_none(kind):
    made = setting(kind)
    made.student.eval()
    # no pixel is of a middle grey: numbers near 0 are finer
    strong = made.views['strong']
    images = strong.inputs + torch.where(strong.inputs < 0, -0.5, 0.5)
    made.views['strong'] = replace(strong, inputs=images)
    loss, gradient = loss_and_gradient(made, xi=1.0)
    assert loss > 0 and gradient > 0
    # as far as 1e-6 moves a pixel of 256 x 320, here
    published = 1e-6 * (images[0, 0].numel() / (256 * 320)) ** 0.5
    assert loss_and_gradient(made, xi=published) == (0, 0)


@settings
def test_the_output_changes_more_along_the_direction_than_along_random_ones(kind):
    made = setting(kind)
    made.student.eval()
    images, strong = seen_by(made.student), made.views['strong']
    vat(made)
    adversarial = images[-1] - images[0]
    clean = made.task.soft(made.task.forward(made.student, strong), strong)

    def grown(towards):
        moved = replace(strong, inputs=strong.inputs + unit_norm(towards))
        return made.task.match(made.task.forward(made.student, moved), clean).item()

    random = [grown(torch.randn_like(adversarial)) for _ in range(5)]
    assert grown(adversarial) > 1.5 * max(random)


@settings
@pytest.mark.parametrize('norm, length', [('channel', 3**0.5), ('sample', 1.0)])
def test_the_perturbation_has_the_norm_asked_for(kind, norm, length):
    made = setting(kind)
    images = seen_by(made.student)
    vat(made, eps=0.5, xi=2.0, norm=norm)
    clean, step, final = images
    for moved, size in ((step, 2.0), (final, 0.5)):
        lengths = (moved - clean).flatten(1).norm(dim=1)
        assert torch.allclose(lengths, torch.full((4,), length * size), rtol=1e-3)


@pytest.mark.parametrize('iterations', [1, 2, 4])
def test_each_power_iteration_is_a_pass(iterations):
    made = setting('seg')
    images = seen_by(made.student)
    vat(made, iterations=iterations)
    assert len(images) == 2 + iterations


def test_more_power_iterations_find_worse_perturbations():
    made = setting('seg')
    made.student.eval()
    one, many = (vat(made, iterations=n, eps=1.0).item() for n in (1, 8))
    assert many > one


@settings
def test_the_perturbation_is_all_that_differs_from_the_clean_pass(kind):
    # so small that no pixel changes: dropout and batch statistics are the same
    assert vat(setting(kind), eps=1e-30).item() == 0


@settings
def test_statistics_move_once_and_no_gradient_is_left(kind):
    made = setting(kind)
    plain = copy.deepcopy(made.student)
    torch.manual_seed(0)
    made.task.forward(plain, made.views['strong'])
    vat(made, iterations=2)
    for key, value in made.student.state_dict().items():
        assert value.equal(plain.state_dict()[key]), key
    assert all(parameter.grad is None for parameter in made.student.parameters())
    for module in made.student.modules():
        assert getattr(module, 'track_running_stats', True)


def test_the_gradient_is_that_of_the_perturbed_pass_alone():
    made = setting('seg')
    images = seen_by(made.student)
    learnt = list(made.student.parameters())
    found = torch.autograd.grad(vat(made, eps=1.0), learnt)
    clean, moved = images[0], images[-1]
    torch.manual_seed(0)
    target = made.student(clean).softmax(1).detach()
    torch.manual_seed(0)
    loss = (made.student(moved).softmax(1) - target).square().mean()
    torch.testing.assert_close(found, torch.autograd.grad(loss, learnt))


def test_its_weight_may_change_with_time():
    made = setting('seg')
    made.student.eval()
    half = dict(type='ssltoolbox.ConstantRamp', end=0.5)
    assert vat(made, weight=half).item() == pytest.approx(vat(made).item() / 2)


def test_steps_that_vanish_in_rounding_are_told_once(told):
    made = setting('seg')
    method = made.method('VAT', xi=1e-7)
    for _ in range(2):
        method.loss(made.views)
    (text,) = told
    assert 'xi=1e-07 moves a pixel by 6.2e-09' in text and 'to 1.2e-07' in text
    assert 'Set xi to 2e-06 or more, or train in float32' in text


def test_half_precision_needs_larger_steps(told):
    made = setting('seg')
    with torch.autocast('cpu', torch.bfloat16):
        made.method('VAT', xi=1.0, eps=0.01).loss(made.views)
    made.method('VAT', xi=1.0, eps=0.01).loss(made.views)
    (text,) = told
    assert 'eps=0.01 moves' in text and '7.8e-03' in text


@pytest.mark.parametrize('fields', [dict(eps=0), dict(xi=-1), dict(iterations=0)])
def test_wrong_numbers_are_refused(fields):
    with pytest.raises(ValueError, match='eps > 0, xi > 0 and iterations >= 1, got'):
        setting('seg').method('VAT', **fields)


def test_an_unknown_norm_is_refused():
    with pytest.raises(ValueError, match="'channel' or 'sample', got 'pixel'"):
        setting('seg').method('VAT', norm='pixel')
