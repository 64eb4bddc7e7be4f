"""Write a published data set as images, lossless masks and a list of both."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from ssltoolbox.utils.atomic import atomic_folder
from ssltoolbox.utils.image_file import write_image
from ssltoolbox.utils.json_file import write_json
from ssltoolbox.utils.progress_bar import progress_bar

from .codes import IGNORED, LabelCodes
from .image_list import Listed, make_image_list
from .mask_file import encode_mask, read_mask
from .pairs import Pair

FAR = 32
"""Grey levels from a class beyond which a snapped value is told apart: noise of JPEG at
the usual qualities stays below."""


@dataclass
class Conversion:
    """What became of a data set.

    Args:
        folder: Where it is.
        images: What the list says of each image.
        moved: (256,) pixels of each value that had no class and got the nearest.
        snapped: Number of masks with such pixels.
        pixels: Number of pixels of all masks.
        far: Those further than ``FAR`` grey levels from the class they got.
        worst: Largest share of such pixels in a mask, and its file.
    """

    folder: Path
    images: list[Listed] = field(default_factory=list)
    moved: np.ndarray = field(default_factory=lambda: np.zeros(256, np.int64))
    snapped: int = 0
    pixels: int = 0
    far: int = 0
    worst: tuple[float, str] = (0.0, '')

    def add(self, path: Path, moved: np.ndarray, size: int, codes: LabelCodes) -> None:
        """Count what was moved in a mask."""
        self.moved += moved
        self.pixels += size
        self.snapped += bool(moved.any())
        self.far += int(moved[codes.distance > FAR].sum())
        self.worst = max(self.worst, (int(moved.sum()) / size, str(path)))

    def summary(self) -> str:
        """Say in a few lines what was written and what was guessed."""
        groups = {image.group for image in self.images} - {''}
        text = f'{self.folder}: {len(self.images)} images'
        text += f' of {len(groups)} groups' if groups else ', groups unknown'
        if self.snapped:
            share, file = self.worst
            text += (
                f'\nATTENTION: {self.snapped} masks had values that no class has: '
                f'{self.moved.sum()} pixels ({self.moved.sum() / self.pixels:.2%}) of '
                f'{np.count_nonzero(self.moved)} values were given to the nearest '
                f'class, {self.far} of them more than {FAR} grey levels away. The most '
                f'are {share:.2%} of {file}'
            )
        return text


def convert(
    pairs: Sequence[Pair],
    out: Path,
    classes: Sequence[str],
    codes: Sequence[Sequence[int]],
    description: str,
    snap: int = 0,
) -> Conversion:
    """Write ``images/``, ``masks/`` and ``annotations/all.json``, with a progress bar.

    Images are copied as they are. Masks become PNG with the first value of each class.
    The folder is put in place when all is written; a run that was interrupted leaves
    nothing.

    Args:
        pairs: The images with their masks.
        out: Folder to write; must not exist, or be empty.
        classes: Names of the classes.
        codes: Values of each class in the files.
        description: Name of the data set.
        snap: Largest distance of a value to that of a class, in grey levels.

    Raises:
        FileExistsError: There is something in ``out``.
        ValueError: A mask cannot be read, has another size than its image or the other
            masks, or values of no class.
    """
    done, table = Conversion(out), LabelCodes(codes)
    with (
        atomic_folder(out) as folder,
        progress_bar('converting', len(pairs)) as advance,
    ):
        for pair in pairs:
            mask = _merged(pair, table, snap, done)
            name = f'{pair.name}{pair.image.suffix.lower()}'
            image = folder / 'images' / name
            image.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(pair.image, image)
            write_image(folder / 'masks' / f'{pair.name}.png', table.decode(mask))
            shown = frozenset(np.unique(mask).tolist()) - {IGNORED}
            done.images.append(Listed(name, shown, pair.group, pair.kind))
            advance()
        content = make_image_list(done.images, classes, description)
        write_json(folder / 'annotations' / 'all.json', content)
    return done


def _merged(pair: Pair, codes: LabelCodes, snap: int, done: Conversion) -> np.ndarray:
    """Class ids (H, W) of all masks together."""
    with Image.open(pair.image) as image:
        merged = np.zeros(image.size[::-1], np.uint8)
    for path in pair.masks:
        mask, moved = encode_mask(read_mask(path, snap), codes, path, snap)
        if mask.shape != merged.shape:
            raise ValueError(
                f'mask {path} is {mask.shape[1]} x {mask.shape[0]} pixels, its image '
                f'{pair.image} {merged.shape[1]} x {merged.shape[0]}: take the pair '
                'out, or find the mask that belongs to it'
            )
        done.add(path, moved, mask.size, codes)
        merged = np.maximum(merged, mask)
    return merged
