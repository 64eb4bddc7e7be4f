"""Compare a semi-supervised step with the bare network passes that it consists of.

``passes.py`` lists the passes of each method. All else is overhead: preprocessing,
labels, filters, hard views, perturbations, losses, the teacher's average.

Examples:
    python benchmarks/step_time.py
    python benchmarks/step_time.py --device cuda --batch 32 --check-sync
    python benchmarks/step_time.py --batch 8 \\
        --config configs/posedual/resnet18_coco1k_posedual-cutout.py
    python benchmarks/step_time.py --batch 2 \\
        --config configs/ssl2dpose/daunet_endovis_vat.py
    python benchmarks/step_time.py --batch 1 --rounds 3 \\
        --config configs/endodepth/fcdensenet57_endoscopy_sfm.py
"""

import argparse
import logging

import numpy as np
import torch
from measure import interleave, machine, report
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from mmengine.structures import InstanceData
from passes import bare_step
from torch import nn

from ssltoolbox.apis.cli import add_cfg_options
from ssltoolbox.apis.config import load_config, read_config
from ssltoolbox.engine.memory import keep_freed_memory
from ssltoolbox.geometry.view import crop_matrix
from ssltoolbox.registry import MODELS
from ssltoolbox.semi.progress import Progress
from ssltoolbox.testing.tiny_depth import pair_batch

from mmpose.structures import PoseDataSample  # isort: skip

CONFIG = 'configs/scarcenet/hrnet_ap10k_5shot.py'


def generated_batch(model: nn.Module, batch: int, device: str) -> dict:
    """All views of random images, as the data loader gives them, on the device.

    One instance per image, two where the task takes any number. The first image of the
    batch is labelled.
    """
    codec, instances = model.task.codec, 1 + (model.task.name == 'bottomup_pose')
    size = codec.input_size
    joints = getattr(codec, 'num_joints', model.student.head.out_channels)
    rng = np.random.default_rng(0)
    points = rng.uniform(80, 240, (batch, instances, joints, 2))
    data: dict = {'inputs': {}, 'data_samples': {}}
    for turn, name in enumerate(model.method.views):
        images = rng.integers(0, 256, (batch, 3, *size[::-1]), dtype=np.uint8)
        view = crop_matrix((160, 160), (320, 320), 20.0 * turn, size)
        samples = []
        for i in range(batch):
            meta = dict(view=view, labelled=i == 0, flip_indices=list(range(joints)))
            moved = points[i] @ view[:2, :2].T + view[:2, 2]
            known = InstanceData(
                transformed_keypoints=moved.astype(np.float32),
                keypoints_visible=np.ones((instances, joints), np.float32),
            )
            samples.append(PoseDataSample(metainfo=meta, gt_instances=known))
        data['inputs'][name] = list(torch.from_numpy(images).to(device))
        data['data_samples'][name] = samples
    return data


def build(args: argparse.Namespace):
    """Return the model, its optimiser, and the function of one step."""
    known = read_config(args.config)
    options = {key: None for key in ('backbone_init', 'peer_init') if key in known}
    cfg = load_config(args.config, args.stage, options | args.cfg_options)
    init_default_scope(cfg.default_scope)
    model = MODELS.build(cfg.model).to(args.device)
    logging.disable(logging.INFO)
    model.init_weights()
    logging.disable(logging.NOTSET)
    model.train()
    model.progress = Progress(iter=100, epoch=20, max_iters=1000, max_epochs=150)
    optim = build_optim_wrapper(model, cfg.optim_wrapper)
    optim.optimizer.register_step_post_hook(lambda *_: model.after_optimizer_step())
    if model.task.name == 'depth':
        size = cfg.train_dataloader.dataset.sources.frames['size']
        data = pair_batch(args.batch, size, points=190)
    else:
        data = generated_batch(model, args.batch, args.device)
    return model, data, lambda: model.train_step(data, optim)


def main(argv: list[str] | None = None) -> None:
    """Time steps and bare passes in turns."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--config', default=CONFIG)
    parser.add_argument('--stage', help='its last training stage by default')
    parser.add_argument('--batch', type=int, default=4, help='images per view')
    parser.add_argument('--device', default='cpu', help='cpu or cuda')
    parser.add_argument('--rounds', type=int, default=7)
    parser.add_argument('--threads', type=int, help='CPU threads, all by default')
    parser.add_argument(
        '--check-sync',
        action='store_true',
        help='CUDA only: fail where a step makes the host wait, outside of logging',
    )
    add_cfg_options(parser)
    args = parser.parse_args(argv)
    torch.manual_seed(0)
    keep_freed_memory()
    if args.threads:
        torch.set_num_threads(args.threads)
    model, data, step = build(args)
    print(f'{args.config}, batch {args.batch}; {machine(args.device)}')
    if args.check_sync:
        step()
        torch.cuda.set_sync_debug_mode('error')
        step()
        torch.cuda.set_sync_debug_mode('default')
        print('no step waits for the device')
    runs = {'bare passes': bare_step(model, data), 'semi-supervised step': step}
    report(interleave(runs, args.rounds, args.device), 'bare passes')


if __name__ == '__main__':
    main()
