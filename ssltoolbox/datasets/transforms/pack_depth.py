"""Pack a frame for a depth network."""

import torch
from mmcv.transforms import BaseTransform
from mmengine.structures import BaseDataElement, PixelData

from ssltoolbox.registry import TRANSFORMS

from .pack_image import image_planes, set_metainfo

KEYS = (
    *('id', 'img_id', 'img_path', 'name', 'sequence', 'ori_shape', 'img_shape'),
    *('view', 'intrinsics', 'rotation', 'translation', 'colour_space', 'labelled'),
)
MAPS = ('valid', 'sparse', 'truth')


@TRANSFORMS.register_module()
class PackDepthView(BaseTransform):
    """Pack a window of a frame with what is known of its depth.

    The data sample has, where the record does, ``valid``, ``sparse`` and ``truth`` as
    pixel data, see :class:`~.load_sfm_frame.LoadSfmFrame`, and as meta information its
    camera, the motion to the other frame, and where it comes from.
    """

    def transform(self, results: dict) -> dict:
        """Return ``{'inputs': (3, h, w) uint8, 'data_samples': sample}``."""
        sample = BaseDataElement()
        set_metainfo(sample, results, KEYS)
        for key in MAPS:
            if key in results:
                maps = torch.from_numpy(results[key]).float()
                sample.set_field(PixelData(data=maps), key)
        return {'inputs': image_planes(results['img']), 'data_samples': sample}
