"""A folder of images without labels, each taken as a whole."""

from pathlib import Path
from typing import Any

from ssltoolbox.datasets.pose.unlabelled import images_in
from ssltoolbox.datasets.pose.whole_image import WholeImagePoseDataset
from ssltoolbox.registry import DATASETS
from ssltoolbox.utils.digest import name_id


@DATASETS.register_module()
class UnlabelledFrames(WholeImagePoseDataset):
    """One record per image, without keypoints: a pool for networks of whole images.

    Its siblings are ``ssltoolbox.UnlabelledImages``, for networks of one instance,
    and the un-annotated frames of ``ssltoolbox.EndoVisDataset``. A video becomes such a
    folder by ``tools/dataset_converters/video2frames.py``.

    Args:
        img_dir: Folder of the images, searched in depth; relative to ``data_root``.
        metainfo: Keypoint layout to predict, such as ``dict(from_file=
            'configs/_base_/datasets/endovis_layout.py')``.
        kwargs: Fields of mmpose's ``BaseCocoStyleDataset``, such as ``data_root``,
            ``pipeline`` and ``test_mode``.

    Raises:
        FileNotFoundError: The folder is absent or holds no image.
    """

    def __init__(self, img_dir: str, metainfo: dict[str, Any], **kwargs: Any) -> None:
        self.img_dir = img_dir
        super().__init__(metainfo=metainfo, **kwargs)

    def load_data_list(self) -> list[dict[str, Any]]:
        """List the images, sorted by name."""
        folder = Path(self.data_root or '', self.img_dir)
        # ids come from names, so that new images do not change the ids of others
        return [
            self._record(name_id(name), str(folder / name), name)
            for name in images_in(folder)
        ]
