"""Read an image, or say which one cannot be read and what to do."""

from pathlib import Path

import cv2

from ssltoolbox.registry import TRANSFORMS
from ssltoolbox.utils.image_file import to_8_bit

from mmpose.datasets.transforms import LoadImage as MMPoseLoadImage  # isort: skip

AS_STORED = cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION
"""Three channels and all bits of the file, not turned."""


@TRANSFORMS.register_module()
class LoadImage(MMPoseLoadImage):
    """Read an image as stored, without turning it by its EXIF tag.

    Annotations of the data sets here are in the pixels of the stored image. Grey images
    get three equal channels, transparency is left out, and images of more than 8 bits
    are scaled by :func:`~ssltoolbox.utils.image_file.to_8_bit`: lowest value to 0,
    highest to 255, each image by itself.

    Args:
        color_type: Flag of mmcv or OpenCV; the default ignores the EXIF orientation.
        kwargs: The other fields of mmpose's ``LoadImage``.

    Raises:
        FileNotFoundError: The file is absent.
        ValueError: The file is no image that can be decoded.
    """

    def __init__(self, color_type: str | int = AS_STORED, **kwargs) -> None:
        super().__init__(color_type=color_type, **kwargs)

    def transform(self, results: dict) -> dict | None:
        """Add ``img`` (H, W, 3) in BGR, ``img_shape`` and ``ori_shape``."""
        try:
            given = 'img' in results
            loaded = super().transform(results)
            if loaded is not None and not given and not self.to_float32:
                loaded['img'] = to_8_bit(loaded['img'])
            return loaded
        except Exception as error:
            path = results.get('img_path')
            name = f'image {path}'
            if 'id' in results:
                name += f' of annotation {results["id"]}'
            if path and '://' not in str(path) and not Path(path).exists():
                raise FileNotFoundError(
                    f'{name} does not exist. Check data_root and data_prefix of the '
                    'dataset, and that all images were unpacked.'
                ) from None
            raise ValueError(
                f'{name} cannot be decoded; it is damaged or no image. Copy or '
                f'download it again, or take it out of the annotation file. ({error})'
            ) from None
