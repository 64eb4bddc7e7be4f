"""Find the image files of frames that an annotation file names."""

from collections.abc import Sequence
from pathlib import Path

from ssltoolbox.utils.image_file import list_images


def find_frames(names: Sequence[str], folders: Sequence[Path], hint: str) -> list[str]:
    """Find the image of each frame, by its name without suffix.

    Args:
        names: Names of the frames, at least one.
        folders: Where images may lie, searched in depth. Those that are absent are
            passed over; the first that has an image of a name counts.
        hint: The next step where there is no such folder or no such image.

    Returns:
        Paths in the order of ``names``, empty for those without an image.

    Raises:
        FileNotFoundError: None of the folders exists, or none holds an image.
        ValueError: No image has the name of a frame.
    """
    existing = [folder for folder in folders if folder.is_dir()]
    if not existing:
        raise FileNotFoundError(
            f'the folder of frames {folders[0].absolute()} does not exist. {hint}'
        )
    paths: dict[str, str] = {}
    for folder in existing:
        for file in list_images(folder):
            paths.setdefault(Path(file).stem, str(folder / file))
    found = [paths.get(name, '') for name in names]
    if not any(found):
        raise ValueError(
            f'none of the {len(names)} frames (first: {names[0]}) has an image in '
            f'{existing[0]}, whose {len(paths)} images are named otherwise (first: '
            f'{min(paths)}). {hint}'
        )
    return found
