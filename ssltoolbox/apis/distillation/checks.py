"""Find before a training of hours what would stop it."""

from collections.abc import Iterator
from pathlib import Path

import torch
from mmengine import ConfigDict
from mmengine.config import Config
from PIL import Image, UnidentifiedImageError

from ssltoolbox.apis.config import ConfigError, read_config, resolve
from ssltoolbox.apis.distillation.call import DistillCall
from ssltoolbox.datasets.seg.semiseg import POOL
from ssltoolbox.registry import DATASETS, MODELS, TRANSFORMS
from ssltoolbox.utils.image_file import list_images

PARTS = ('Images/train', 'Labels/train', 'Images/valid', 'Labels/valid')
CONFIG = 'config.py'


def check_layout(call: DistillCall) -> None:
    """Refuse a folder that lacks a part of the layout, or images to label.

    Raises:
        FileNotFoundError: Says which, and what the layout is.
    """
    needed = ['codes.txt', *PARTS, *([POOL] if call.bases else [])]
    absent = [name for name in needed if not (call.data / name).exists()]
    if absent:
        raise FileNotFoundError(
            f'{call.data} has no {" and no ".join(absent)}: the layout is codes.txt, '
            f'Images/train, Labels/train, Images/valid, Labels/valid and {POOL}. '
            'Generated polyps in this layout are drawn by: '
            'python -m ssltoolbox.testing.toy_polyps --out FOLDER'
        )
    if call.bases:
        try:
            list_images(call.data / POOL)
        except FileNotFoundError as error:
            raise FileNotFoundError(
                f'there is nothing to label: {error} Without unlabelled images there '
                'is method supervised'
            ) from None


def check_output(out: Path, text: str) -> None:
    """Refuse a folder that holds anything but an earlier run of the same call.

    Args:
        out: Where the results go.
        text: Text of the config that they will have.

    Raises:
        FileExistsError: The folder is in use for something else.
    """
    if out.is_file():
        raise FileExistsError(f'{out} is a file: --out is a folder')
    if not out.is_dir() or not any(out.iterdir()):
        return
    file = out / CONFIG
    if not file.is_file():
        raise FileExistsError(
            f'{out} is not empty and holds no run of distill: choose another folder'
        )
    old = file.read_text(encoding='utf-8')
    if old == text:
        return
    changed = next(_differing(old.splitlines(), text.splitlines()))
    raise FileExistsError(
        f'{out} holds a run of another call ({changed}). Nothing is overwritten: '
        'choose another folder, or go on with that run by '
        f'python tools/train.py {file} --work-dir {out}'
    )


def check_networks(cfg: Config, call: DistillCall) -> None:
    """Let an empty image of the size go through every network.

    Nothing is computed: only shapes are followed.

    Raises:
        ValueError: A network cannot take the size, and says which sizes it can; or no
            batch of one image.
    """
    resolved = resolve(cfg, keep=[each.key for each in call.networks])
    height, width = call.size
    for each in call.networks:
        with torch.device('meta'):
            network = MODELS.build(ConfigDict(resolved[each.key])).eval()
            image = torch.zeros(1, 3, height, width)
            try:
                network(image, None, mode='tensor')
            except (ValueError, RuntimeError) as error:
                raise ValueError(
                    f'{each.title} cannot take --size {height} {width}: {error}'
                ) from error
            if call.batch_size > 1:
                continue
            try:
                network.train()(image, None, mode='tensor')
            except (ValueError, RuntimeError) as error:
                raise ValueError(
                    f'{each.title} cannot take --batch-size 1: {error}'
                ) from error


def check_data(cfg: Config) -> None:
    """Build all data sets, and read the masks: all must belong together.

    Raises:
        FileNotFoundError: A folder or all images are absent.
        ValueError: Images and masks do not fit, ``labels`` does not, or a mask cannot
            be read, has another size than its image, or a value of no class.
    """
    sets = ['labelled', 'val_set', *(['unlabelled'] if 'annotation' in cfg else [])]
    resolved = resolve(cfg, keep=[*sets, 'load_mask'])
    load_mask = TRANSFORMS.build(resolved['load_mask'])
    for key in sets:
        dataset = DATASETS.build(resolved[key])
        if key == 'unlabelled':
            continue
        for number in range(len(dataset)):
            record = dataset.get_data_info(number)
            load_mask(record | dict(ori_shape=_stored_shape(record['img_path'])))


def _stored_shape(path: str) -> tuple[int, int]:
    """(height, width) by the head of an image file, which takes no decoding."""
    try:
        with Image.open(path) as file:
            return file.height, file.width
    except (UnidentifiedImageError, OSError, ValueError):
        raise ValueError(
            f'image {path} cannot be decoded; it is damaged or no image. Copy it '
            'again, or take it and its mask away'
        ) from None


def check_options(path: Path, options: dict) -> None:
    """Refuse keys that the config does not have.

    Raises:
        ConfigError: Nothing would read one of them.
    """
    if any(part.isdigit() for key in options for part in key.split('.')):
        raise ConfigError(
            'an entry of a list cannot be changed by an option: write the config alone '
            '(--config-only), and change it there'
        )
    read_config(path, options)


def _differing(old: list[str], new: list[str]) -> Iterator[str]:
    for line in old:
        if line not in new:
            yield f'there: {line.strip()}'
    for line in new:
        if line not in old:
            yield f'not there: {line.strip()}'
    yield 'lines in another order'
