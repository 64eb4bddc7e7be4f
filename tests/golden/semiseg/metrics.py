"""Validation metrics and loss of the original, over two batches."""

import torch
from torch import nn

from ssltoolbox.evaluation.mask_metric import MaskMetric
from ssltoolbox.tasks.seg import SegTask

from ..registry import drives
from ..vectors import Entry


class _Network(nn.Module):
    """What the task wants to know of a segmentor."""

    align_corners = False

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.decode_head = nn.Module()
        self.decode_head.out_channels = num_classes


@drives('semiseg', 'metrics_*')
def metrics(entry: Entry) -> None:
    """Pooled Dice and Jaccard; accuracy of the foreground and cross entropy by batch.

    With two classes the original's Dice is that of class 1, with more it is a mean
    over all of them, the background too.
    """
    batches = [
        (torch.from_numpy(entry[f'pred{i}']), torch.from_numpy(entry[f'y{i}']))
        for i in range(2)
    ]
    num_classes = batches[0][0].shape[1]
    suffix = '' if num_classes == 2 else '_with_background'
    pooled = _evaluate(batches, num_classes)
    entry.check('dice', pooled[f'Dice{suffix}'])
    entry.check('jaccard', pooled[f'IoU{suffix}'])
    alone = [_evaluate([batch], num_classes) for batch in batches]
    entry.check('foreground_acc', [each['foreground_accuracy'] for each in alone])
    task = SegTask(_Network(num_classes))
    losses = [task.loss(p, y, torch.ones(y.shape)).item() for p, y in batches]
    entry.check('loss', losses)


def _evaluate(batches: list, num_classes: int) -> dict[str, float]:
    metric = MaskMetric(surface=False)
    metric.dataset_meta = dict(classes=[f'class{i}' for i in range(num_classes)])
    for logits, truth in batches:
        for each, mask in zip(logits.argmax(1), truth, strict=True):
            found, real = dict(data=each[None]), dict(data=mask[None])
            metric.process({}, [dict(pred_sem_seg=found, gt_sem_seg=real)])
    values = metric.evaluate(sum(len(y) for _, y in batches))
    return {key.removeprefix('seg/'): value for key, value in values.items()}
