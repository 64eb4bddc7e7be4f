"""Distil segmentation networks by one call, without a config."""

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mmengine.logging import print_log
from mmengine.registry import init_default_scope

from ssltoolbox.apis.config import read_config
from ssltoolbox.apis.distillation.call import DistillCall, make_call
from ssltoolbox.apis.distillation.checks import (
    CONFIG,
    check_data,
    check_layout,
    check_networks,
    check_options,
    check_output,
)
from ssltoolbox.apis.distillation.config import config_text
from ssltoolbox.apis.train import train
from ssltoolbox.datasets.seg.codes_file import read_codes
from ssltoolbox.utils.atomic import atomic_path, write_text


def distill(
    method: str,
    target: str,
    data: str | Path,
    out: str | Path,
    base: str | Sequence[str] = (),
    transforms: Sequence[str] = (),
    *,
    base_backbones: Sequence[str | None] | None = None,
    target_backbone: str | None = None,
    batch_size: int = 32,
    size: tuple[int, int] = (480, 640),
    labels: str | int | float = 1.0,
    epochs: int | None = None,
    imagenet: bool = True,
    amp: bool = False,
    options: Mapping[str, Any] | None = None,
    config_only: bool = False,
) -> dict[str, Path]:
    """Train base networks, let them label images, and train the target on all.

    The four functions of ``semisup-segmentation`` in one, with the names and the folder
    layout of that program. What runs is a config file, which is written to ``out``
    first. Called again after a kill, it goes on where it stopped.

    Args:
        method: ``'supervised'``, ``'data'`` (one base network under several
            transforms), ``'model'`` (several networks) or ``'model-data'``.
        target: The wanted network, ``NAME`` or ``NAME:BACKBONE``: CGNet, DeepLab,
            DenseASPP, FPENet, HRNet, LEDNet, MAnet, OCNet, PAN or U-Net.
        data: Folder with codes.txt, Images/train, Images/valid, Labels/train,
            Labels/valid and unlabeled_images.
        out: Folder for the results. It is empty, absent, or holds this very run.
        base: Base networks, each written like ``target``; none for ``'supervised'``.
        transforms: Views that the base networks see of an image beside itself, such
            as ``flip_lr``, or by their original names, such as ``'V Flip'``.
        base_backbones: A backbone for each base, where not written behind its name.
        target_backbone: Alike.
        batch_size: Images in a batch.
        size: (height, width) of the input in pixels.
        labels: Share of the training images that are labelled, a number of them, or a
            label list.
        epochs: Length of every training; None for 20, as published.
        imagenet: Start encoders from ImageNet weights, which are downloaded.
        amp: Mixed precision.
        options: Other keys of the config, ``{dotted key: value}``.
        config_only: Write the config, and train nothing.

    Returns:
        ``config``; then for every base network ``base_<network>`` and for the target
        ``target_<network>``, with the best checkpoint: ``out/<key>.pth``.

    Raises:
        FileNotFoundError: A part of the layout is absent, or nothing is unlabelled.
        FileExistsError: ``out`` holds something else.
        ValueError: A name is unknown, lists differ in length, a network cannot take
            the size, or images and masks do not belong together.
    """
    call = make_call(
        method,
        target,
        base,
        transforms,
        base_backbones,
        target_backbone,
        data=Path(data).absolute(),
        batch_size=batch_size,
        size=tuple(size) if isinstance(size, list) else size,
        labels=labels,
        epochs=epochs,
        imagenet=imagenet,
        options=dict(options or {}),
    )
    check_layout(call)
    out = Path(out).absolute()
    metainfo = read_codes(call.data / 'codes.txt')
    text = config_text(call, metainfo)
    check_output(out, text)
    _check(call, text, config_text(replace(call, options={}), metainfo))
    write_text(out / CONFIG, text)
    command = f'python tools/train.py {out / CONFIG} --work-dir {out}'
    print_log(f'config: {out / CONFIG}; go on with: {command}', 'current')
    if config_only:
        return {'config': out / CONFIG}
    outputs = train(out / CONFIG, work_dir=out, amp=amp)
    return {'config': out / CONFIG} | _checkpoints(call, outputs, out)


def _check(call: DistillCall, text: str, plain: str) -> None:
    """Try whatever can be tried without training.

    Args:
        call: The call.
        text: Of its config.
        plain: Of the config without options.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, CONFIG)
        path.write_text(plain, encoding='utf-8')
        check_options(path, call.options)
        path.write_text(text, encoding='utf-8')
        cfg = read_config(path)
        init_default_scope(cfg.default_scope)
        check_networks(cfg, call)
        check_data(cfg)


def _checkpoints(
    call: DistillCall, outputs: Mapping[str, Mapping[str, Any]], out: Path
) -> dict[str, Path]:
    """Put the best checkpoint of every network where the original puts it."""
    stages = {f'base_{n}': f'base_{b.label}' for n, b in enumerate(call.bases, 1)}
    stages['target' if call.bases else 'supervised'] = f'target_{call.target.label}'
    found = {}
    for stage, name in stages.items():
        found[name] = out / f'{name}.pth'
        _link(Path(outputs[stage]['best']), found[name])
    return found


def _link(source: Path, path: Path) -> None:
    """Make a second name of a file; a copy where the file system has none."""
    with atomic_path(path) as temporary:
        try:
            os.link(source, temporary)
        except OSError:
            shutil.copyfile(source, temporary)
