"""One network, ready to predict, out of a config and a checkpoint of any stage."""

from pathlib import Path
from typing import Any

import torch
from mmengine import Config, ConfigDict
from mmengine.model import revert_sync_batchnorm
from mmengine.registry import DefaultScope
from torch import nn

from ssltoolbox.apis.other_joints import warn_of_other_joints
from ssltoolbox.checkpoints.network_names import (
    ENSEMBLE,
    PEERS,
    PREFIXES,
    Which,
    members,
)
from ssltoolbox.checkpoints.network_weights import (
    choose_network,
    load_strictly,
    networks_in,
    part_of,
    read_state,
)
from ssltoolbox.datasets.pose.metainfo import resolve_metainfo
from ssltoolbox.models.pose_ensemble import PoseEnsemble
from ssltoolbox.registry import DATASETS, MODELS
from ssltoolbox.semi.teacher import FrozenTeacher

from mmpose.datasets.datasets.utils import parse_pose_metainfo  # isort: skip


def load_model(
    config: str | Path | Config,
    checkpoint: str | Path,
    which: Which = 'auto',
    device: str | torch.device = 'cpu',
) -> tuple[nn.Module, Config]:
    """Build the network that predicts and load its weights.

    The config may be semi-supervised or any plain one of mmpose or mmseg. The layout
    of the joints, or the classes, are at ``model.dataset_meta``, as in both.

    Args:
        config (str | Path | Config): Config file, or a resolved config.
        checkpoint (str | Path): File or URL with ``student.*`` and ``teacher.model.*``
            weights, or with those of one plain network.
        which (str): ``'student'`` or ``'teacher'``; ``'net1'``, ``'net2'`` or
            ``'ensemble'`` of two networks that learn from each other. ``'auto'``
            takes the teacher or the ensemble if there is one; of a teacher that does
            not change, the student, which was trained.
        device (str | torch.device): Where the network goes.

    Returns:
        tuple[nn.Module, Config]: The network in eval mode, and its config.

    Raises:
        FileNotFoundError: If config or checkpoint does not exist.
        CheckpointError: If the file lacks the network or does not fit the config.
        ValueError: If the model of the config has no network of this name.
    """
    if not isinstance(config, Config):
        from ssltoolbox.apis.stage_of import load_config_of

        config = load_config_of(config, checkpoint)
    _check_name(config, which)
    state, meta = read_state(checkpoint)
    if which == 'auto' and has_peers(config) and len(networks_in(state)) == 2:
        which = ENSEMBLE
    if which == 'auto' and has_frozen_teacher(config):
        which = 'student'
    networks = []
    with DefaultScope.overwrite_default_scope(config.get('default_scope', 'mmpose')):
        for name in members(which):
            chosen = choose_network(state, name, checkpoint)
            # mmseg reads fields of its test_cfg as attributes
            network = MODELS.build(ConfigDict(network_config(config, chosen)))
            networks.append(revert_sync_batchnorm(network))
            load_strictly(networks[-1], part_of(state, chosen), checkpoint)
        model = PoseEnsemble(networks) if which == ENSEMBLE else networks[0]
        model.dataset_meta = dataset_meta(config) or meta.get('dataset_meta')
    warn_of_other_joints(meta, model.dataset_meta, checkpoint)
    test_cfg = getattr(model, 'test_cfg', None) or {}
    if model.dataset_meta is None and test_cfg.get('flip_test'):
        raise ValueError(
            f'{config.filename or "config"}: the flip test needs the mirror pairs of '
            'the joints; name a data set or its metainfo in val_dataloader.dataset'
        )
    model.cfg = config
    return model.to(device).eval(), config


def has_peers(config: Config) -> bool:
    """Tell whether the config's model has two networks that learn from each other."""
    teacher = (config.get('model') or {}).get('teacher')
    return bool(teacher) and getattr(MODELS.get(teacher['type']), 'trainable', False)


def has_frozen_teacher(config: Config) -> bool:
    """Tell whether the config's model has a teacher that never changes."""
    teacher = (config.get('model') or {}).get('teacher')
    return bool(teacher) and MODELS.get(teacher['type']) is FrozenTeacher


def network_config(config: Config, which: str = 'student') -> dict[str, Any]:
    """Give the config of one network of a plain or a semi-supervised model.

    Args:
        config (Config): A resolved config with ``model``.
        which (str): ``'student'``, ``'teacher'`` or ``'plain'``.

    Returns:
        dict: A config that the model registry can build.

    Raises:
        ValueError: If the config has no model.
    """
    if 'model' not in config:
        raise ValueError(
            f'{config.filename or "config"}: no field "model"; a config with stages '
            'needs the name of one of them (--stage NAME)'
        )
    model = config.model.to_dict()
    if 'student' not in model:
        return model
    network = model['student']
    if which == 'teacher':
        network = (model.get('teacher') or {}).get('network', network)
    if model.get('data_preprocessor'):
        network = {**network, 'data_preprocessor': model['data_preprocessor']}
    return network


def dataset_meta(config: Config) -> dict[str, Any] | None:
    """Find what the config's data sets say of the joints or classes.

    Args:
        config (Config): A resolved config.

    Returns:
        dict | None: Names, mirror pairs and links of the joints, as mmpose parses
        them, or classes and palette of a segmentation; None if no data set tells it.
    """
    for subset in ('test', 'val', 'train'):
        dataset = (config.get(f'{subset}_dataloader') or {}).get('dataset') or {}
        metainfo = dataset.get('metainfo')
        if not metainfo and 'type' in dataset:
            kind = dataset['type']
            if isinstance(kind, str):
                # A look-up alone would not search the scope of the config.
                with DATASETS.switch_scope_and_registry(None) as registry:
                    kind = registry.get(kind)
            metainfo = getattr(kind, 'METAINFO', None)
        if metainfo and 'classes' in metainfo:
            return dict(metainfo)
        if metainfo:
            return parse_pose_metainfo(resolve_metainfo(dict(metainfo)))
    return None


def _check_name(config: Config, which: str) -> None:
    """Refuse names of another kind: net2 lies where other models have a teacher."""
    if which == 'auto' or not (config.get('model') or {}).get('teacher'):
        return
    peers = has_peers(config)
    if which in (PREFIXES if peers else (*PEERS, ENSEMBLE)):
        raise ValueError(
            f'{which}: the networks of {config.filename or "the config"} are called '
            f'{" and ".join(PEERS if peers else ("student", "teacher"))}'
        )
