"""Images without labels: a folder, with boxes of a detector where there are any."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ssltoolbox.datasets.box_file import FoundBox, numbered_image, select_boxes
from ssltoolbox.datasets.coco_file import read_coco
from ssltoolbox.datasets.pose.metainfo import resolve_metainfo
from ssltoolbox.registry import DATASETS
from ssltoolbox.utils.digest import name_id
from ssltoolbox.utils.image_file import list_images

from mmpose.datasets.datasets.base import BaseCocoStyleDataset  # isort: skip


@DATASETS.register_module()
class UnlabelledImages(BaseCocoStyleDataset):
    """One record per box, or per image, with keypoints of visibility 0.

    Records have the fields of mmpose's, so every pose pipeline runs on them. A
    video becomes such a folder by ``tools/dataset_converters/video2frames.py``.

    Args:
        img_dir: Folder of the images, searched in depth; relative to ``data_root``.
        metainfo: Keypoint layout to predict, such as ``dict(from_file=
            'configs/_base_/datasets/ap10k.py')``.
        boxes: JSON file of :func:`~ssltoolbox.datasets.box_file.read_boxes`, such as
            COCO detections; relative to ``data_root``. None takes every image as a
            whole.
        image_names: COCO file whose ``images`` name the ``image_id`` of the
            detections. Not needed where the entries have a ``file_name``, or the
            files are named by the id (000000000785.jpg).
        min_score: Boxes with a lower score are left out, in [0, 1].
        categories: Category ids of the boxes to use, such as ``(1,)`` for the persons
            among the detections of COCO; empty takes all.
        kwargs: Fields of mmpose's ``BaseCocoStyleDataset``, such as ``data_root``,
            ``pipeline`` and ``test_mode``.

    Raises:
        FileNotFoundError: The folder, its images or a file are absent.
        ValueError: A file is wrong.
    """

    def __init__(
        self,
        img_dir: str,
        metainfo: dict[str, Any],
        boxes: str | None = None,
        image_names: str | None = None,
        min_score: float = 0.0,
        categories: Sequence[int] = (),
        test_mode: bool = False,
        **kwargs: Any,
    ) -> None:
        root = Path(kwargs.get('data_root') or '')
        self.img_dir = root / img_dir
        self.boxes = boxes and root / boxes
        self.image_names = image_names and root / image_names
        self.min_score, self.categories = min_score, tuple(categories)
        lazy = kwargs.pop('lazy_init', False)
        # In test mode mmpose would name the absent annotations to the metrics.
        super().__init__(metainfo=metainfo, test_mode=False, lazy_init=True, **kwargs)
        self.test_mode = test_mode
        if not lazy:
            self.full_init()

    @classmethod
    def _load_metainfo(cls, metainfo: dict | None = None) -> dict:
        return super()._load_metainfo(resolve_metainfo(metainfo or {}))

    def load_data_list(self) -> list[dict[str, Any]]:
        """List the boxes, or the images sorted by name."""
        names = images_in(self.img_dir)
        if self.boxes is None:
            return [self._record(name_id(name), name_id(name), name) for name in names]
        found = select_boxes(self.boxes, self.min_score, self.categories)
        return [self._box_record(box) for box in self._with_names(found)]

    def get_data_info(self, idx: int) -> dict[str, Any]:
        """Return one record; whole images get their box here, when first needed."""
        record = super().get_data_info(idx)
        if 'bbox' not in record:
            width, height = _size(record['img_path'])
            record['bbox'] = np.array([[0, 0, width - 1, height - 1]], np.float32)
        count = self._metainfo['num_keypoints']
        record['keypoints'] = np.zeros((1, count, 2), np.float32)
        record['keypoints_visible'] = np.zeros((1, count), np.float32)
        return record

    def _with_names(self, boxes: list[FoundBox]) -> list[FoundBox]:
        """Fill in the file names of boxes that have only an image id."""
        if all(box.file_name is not None for box in boxes):
            return boxes
        names, filled = self._names_by_id(), []
        for box in boxes:
            name = names.get(box.img_id) if box.file_name is None else box.file_name
            if name is None:
                raise ValueError(
                    f'{self.boxes}: no image is known for image_id {box.img_id!r}. '
                    'Give an annotation file with the images of these ids as '
                    'image_names.'
                )
            filled.append(box._replace(file_name=name))
        return filled

    def _names_by_id(self) -> dict[int | None, str]:
        if not self.image_names:
            return {numbered_image(name): name for name in list_images(self.img_dir)}
        images = read_coco(self.image_names, required=('images',))['images']
        return {image['id']: image['file_name'] for image in images}

    def _box_record(self, box: FoundBox) -> dict[str, Any]:
        img_id = name_id(box.file_name) if box.img_id is None else box.img_id
        record = self._record(box.id, img_id, box.file_name, box.score)
        record['bbox'] = np.array([box.corners], np.float32)
        return record

    def _record(self, id_: int, img_id: int, name: str, score: float = 1.0) -> dict:
        return dict(
            id=id_,
            img_id=img_id,
            img_path=str(self.img_dir / name),
            bbox_score=np.array([score], np.float32),
        )


def images_in(folder: Path) -> list[str]:
    """Name the images in a folder, searched in depth, relative to it and sorted.

    Raises:
        FileNotFoundError: There is no such folder, or no image in it.
    """
    if not folder.is_dir():
        raise FileNotFoundError(
            f'folder of unlabelled images {folder.absolute()} does not exist. Check '
            'data_root and img_dir; frames of a video are written by '
            'tools/dataset_converters/video2frames.py.'
        )
    return list_images(folder)


def _size(path: str) -> tuple[int, int]:
    try:
        with Image.open(path) as image:
            return image.size
    except OSError as error:
        raise ValueError(
            f'image {path} cannot be decoded; it is damaged or no image. Copy it again '
            f'or take it out of the folder. ({error})'
        ) from None
