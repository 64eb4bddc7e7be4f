"""Write scenes as numbered images and COCO annotations."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from ssltoolbox.utils.image_file import write_image

from .progress import Bar
from .scene import Instance, Scene


def file_name(image_id: int) -> str:
    """Return the file name of COCO and AP-10K.

    >>> file_name(4)
    '000000000004.jpg'
    """
    return f'{image_id:012d}.jpg'


class Recorder:
    """Writes scenes; ids of images and annotations run on over all splits.

    Args:
        num_images (int): Of all splits.
        progress (bool): Show a bar with the remaining time, in a terminal.
    """

    def __init__(self, num_images: int, progress: bool) -> None:
        self.image_id = self.annotation_id = 0
        self.bar = Bar(num_images, progress)

    def write(
        self,
        folder: Path,
        scenes: Iterable[Scene],
        describe: Callable[[Instance], dict],
    ) -> tuple[list[dict], list[dict]]:
        """Write the images into ``folder``.

        Args:
            folder (Path): An existing folder.
            scenes (Iterable[Scene]): May draw them one by one.
            describe (Callable): Gives ``category_id`` and ``area`` of an instance.

        Returns:
            tuple: Entries of ``images`` and of ``annotations``.
        """
        images, annotations = [], []
        for scene in scenes:
            self.image_id += 1
            picture = np.ascontiguousarray(scene.image[..., ::-1])
            write_image(folder / file_name(self.image_id), picture, quality=93)
            images.append(image_record(self.image_id, scene))
            for instance in scene.instances:
                self.annotation_id += 1
                annotations.append(
                    instance_record(
                        self.annotation_id,
                        self.image_id,
                        instance,
                        **describe(instance),
                    )
                )
            self.bar.update()
        return images, annotations


def image_record(image_id: int, scene: Scene) -> dict:
    """Return the entry of ``images``."""
    height, width = scene.image.shape[:2]
    return dict(
        license=1,
        id=image_id,
        file_name=file_name(image_id),
        width=width,
        height=height,
        background=scene.palette + 1,
    )


def instance_record(
    annotation_id: int, image_id: int, instance: Instance, category_id: int, area: float
) -> dict:
    """Return the entry of ``annotations``."""
    values = [
        v
        for kx, ky, seen in instance.keypoints.tolist()
        for v in (round(kx, 2), round(ky, 2), int(seen))
    ]
    return dict(
        id=annotation_id,
        image_id=image_id,
        category_id=category_id,
        bbox=list(instance.box),
        area=area,
        iscrowd=0,
        num_keypoints=int((instance.keypoints[:, 2] > 0).sum()),
        keypoints=values,
    )


def annotation_file(
    description: str,
    categories: list[dict],
    images: list[dict],
    annotations: list[dict],
) -> dict:
    """Return the content of one annotation file."""
    return dict(
        info=dict(description=description, version='1.0'),
        licenses=[dict(id=1, name='same as ssltoolbox', url='')],
        images=images,
        annotations=annotations,
        categories=categories,
    )
