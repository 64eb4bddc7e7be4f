"""One of two processes that train a pair of networks: RANK FOLDER."""

import sys
from pathlib import Path

import torch
from mmengine.model import MMDistributedDataParallel
from mmengine.optim import OptimWrapper
from torch import distributed

from ssltoolbox.methods.base import Method
from ssltoolbox.registry import MODELS, TASK_UTILS
from ssltoolbox.semi.progress import Progress
from ssltoolbox.testing.tiny_pose import tiny_network, view_batch

STEPS, RATE = 3, 0.1


@TASK_UTILS.register_module(force=True)
class CrossTeaching(Method):
    """Labels for both networks; each is the other's target on another view."""

    def loss(self, views):
        weak, strong = views['weak'], views['strong']
        pair = (self.student, self.teacher)
        target, weight = self.task.target(self.task.label(weak))
        learnt = [self.task.forward(network, weak) for network in pair]
        with torch.no_grad():
            taught = [self.task.forward(network, weak) for network in pair]
        found = [self.task.forward(network, strong) for network in pair]
        return {
            'loss_sup': sum(self.task.loss(m, target, weight) for m in learnt),
            'loss_cons': sum(
                self.task.loss(m, t, weight)
                for m, t in zip(found, taught[::-1], strict=True)
            ),
        }


def pair_of_networks(seed, **fields):
    torch.manual_seed(seed)
    config = dict(
        type='ssltoolbox.SemiSupervisedModel',
        student=tiny_network(),
        teacher=dict(type='ssltoolbox.PeerTeacher'),
        task=dict(type='ssltoolbox.PoseTask'),
        method=dict(type='ssltoolbox.CrossTeaching'),
    )
    model = MODELS.build(config | fields)
    model.init_weights()
    model.progress = Progress()
    return model.train()


def lively_pair(seed):
    """Networks all of whose weights have large gradients from the first step."""
    model = pair_of_networks(seed)
    for parameter in model.parameters():
        if parameter.ndim > 1:
            torch.nn.init.kaiming_normal_(parameter)
        else:
            torch.nn.init.uniform_(parameter, 0.5, 1)
    return model


def batch(rank, step):
    return view_batch(count=2, labelled=2, seed=10 * rank + step)


def train(rank, folder):
    distributed.init_process_group(
        'gloo', init_method=f'file://{folder}/meeting', rank=rank, world_size=2
    )
    # another start in each process: wrapping gives both that of the first
    model = lively_pair(seed=rank)
    wrapped = MMDistributedDataParallel(
        module=model, broadcast_buffers=False, find_unused_parameters=False
    )
    optimiser = OptimWrapper(torch.optim.SGD(model.parameters(), lr=RATE))
    for step in range(STEPS):
        wrapped.train_step(batch(rank, step), optimiser)
        model.after_optimizer_step()
        torch.save(model.state_dict(), folder / f'{rank}_{step}.pth')
    distributed.destroy_process_group()


if __name__ == '__main__':
    train(int(sys.argv[1]), Path(sys.argv[2]))
