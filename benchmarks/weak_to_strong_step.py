"""Compare a step of weak-to-strong consistency with the bare passes of its network.

The bare passes see the same images, the head those with dropped features too; they are
learnt from by a cross entropy with fixed classes. All else is overhead: labels,
their way between views, CutMix, weights, and what hooks are told.

    python benchmarks/weak_to_strong_step.py
    python benchmarks/weak_to_strong_step.py --device cuda --batch 32 --size 320
"""

import argparse
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from measure import interleave, machine, report
from mmengine.registry import init_default_scope
from mmengine.structures import PixelData

from ssltoolbox.apis.config import load_config
from ssltoolbox.compat import prepare_segmentation
from ssltoolbox.registry import MODELS
from ssltoolbox.semi.perturb import appended_dropout
from ssltoolbox.semi.progress import Progress

CONFIG = 'configs/semiseg/fpenet_toypolyps_weak-to-strong.py'


def generated(model, half: int, side: int, device: str) -> dict:
    """As many labelled as unlabelled random images, all views of one geometry."""
    prepare_segmentation()
    from mmseg.structures import SegDataSample

    def sample(labelled: bool):
        made = SegDataSample()
        mask = torch.zeros(1, side, side, dtype=torch.uint8)
        made.gt_sem_seg = PixelData(data=mask)
        shape = (side, side)
        meta = dict(ori_shape=shape, img_shape=shape, view=np.eye(3))
        made.set_metainfo(dict(meta, labelled=labelled))
        return made

    data: dict = {'inputs': {}, 'data_samples': {}}
    for name in model.method.views:
        images = torch.randint(256, (half, 3, side, side), dtype=torch.uint8)
        data['inputs'][name] = list(images.to(device))
        data['data_samples'][name] = [sample(name == 'sup') for _ in range(half)]
    return data


def full_step(model, data: dict, optimizer) -> Callable[[], None]:
    """A step of the method."""

    def run() -> None:
        losses = model(data['inputs'], data['data_samples'], mode='loss')
        optimizer.zero_grad()
        sum(losses.values()).backward()
        optimizer.step()

    return run


def bare_step(model, data: dict, optimizer) -> Callable[[], None]:
    """The passes alone."""
    student = model.student
    easy, hard = (
        torch.cat([data['inputs'][name] for name in names])
        for names in (('sup', 'weak'), ('strong', 'strong2'))
    )
    half = len(easy) // 2
    rows, size = slice(half, None), easy.shape[-2:]
    classes = torch.zeros(3 * half, *size, dtype=torch.long, device=easy.device)

    def loss(logits):
        logits = F.interpolate(logits, size, mode='bilinear')
        return F.cross_entropy(logits, classes[: len(logits)])

    def run() -> None:
        with appended_dropout(student.backbone, rows):
            total = loss(student(easy, None, mode='tensor'))
        total = total + loss(student(hard, None, mode='tensor'))
        optimizer.zero_grad()
        total.backward()
        optimizer.step()

    return run


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('--config', default=CONFIG)
    add('--device', default='cpu')
    add('--batch', type=int, default=8, help='half of them labelled (%(default)s)')
    add('--size', type=int, default=96, help='side in pixels (%(default)s)')
    add('--rounds', type=int, default=10)
    args = parser.parse_args()
    cfg = load_config(args.config)
    init_default_scope(cfg.default_scope)
    model = MODELS.build(cfg.model).to(args.device).train()
    model.progress = Progress()
    raw = generated(model, args.batch // 2, args.size, args.device)
    data = model.data_preprocessor(raw, training=True)
    optimizer = torch.optim.AdamW(model.student.parameters(), lr=1e-4)
    runs = {
        kind.__name__: kind(model, data, optimizer) for kind in (bare_step, full_step)
    }
    print(machine(args.device))
    report(interleave(runs, args.rounds, args.device), 'bare_step')


if __name__ == '__main__':
    main()
