"""Write a published data set as images, lossless masks and a list of both."""

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image
from rich.progress import track

from ssltoolbox.utils.atomic import atomic_folder
from ssltoolbox.utils.image_file import write_image
from ssltoolbox.utils.json_file import write_json

from .codes import IGNORED, LabelCodes
from .image_list import Listed, make_image_list
from .mask_file import encode_mask, read_mask
from .paired_files import check_pairs, files_by_name

LOSSY = ('.jpg', '.jpeg', '.webp')
FAR = 32
"""Grey levels from a class beyond which a snapped value is told apart: noise of JPEG at
the usual qualities stays below."""


@dataclass(frozen=True)
class Pair:
    """An image and its masks.

    Args:
        name: New name, without suffix; may have a sub folder.
        image: The file.
        masks: Files of which the highest class of each pixel counts; none of them
            makes everything background.
        group: Patient or video, if known.
        kind: See :class:`~ssltoolbox.datasets.seg.image_list.Listed`.
    """

    name: str
    image: Path
    masks: tuple[Path, ...] = ()
    group: str = ''
    kind: str = ''


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
    with atomic_folder(out) as folder:
        for pair in track(pairs, 'converting'):
            mask = _merged(pair, table, snap, done)
            image = folder / 'images' / f'{pair.name}{pair.image.suffix.lower()}'
            image.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(pair.image, image)
            write_image(folder / 'masks' / f'{pair.name}.png', table.decode(mask))
            shown = frozenset(np.unique(mask).tolist()) - {IGNORED}
            name = image.relative_to(folder / 'images').as_posix()
            done.images.append(Listed(name, shown, pair.group, pair.kind))
        content = make_image_list(done.images, classes, description)
        write_json(folder / 'annotations' / 'all.json', content)
    return done


def find_pairs(images: Path, masks: Path, group_by: str = '') -> list[Pair]:
    """Pair the files of two folders by their names without suffix.

    Args:
        images: Searched in depth.
        masks: Alike; in any image format.
        group_by: A pattern searched in the name without suffix, whose first bracket is
            the patient or video; empty if unknown.

    Raises:
        FileNotFoundError: A folder is absent or has no image.
        ValueError: Files have no partner, or the pattern does not fit.
    """
    for folder in (images, masks):
        if not folder.is_dir():
            raise FileNotFoundError(f'folder {folder.absolute()} does not exist')
    found, known = files_by_name(images), files_by_name(masks)
    check_pairs(found, known, f'{images} and {masks}', True, ('image as',))
    return [
        Pair(name, images / file, (masks / known[name],), group_of(name, group_by))
        for name, file in sorted(found.items())
    ]


def group_of(name: str, pattern: str) -> str:
    """Patient or video of an image by its name; empty without a pattern.

    Raises:
        ValueError: The pattern is none, has no bracket, or does not match.
    """
    if not pattern:
        return ''
    try:
        found = re.search(pattern, name)
    except re.error as error:
        raise ValueError(f'cannot group by {pattern!r}: {error}') from None
    if not found or not found.groups():
        raise ValueError(
            f'{pattern!r} finds no group in {name!r}: it needs a bracket around the '
            'part of the name that the images of a patient or video share'
        )
    return found[1]


def snap_of(pairs: Sequence[Pair]) -> int:
    """Largest snap that the formats call for: 127 if a mask is lossy, else 0."""
    lossy = (m.suffix.lower() in LOSSY for pair in pairs for m in pair.masks)
    return 127 if any(lossy) else 0


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
