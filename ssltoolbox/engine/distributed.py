"""Start the process group once, before the first stage."""

import torch
from mmengine.dist import init_dist, is_distributed


def start_distributed(launcher: str, env_cfg: dict) -> None:
    """Join the process group, on GPUs by nccl, on the CPU by gloo.

    mmengine's runner does this for one training; jobs and later stages need it too.

    Args:
        launcher: ``'none'``, ``'pytorch'``, ``'slurm'`` or ``'mpi'``.
        env_cfg: The config's ``env_cfg``; its ``dist_cfg`` is used on GPUs.
    """
    if launcher == 'none' or is_distributed():
        return
    if torch.cuda.is_available():
        init_dist(launcher, **(env_cfg.get('dist_cfg') or {}))
    elif launcher == 'pytorch':
        # mmengine's own start-up asks for a GPU whatever the backend
        torch.distributed.init_process_group('gloo')
    else:
        init_dist(launcher, backend='gloo')
