"""Compare the data of a config before it is run: are test images trained on?"""

from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.dist import broadcast_object_list, is_main_process

from ssltoolbox.apis.config import ConfigError
from ssltoolbox.apis.leaks.leak_parts import parts_of, without_forbidden
from ssltoolbox.datasets.leaks.compare import Pictures, compare
from ssltoolbox.datasets.leaks.image_set import ImageSet, LeakError
from ssltoolbox.datasets.leaks.report import LeakReport
from ssltoolbox.datasets.leaks.settings import LeakSettings
from ssltoolbox.utils.json_file import write_json

FILE = 'leaks.json'


def refuse_leaks(cfg: Config) -> None:
    """Check a config before its run, and keep what was found in ``leaks.json``.

    Args:
        cfg: As it was read, with ``work_dir``; several processes check once.

    Raises:
        LeakError: Images of the test are trained on, and ``leak_check`` does not say
            why; in every process.
        ConfigError: ``leak_check`` is wrong.
        Exception: What is wrong with the data of any stage that trains or validates.
    """
    leak_settings(cfg)  # wrong ones stop every process
    said, problem = [''], None
    if is_main_process():
        try:
            report = check_leaks(cfg, required=('train', 'validation'))
        except Exception as error:  # the other processes wait for a word
            said, problem = [str(error) or repr(error)], error
        else:
            write_json(Path(cfg.work_dir, FILE), report.as_dict())
            report.log()
            said = [report.refusal]
    broadcast_object_list(said)
    if problem:
        raise problem
    if said[0]:
        raise LeakError(said[0])


def check_leaks(cfg: Config, required: Collection[str] = ()) -> LeakReport:
    """Compare labelled, unlabelled, validation and test images of all stages.

    Args:
        cfg: As it was read, with or without stages.
        required: As of :func:`~ssltoolbox.apis.leaks.leak_parts.parts_of`.

    Raises:
        ConfigError: ``leak_check`` is wrong.
    """
    settings = leak_settings(cfg)
    parts, notes = parts_of(cfg, required)
    compared = cache(lambda name: Pictures.of(parts[name], settings))
    pictures, absent = compared, _absent_library()
    if not settings.pictures or absent:
        pictures = None
        notes += [absent] if absent and settings.pictures else []
    findings = list(compare(parts, settings, pictures))
    if pictures:
        for name, images in parts.items():
            notes += _notes_of(name, images, compared) if len(images) else []
    return LeakReport(settings, parts, findings, notes)


def leak_settings(cfg: Config) -> LeakSettings:
    """Read ``leak_check`` of a config.

    Raises:
        ConfigError: It is wrong.
    """
    try:
        values = cfg.get('leak_check')
        return LeakSettings.read(values and cfg._cfg_dict.to_dict()['leak_check'])
    except (TypeError, ValueError) as error:
        raise ConfigError(str(error)) from None


def lift_allowed(cfg: Config) -> Config:
    """Leave out what data sets would refuse by themselves, where a reason is given."""
    if leak_settings(cfg).reason('file') is None:
        return cfg
    return Config(without_forbidden(cfg._cfg_dict.to_dict()), filename=cfg.filename)


def _notes_of(name: str, images: ImageSet, pictures: Any) -> Iterator[str]:
    found = pictures(name)
    if len(found.files) < len(images):
        yield (
            f'{len(found.files)} of {len(images)} {name} images were compared by what '
            'they show: leak_check.max_images is the bound'
        )
    if found.unreadable:
        yield (
            f'{len(found.unreadable)} {name} images cannot be decoded (first: '
            f'{found.unreadable[0]})'
        )


def _absent_library() -> str:
    try:
        import imagehash  # noqa: F401
    except ImportError:
        return (
            'what pictures show is not compared, only files and ids: pip install '
            'ImageHash'
        )
    return ''
