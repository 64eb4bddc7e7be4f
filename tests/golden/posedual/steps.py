"""Hard views, losses and whole training steps of PoseCons and PoseDual."""

import random
from types import SimpleNamespace

import numpy as np
import torch
from torch import Tensor, nn

from ssltoolbox.augment.joint_cutout import JointCutout
from ssltoolbox.augment.random_affine import RandomAffine, warp_normalised
from ssltoolbox.geometry.view import View
from ssltoolbox.methods.posedual import PoseCons, PoseDual
from ssltoolbox.semi.pseudo_label import PseudoLabel
from ssltoolbox.semi.teacher import PeerTeacher
from ssltoolbox.tasks.base import Batch
from ssltoolbox.tasks.pose import PoseTask

from ..registry import drives
from ..scarcenet.parts import msra
from ..vectors import Entry


class RecordedAffine(RandomAffine):
    """Draws from numpy and python in the original's order, and keeps what it drew."""

    def draw(self, batch: Batch, generator=None) -> Tensor:
        rows = []
        for _ in range(len(batch.inputs)):
            spread = self.scale
            scale = np.clip(1 + spread * np.random.randn(), 1 - spread, 1 + spread)
            angle, limit = 0.0, 2 * self.rotation
            if random.random() <= self.rotation_prob:
                angle = np.clip(self.rotation * np.random.randn(), -limit, limit)
            rows.append((scale, angle))
        scale, angle = torch.tensor(rows, dtype=torch.double).unbind(1)
        self.drawn = self.matrix(scale, angle, batch.view.size)
        return self.drawn


class RecordedCutout(JointCutout):
    """Draws from torch and numpy in the original's order, from all channels."""

    def __call__(self, images: Tensor, maps: Tensor, among=None, generator=None):
        return super().__call__(images, maps)

    def draw(self, points: Tensor, generator=None) -> tuple[Tensor, Tensor, Tensor]:
        noise = torch.randn(points.shape)
        half = torch.randint(*self.half_size, points.shape)
        chosen = [np.random.choice(points.shape[1], self.num) for _ in points]
        return noise, half, torch.from_numpy(np.stack(chosen))


class TinyNetwork(nn.Module):
    """The network of the recorded steps."""

    def __init__(self, entry: Entry, prefix: str) -> None:
        super().__init__()
        state = {
            key.removeprefix(prefix): torch.from_numpy(value)
            for key, value in entry.arrays.items()
            if key.startswith(prefix)
        }
        hidden, maps = state['c.weight'].shape[0], state['f.weight'].shape[0]
        self.c = nn.Conv2d(3, hidden, 3, stride=2, padding=1)
        self.bn = nn.BatchNorm2d(hidden)
        self.f = nn.Conv2d(hidden, maps, 3, stride=2, padding=1)
        self.load_state_dict(state)
        self.seen: list[Tensor] = []
        self.said: list[Tensor] = []

    def forward(self, inputs: Tensor, samples: list, mode: str) -> Tensor:
        out = self.f(torch.tanh(self.bn(self.c(inputs))))
        self.seen.append(inputs.detach())
        self.said.append(out.detach())
        return out


class RecordedTask(PoseTask):
    """Gives the recorded target of the labelled images."""

    given_target: tuple[Tensor, Tensor]

    def label(self, batch: Batch) -> PseudoLabel:
        weight = self.given_target[1]
        points = torch.zeros(*weight.shape, 2)
        return PseudoLabel(points, weight, weight, batch.view)

    def target(self, label: PseudoLabel) -> tuple[Tensor, Tensor]:
        return self.given_target


@drives('posedual', 'hard_affine_*')
def hard_affine(entry: Entry) -> None:
    p, expected = entry.params, entry['theta']
    np.random.seed(p['seed'])
    random.seed(p['seed'])
    affine = RecordedAffine(p['scale_factor'], p['rot_factor'], p['rot_prob'])
    height, width = (4 * n for n in entry['heatmap'].shape[2:])
    theta = affine.draw(_batch(torch.zeros(len(expected), 1, height, width)))
    entry.check('theta', theta, 'theta')
    maps = torch.from_numpy(entry['heatmap']).expand(len(theta), -1, -1, -1)
    entry.check('warped_heatmap', warp_normalised(maps, theta), 'heatmap')
    image = torch.from_numpy(entry['image']).float()
    entry.check('warped_image', warp_normalised(image, theta[:1]), 'image')


@drives('posedual', 'joint_cutout_*')
def joint_cutout(entry: Entry) -> None:
    cutout = JointCutout(entry.params['num'], legacy_clamp=True)
    names = ('joints', 'jitter', 'half_size', 'chosen')
    draws = [torch.from_numpy(entry[name]) for name in names]
    entry.check('kept', cutout.keep_mask(*draws, entry['kept'].shape[2:]))


@drives('posedual', 'step_*')
def step(entry: Entry) -> None:
    method, networks = _method(entry)
    views = {'labelled': 'x0', 'easy': 'x1', 'colour': 'x2'}
    batches = {
        view: _batch(torch.from_numpy(entry[key]))
        for view, key in views.items()
        if key in entry.arrays
    }
    seed = entry.params['seed_before_forward']
    for start in (np.random.seed, random.seed, torch.manual_seed):
        start(seed)
    losses = method.loss(batches)
    sum(losses.values()).backward()
    _check_losses(entry, losses)
    theta = getattr(method.hard_view.affine, 'drawn', None)
    if 'theta' in entry.arrays:
        still = torch.eye(2, 3).expand(len(entry['theta']), -1, -1)
        entry.check('theta', still if theta is None else theta)
    for number, network in enumerate(networks, 1):
        name = f'{number}' if len(networks) > 1 else ''
        _check_passes(entry, network, name, theta)
        for name, parameter in network.named_parameters():
            entry.check(f'grad.net{number}.{name}', parameter.grad)
        for name, buffer in network.named_buffers():
            entry.check(f'after.net{number}.{name}', buffer)


def _check_passes(
    entry: Entry, network: TinyNetwork, number: str, theta: Tensor | None
) -> None:
    sup, easy, hard = network.said
    entry.check(f'sup_ht{number}', sup)
    entry.check(f'unsup_ht{number}', easy)
    entry.check(f'cons_ht{number}', hard)
    # the target made of this network's heatmaps: warped by what was drawn
    moved = easy if theta is None else warp_normalised(easy, theta)
    entry.check(f'unsup_ht_trans{number}', moved)
    key = f'hard_x_{number}_ch0' if number else 'hard_x_ch0'
    if key in entry.arrays:
        entry.check(key, network.seen[-1][:, 0])


@drives('posedual', 'pose*_loss')
def loss(entry: Entry) -> None:
    """The losses alone: networks that give what was recorded, and no hard view."""
    dual = 'sup_ht1' in entry.arrays
    numbers = ('1', '2') if dual else ('',)
    maps = {
        name: torch.from_numpy(entry[name]).requires_grad_()
        for name in entry.record['inputs']
        if '_ht' in name
    }
    networks = [
        _Recorded(
            maps[f'sup_ht{n}'],
            # of one network, only what became of its heatmaps is recorded
            maps.get(f'unsup_ht{n}', maps['unsup_ht_trans'] if n == '' else None),
            maps[f'cons_ht{n}'],
        )
        for n in numbers
    ]
    method = _kind(dual)(dict(type='ssltoolbox.HardView', affine=None), _joints(entry))
    targets = [maps[f'unsup_ht_trans{n}'].detach() for n in reversed(numbers)]
    method.hard_view = lambda batches, *_: (batches, targets)
    _bind(method, entry, networks)
    views = {name: _batch(torch.zeros(2, 3, 4, 4)) for name in ('labelled', 'easy')}
    losses = method.loss(views)
    sum(losses.values()).backward()
    _check_losses(entry, losses)
    entry.check('has_grad', [each.grad is not None for each in maps.values()])
    (key,) = entry.matching(r'grad_cons_ht1?')
    entry.check(key, maps[key.removeprefix('grad_')].grad)


class _Recorded(nn.Module):
    """Gives recorded heatmaps, one pass after the other."""

    def __init__(self, *answers: Tensor) -> None:
        super().__init__()
        self.answers = iter(answers)

    def forward(self, inputs: Tensor, samples: list, mode: str) -> Tensor:
        return next(self.answers)


def _kind(dual: bool) -> type[PoseCons]:
    return PoseDual if dual else PoseCons


def _joints(entry: Entry) -> list[int]:
    weight = entry['unsup_weight'][..., 0]
    assert (weight == weight[0]).all()
    return np.flatnonzero(weight[0]).tolist()


def _method(entry: Entry) -> tuple[PoseCons, list[TinyNetwork]]:
    p = entry.params
    dual = any(key.startswith('net2.') for key in entry.arrays)
    hard_view = dict(type='ssltoolbox.HardView', affine=None)
    method = _kind(dual)(hard_view, _joints(entry), colour=p['rand_aug'])
    if p['second_affine']:
        method.hard_view.affine = RecordedAffine()
    if p['mask_joint_num']:
        method.hard_view.cutout = RecordedCutout(p['mask_joint_num'], legacy_clamp=True)
    networks = [TinyNetwork(entry, f'net{n}.') for n in range(1, 2 + dual)]
    _bind(method, entry, networks)
    return method, networks


def _bind(method: PoseCons, entry: Entry, networks: list[nn.Module]) -> None:
    h, w = entry['sup_target'].shape[2:]
    decoder = SimpleNamespace(
        head=SimpleNamespace(decoder=msra((4 * w, 4 * h), (w, h)))
    )
    task = RecordedTask(network=decoder)
    weight = torch.from_numpy(entry['sup_weight'][..., 0])
    task.given_target = torch.from_numpy(entry['sup_target']), weight
    teacher = None
    if len(networks) > 1:
        teacher = PeerTeacher.__new__(PeerTeacher)
        nn.Module.__init__(teacher)
        teacher.model, teacher.mode = networks[1], 'train'
    method.bind(networks[0], teacher, task)


def _batch(images: Tensor) -> Batch:
    count, (height, width) = len(images), images.shape[2:]
    view = View(torch.eye(3, dtype=torch.double).repeat(count, 1, 1), (width, height))
    return Batch(images, [], view, torch.zeros(count, dtype=torch.bool))


def _check_losses(entry: Entry, losses: dict[str, Tensor]) -> None:
    entry.check('loss', sum(losses.values()).detach())
    entry.check('loss_pose', losses['loss_sup'].detach())
    entry.check('loss_cons', losses['loss_consistency'].detach())
