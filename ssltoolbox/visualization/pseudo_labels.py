"""One picture that shows what the teacher said and what the student learned from."""

from pathlib import Path

import numpy as np

from ssltoolbox.utils.image_file import write_image

from .sheet import grid


def pseudo_label_panel(
    columns: dict[str, list[np.ndarray]],
    path: str | Path,
    titles: list[str] | None = None,
    legend: dict[str, np.ndarray] | None = None,
    cell: tuple[int, int] = (320, 320),
) -> np.ndarray:
    """Write a contact sheet: one row per sample, one column per view.

    Args:
        columns (dict[str, list[np.ndarray]]): Heading (``'weak'``, ``'strong'``,
            ``'teacher'``, ``'kept'``) to its pictures, all of equal number; draw on
            them with :func:`ssltoolbox.visualization.draw.draw_pose`.
        path (str | Path): Picture to write, whole or not at all.
        titles (list[str], optional): One line per sample, below its row.
        legend (dict[str, np.ndarray], optional): Meaning to a small picture of it.
        cell (tuple[int, int]): (width, height) of one picture in px.

    Returns:
        np.ndarray: (H, W, 3) uint8, BGR, as written.

    Raises:
        ValueError: If columns is empty or differ in length.
    """
    counts = {name: len(images) for name, images in columns.items()}
    if len(set(counts.values())) != 1:
        raise ValueError(
            'pseudo_label_panel: every column needs the same number of pictures, '
            f'got {counts}'
        )
    images = [image for row in zip(*columns.values(), strict=True) for image in row]
    sheet = grid(
        images,
        cols=len(columns),
        cell=cell,
        headings=list(columns),
        row_titles=titles or (),
        legend=legend,
    )
    write_image(path, sheet)
    return sheet
