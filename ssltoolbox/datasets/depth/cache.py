"""Keep prepared sequences between runs: numbers in an npz file, without pickle."""

import json
import zipfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
from mmengine.logging import print_log

from ssltoolbox.utils.atomic import atomic_path
from ssltoolbox.utils.digest import file_sha256, settings_sha256

from .prepare import PreparedSequence, SfmSettings, prepare
from .sfm_sequence import SfmSequence

VERSION = 1
DAMAGED = (
    *(ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile),
    # a single array is no archive, which numpy tells by these
    *(TypeError, AttributeError),
)


def prepared(
    sequence: SfmSequence,
    settings: SfmSettings,
    size: tuple[int, int] | None,
    folder: Path | None,
) -> PreparedSequence:
    """Prepare a sequence, or take what an earlier run prepared.

    The file of a sequence says what it was made from: settings, the content of the
    files of structure from motion, and name, size and time of the images. If any of
    it is another now, the sequence is prepared anew. Several processes may do so at
    once: each writes a whole file.

    Args:
        sequence: As it is on disk.
        settings: How it is prepared.
        size: (width, height) of its window, None for its own.
        folder: Where the files are; None keeps none. A folder that cannot be written
            is no error, the next run prepares again.
    """
    made_from = _sources(sequence, settings, size)
    path = folder and folder / f'{settings_sha256(made_from)[:24]}.npz'
    if path and (found := _read(path, made_from)):
        return found
    made = prepare(sequence, settings, size)
    if path:
        header = np.array(json.dumps(made_from))
        try:
            with atomic_path(path) as temporary:
                np.savez(temporary, header=header, **made.arrays())
        except OSError as error:
            print_log(f'{sequence.folder} is prepared again next time: {error}')
    return made


def _read(path: Path, made_from: dict) -> PreparedSequence | None:
    """Read a file of an earlier run; None if it is absent, damaged or another's."""
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            if json.loads(str(file['header'])) != made_from:
                return None
            return PreparedSequence.from_arrays({key: file[key] for key in file.files})
    except DAMAGED as error:
        print_log(f'{path} is damaged and made anew: {error}')
        return None


def _sources(
    sequence: SfmSequence, settings: SfmSettings, size: tuple[int, int] | None
) -> dict:
    """What the result depends on, as JSON has it."""
    folder = sequence.folder
    kinds = ('visible_view_indexes', 'view_indexes_per_point', 'structure')
    texts = [path for kind in kinds for path in folder.glob(f'{kind}*')]
    texts += [folder / 'motion.yaml', folder / 'camera_intrinsics_per_view']
    texts.append(folder / 'undistorted_mask.bmp')
    stats = [path.stat() for path in sequence.images]
    images = [
        [p.name, s.st_size, s.st_mtime_ns]
        for p, s in zip(sequence.images, stats, strict=True)
    ]
    return dict(
        version=VERSION,
        settings=asdict(settings),
        size=None if size is None else list(size),
        folder=folder.name,
        files={path.name: file_sha256(path) for path in sorted(texts)},
        images=settings_sha256({'images': images}),
    )
