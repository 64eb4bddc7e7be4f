"""Masks, drawn pictures and areas of a segmentation, as files."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from PIL import Image

from ssltoolbox.apis.image_source import Frame, ImageSource
from ssltoolbox.apis.seg_result import SegResult
from ssltoolbox.datasets.seg.codes import LabelCodes
from ssltoolbox.datasets.seg.mask_file import read_mask
from ssltoolbox.utils.atomic import atomic_path, write_text
from ssltoolbox.utils.json_file import read_json, write_json
from ssltoolbox.visualization.overlay import class_palette

RECORD, AREAS, MASKS = 'inference.json', 'areas.csv', 'masks'


class SegFiles:
    """Write the results of one inference to a folder, and go on where it stopped.

    - ``masks/<name>.png``: class ids with a palette, or the raw values of the data set
      if its meta information has ``codes``; frames of a video in
      ``masks/<video>/<number>.png``.
    - ``areas.csv``: a line per image or frame with the pixels and the share of each
      class, written at the end.
    - ``inference.json``: what made the masks.

    Args:
        out: The folder.
        source: All inputs; their names make those of the masks.
        meta: ``classes``, and as far as there are any, ``palette`` and ``codes``.
        settings: All that masks depend on; plain values.

    Attributes:
        resumed (int): Masks that were there already.

    Raises:
        ValueError: The folder holds masks that were made otherwise.
    """

    def __init__(
        self,
        out: str | Path,
        source: ImageSource,
        meta: Mapping[str, Any],
        settings: Mapping[str, Any],
    ) -> None:
        self.out, self.meta, self.resumed = Path(out), meta, 0
        self.classes = list(meta['classes'])
        self.codes = LabelCodes(meta['codes']) if meta.get('codes') else None
        self.settings = dict(settings, classes=self.classes, codes=meta.get('codes'))
        self._stems = _stems([name for name, _ in source.items])
        self._videos = frozenset(source.videos)
        self._rows: list[list] = []
        self._check()

    def _check(self) -> None:
        record = self.out / RECORD
        if not record.is_file():
            if (self.out / MASKS).exists() or (self.out / AREAS).exists():
                raise ValueError(
                    f'{self.out} holds masks, and no {RECORD} tells what made them: '
                    'choose another --out, or delete the folder'
                )
            return
        earlier = read_json(record, 'record of masks', f'Delete {self.out}.')
        differing = [
            key
            for key, value in _plain(self.settings).items()
            if not isinstance(earlier, dict) or earlier.get(key) != value
        ]
        if differing:
            raise ValueError(
                f'{self.out} holds masks that were made with other settings (other '
                f'{", ".join(differing)}; see {RECORD}): choose another --out, or '
                'delete the folder'
            )

    def mask_path(self, file: str, frame: int) -> Path:
        """Where the mask of an image or of a frame lies."""
        stem = self._stems[file]
        name = f'{stem}/{frame:06d}.png' if file in self._videos else f'{stem}.png'
        return self.out / MASKS / name

    def read(self, frame: Frame) -> np.ndarray | None:
        """Give the classes of a frame whose mask is there already, else None."""
        path = self.mask_path(frame.file, frame.index)
        if not path.is_file():
            return None
        classes = read_mask(path)
        if classes.shape != frame.image.shape[:2]:
            return None  # the image was replaced
        self.resumed += 1
        return classes if self.codes is None else self.codes.encode(classes)[0]

    def write(self, result: SegResult) -> None:
        """Write a mask, unless it is there already, and note its areas."""
        areas = result.areas(len(self.classes))
        shares = (f'{area / result.classes.size:.6f}' for area in areas)
        pairs = (value for pair in zip(areas, shares, strict=True) for value in pair)
        self._rows.append([result.file, result.frame, *pairs])
        if result.confidence is None:
            return
        if not (self.out / RECORD).is_file():
            self.out.mkdir(parents=True, exist_ok=True)
            write_json(self.out / RECORD, _plain(self.settings))
        path = self.mask_path(result.file, result.frame)
        with atomic_path(path) as temporary:
            self._picture(result.classes).save(temporary)

    def _picture(self, classes: np.ndarray) -> Image.Image:
        if self.codes is not None:
            return Image.fromarray(self.codes.decode(classes))
        picture = Image.fromarray(classes)
        colors = class_palette(self.meta)
        picture.putpalette([c for bgr in colors for c in reversed(bgr)])
        return picture

    def finish(self) -> None:
        """Write the areas of all images."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator='\n')
        columns = (f'{c}_{what}' for c in self.classes for what in ('pixels', 'share'))
        writer.writerows([['file', 'frame', *columns], *self._rows])
        write_text(self.out / AREAS, text.getvalue())


def _stems(names: Sequence[str]) -> dict[str, str]:
    """Names of masks: without the suffix, unless two would be the same."""
    bare = {name: str(PurePosixPath(name).with_suffix('')) for name in names}
    count = Counter(bare.values())
    return {name: stem if count[stem] == 1 else name for name, stem in bare.items()}


def _plain(value: Any) -> Any:
    """The value as JSON gives it back."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
