"""Masks, drawn pictures and areas of a segmentation, as files."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ssltoolbox.apis.inference.image_source import Frame, ImageSource
from ssltoolbox.apis.inference.result_files import ResultFiles
from ssltoolbox.apis.inference.seg_result import SegResult
from ssltoolbox.datasets.seg.codes import LabelCodes
from ssltoolbox.datasets.seg.mask_file import read_mask
from ssltoolbox.utils.atomic import atomic_path, write_text
from ssltoolbox.visualization.overlay import class_palette

AREAS, MASKS = 'areas.csv', 'masks'


class SegFiles(ResultFiles):
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

    kind = 'masks'
    owned = (MASKS, AREAS)

    def __init__(
        self,
        out: str | Path,
        source: ImageSource,
        meta: Mapping[str, Any],
        settings: Mapping[str, Any],
    ) -> None:
        self.meta, self.resumed = meta, 0
        self.classes = list(meta['classes'])
        self.codes = LabelCodes(meta['codes']) if meta.get('codes') else None
        named = dict(classes=self.classes, codes=meta.get('codes'))
        super().__init__(out, source, {**settings, **named})
        self._rows: list[list] = []

    def mask_path(self, file: str, frame: int) -> Path:
        """Where the mask of an image or of a frame lies."""
        return self.path_of(MASKS, file, frame, '.png')

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
        self.record()
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
