"""Measure the same masks in one process of several; the first writes what came out.

python measure_masks.py RESULT.json    with RANK, WORLD_SIZE and so on set
"""

import sys

import numpy as np
import torch
from mmengine.dist import get_rank, get_world_size

from ssltoolbox.evaluation.mask_metric import MaskMetric
from ssltoolbox.utils.json_file import write_json

COUNT = 5


def measure() -> dict:
    masks = torch.from_numpy(np.random.default_rng(0).integers(0, 3, (COUNT, 2, 6, 7)))
    metric = MaskMetric(surface=False)
    metric.dataset_meta = dict(classes=('background', 'inner', 'outer'))
    for found, truth in masks[get_rank() :: get_world_size()]:
        sample = dict(pred_sem_seg=dict(data=found[None]))
        metric.process({}, [sample | dict(gt_sem_seg=dict(data=truth[None]))])
    return metric.evaluate(COUNT)


if __name__ == '__main__':
    torch.distributed.init_process_group('gloo')
    values = measure()
    if get_rank() == 0:
        write_json(sys.argv[1], values)
