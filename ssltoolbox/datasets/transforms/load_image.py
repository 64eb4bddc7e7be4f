"""Read an image, or say which one cannot be read and what to do."""

from pathlib import Path

from ssltoolbox.registry import TRANSFORMS

from mmpose.datasets.transforms import LoadImage as MMPoseLoadImage  # isort: skip


@TRANSFORMS.register_module()
class LoadImage(MMPoseLoadImage):
    """Read an image as stored, without turning it by its EXIF tag.

    Annotations of the data sets here are in the pixels of the stored image.

    Args:
        color_type: mmcv's flag; the default ignores the EXIF orientation.
        kwargs: The other fields of mmpose's ``LoadImage``.

    Raises:
        FileNotFoundError: The file is absent.
        ValueError: The file is no image that can be decoded.
    """

    def __init__(self, color_type: str = 'color_ignore_orientation', **kwargs) -> None:
        super().__init__(color_type=color_type, **kwargs)

    def transform(self, results: dict) -> dict | None:
        """Add ``img`` (H, W, 3) in BGR, ``img_shape`` and ``ori_shape``."""
        try:
            return super().transform(results)
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
