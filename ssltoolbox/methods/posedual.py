"""PoseCons and PoseDual: easy views teach hard views (Xie et al., ICCV 2021)."""

from contextlib import nullcontext

import torch
from torch import Tensor, nn

from ssltoolbox.methods.base import Method
from ssltoolbox.registry import TASK_UTILS
from ssltoolbox.semi.perturb import evaluating
from ssltoolbox.tasks.base import Batch, Task
from ssltoolbox.utils.on_device import on_device


@TASK_UTILS.register_module()
class PoseCons(Method):
    r"""A network's heatmaps on an easy view are its targets on a hard view.

    With labelled images x, targets t and weights w, easy views u, the hard view
    ``H(u)`` and the same geometry ``A`` on heatmaps:

       ``L = L_mse(f(x), t, w) + lambda L_mse(f(H(u)), A f(u), w_u)``.

    ``f(u)`` carries no gradient; it is neither sharpened nor drawn anew. Only the
    direction easy to hard keeps the network from calling everything background.

    Args:
        hard_view: Config of ``H`` and ``A``, ``ssltoolbox.HardView``.
        supervised_joints: Channels that the labelled data define, the only ones with
            weight on unlabelled images (w_u) and cut at; None takes all.
        consistency: Ramp of lambda; 1 from the start, as published, by default.
        min_score: Unlabelled keypoints whose heatmap has a lower maximum count
            nothing; None trusts all, as published.
        teacher_bn: ``'batch'``: the pass over the easy view uses and moves batch
            statistics, as published; ``'eval'``: it uses the running ones.
        colour: The hard view is made from the view ``colour``, with other colours
            than ``easy`` and the same geometry.

    Source: Xie, Wang, Zeng & Wang, An Empirical Study of the Collapsing Problem in
    Semi-Supervised 2D Human Pose Estimation, arXiv 2011.12498. Fixed here: cutouts are
    drawn from the supervised joints; the rows and columns that one may hide are not
    exchanged.
    """

    tasks = ('pose',)
    needs_teacher = False

    def __init__(
        self,
        hard_view: dict,
        supervised_joints: list[int] | None = None,
        consistency: dict | None = None,
        min_score: float | None = None,
        teacher_bn: str = 'batch',
        colour: bool = False,
    ) -> None:
        super().__init__()
        if teacher_bn not in ('batch', 'eval'):
            raise ValueError(
                f"teacher_bn must be 'batch' or 'eval', got {teacher_bn!r}"
            )
        self.views = ('labelled', 'easy', 'colour') if colour else ('labelled', 'easy')
        self.hard_view = TASK_UTILS.build(hard_view)
        self.supervised_joints = supervised_joints
        self.consistency = TASK_UTILS.build(
            consistency or dict(type='ssltoolbox.ConstantRamp')
        )
        self.min_score, self.teacher_bn = min_score, teacher_bn
        self._channels: Tensor | None = None

    def bind(self, student: nn.Module, teacher: nn.Module | None, task: Task) -> None:
        """Connect the method with the networks it trains.

        Raises:
            ValueError: As in the base class; or the number of networks is wrong.
        """
        if getattr(teacher, 'trainable', False) != self.needs_teacher:
            given = 'no teacher' if teacher is None else type(teacher).__name__
            raise ValueError(
                f'{type(self).__name__} got {given}: PoseDual trains two networks, '
                "with teacher=dict(type='ssltoolbox.PeerTeacher'); PoseCons trains "
                'one, with teacher=None'
            )
        super().bind(student, teacher, task)

    @property
    def networks(self) -> list[nn.Module]:
        """The networks that learn."""
        return [self.student]

    def loss(self, views: dict[str, Batch]) -> dict[str, Tensor]:
        """Return the losses of one step."""
        labelled, easy = views['labelled'], views['easy']
        target, weight = self.task.target(self.task.label(labelled))
        said = [self.task.forward(network, labelled) for network in self.networks]
        # two networks teach each other, a single one teaches itself
        taught = [self.teach(network, easy) for network in self.networks][::-1]
        hard, targets = self.hard_view(
            [views.get('colour', easy)] * len(taught), taught, self.channels(taught[0])
        )
        found = [
            self.task.forward(network, batch)
            for network, batch in zip(self.networks, hard, strict=True)
        ]
        trusted = [self.trust(maps) for maps in taught]
        sup = [self.task.loss(maps, target, weight) for maps in said]
        cons = [
            self.task.loss(*row) for row in zip(found, targets, trusted, strict=True)
        ]
        rate = self.consistency(self.progress)
        self.report = self.reported(easy, hard[0], taught[0], trusted[0], said[0], rate)
        return {
            'loss_sup': torch.stack(sup).mean(),
            'loss_consistency': rate * torch.stack(cons).sum(),
        }

    def teach(self, network: nn.Module, easy: Batch) -> Tensor:
        """Heatmaps (B, K, h, w) of the easy view, without gradient."""
        as_it_is = self.teacher_bn == 'batch'
        with torch.no_grad(), nullcontext() if as_it_is else evaluating(network):
            return self.task.forward(network, easy).float()

    def channels(self, maps: Tensor) -> Tensor:
        """Indices of the supervised channels, on the device of the heatmaps."""
        if self._channels is None or self._channels.device != maps.device:
            chosen = self.supervised_joints
            every = range(maps.shape[1])
            self._channels = on_device(
                list(every if chosen is None else chosen), maps, torch.long
            )
        return self._channels

    def supervised(self, maps: Tensor) -> Tensor:
        """Weights (B, K), 1 for the supervised channels."""
        weight = maps.new_zeros(maps.shape[:2])
        return weight.index_fill_(1, self.channels(maps), 1)

    def trust(self, maps: Tensor) -> Tensor:
        """Weights (B, K) of what a network says of unlabelled images."""
        weight = self.supervised(maps)
        if self.min_score is None:
            return weight
        return weight * (maps.amax((-2, -1)) >= self.min_score)

    def reported(
        self,
        easy: Batch,
        hard: Batch,
        taught: Tensor,
        trusted: Tensor,
        said: Tensor,
        rate: float,
    ) -> dict:
        """Report what the first network was taught."""
        teacher = self.task.decode(taught, easy)
        offered = self.supervised(taught)
        label = self.task.project(teacher, hard).reweighted(offered)
        channels = self.channels(taught)
        rates = {'loss_consistency': rate}
        if self.min_score is None:
            rates['kept'] = 1.0
        return {
            'views': {'weak': easy, 'strong': hard},
            'teacher': teacher,
            'label': label,
            'kept': trusted > 0,
            'relabel': label,
            'relabelled': torch.zeros_like(trusted, dtype=torch.bool),
            'rates': rates,
            'maxima': {
                name: maps.detach()[:, channels].amax((-2, -1)).mean()
                for name, maps in (('labelled', said), ('unlabelled', taught))
            },
        }


@TASK_UTILS.register_module()
class PoseDual(PoseCons):
    """Two networks: what one says of the easy view is the other's target.

    The supervised loss is the mean over both networks, the consistency loss the sum.
    Needs ``teacher=dict(type='ssltoolbox.PeerTeacher')``. Arguments, source and fixes
    as in :class:`PoseCons`.
    """

    needs_teacher = True

    @property
    def networks(self) -> list[nn.Module]:
        """The networks that learn."""
        return [self.student, self.teacher]
