"""Pack a view of an image and its mask for a segmentation network."""

import torch
from mmcv.transforms import BaseTransform
from mmengine.structures import PixelData

from ssltoolbox.compat import prepare_segmentation
from ssltoolbox.registry import TRANSFORMS

from .pack_image import image_planes, set_metainfo

KEYS = (
    *('id', 'img_id', 'img_path', 'seg_map_path', 'frame', 'ori_shape', 'img_shape'),
    *('native_shape', 'input_size', 'flip_indices', 'view', 'labelled'),
)


@TRANSFORMS.register_module()
class PackSegView(BaseTransform):
    """mmseg's packing, with what moves predictions between views.

    The data sample is mmseg's ``SegDataSample``; ``gt_sem_seg`` (1, h, w) int64 is
    absent without a ``gt_seg_map``. Adds ``view`` (3, 3) and ``labelled`` to the meta
    information, ``pseudo_maps`` (C, h, w) float32 where there is a ``pseudo_map``, and
    ``truth_sem_seg`` (1, h, w) uint8 where there is a ``truth_seg_map``.
    ``flip`` stays out: mmseg would turn predictions back by it, a second time after
    ``view``.

    mmseg is imported when the first is made, so that pose needs none.
    """

    def __init__(self) -> None:
        prepare_segmentation()
        from mmseg.datasets.transforms import PackSegInputs

        self.pack = PackSegInputs(meta_keys=())

    def transform(self, results: dict) -> dict:
        """Return ``{'inputs': (3, h, w) uint8, 'data_samples': sample}``."""
        packed = self.pack({k: v for k, v in results.items() if k != 'img'})
        set_metainfo(packed['data_samples'], results, KEYS)
        if 'pseudo_map' in results:
            maps = torch.from_numpy(results['pseudo_map'])
            packed['data_samples'].pseudo_maps = PixelData(data=maps)
        if 'truth_seg_map' in results:
            truth = torch.from_numpy(results['truth_seg_map'])[None]
            packed['data_samples'].truth_sem_seg = PixelData(data=truth)
        return {'inputs': image_planes(results['img']), **packed}
