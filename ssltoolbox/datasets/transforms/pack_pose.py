"""Pack a view of an instance or of a whole image for the network."""

from ssltoolbox.registry import TRANSFORMS

from .pack_image import image_planes, set_metainfo

from mmpose.datasets.transforms import PackPoseInputs  # isort: skip

KEYS = (
    *('id', 'img_id', 'img_path', 'frame', 'category_id', 'ori_shape', 'img_shape'),
    *('input_size', 'input_center', 'input_scale', 'flip', 'flip_indices'),
    *('view', 'labelled', 'truth'),
)


@TRANSFORMS.register_module()
class PackPoseView(PackPoseInputs):
    """mmpose's packing, with what moves predictions between views.

    Adds to the data sample's meta information ``view`` (3, 3), ``labelled`` and, where
    the data set knows it, ``truth``: (K, 3), or (N, K, 3) for a whole image. To its
    ground truth ``transformed_keypoints`` (N, K, 2) in view pixels, N being 1 for a
    crop and any number, 0 too, for a whole image. To its fields, where there is a
    ``pseudo_map``, ``gt_fields.pseudo_maps`` (C, h, w) float32.
    """

    field_mapping_table = PackPoseInputs.field_mapping_table | {
        'pseudo_map': 'pseudo_maps'
    }

    def __init__(self) -> None:
        super().__init__(meta_keys=(), pack_transformed=True)

    def transform(self, results: dict) -> dict:
        """Return ``{'inputs': (3, H, W) uint8, 'data_samples': sample}``."""
        image = results['img']
        # mmpose's own way to a tensor is slow: it gets one pixel
        packed = super().transform(results | {'img': image[:1, :1]})
        packed['inputs'] = image_planes(image)
        set_metainfo(packed['data_samples'], results, KEYS)
        return packed
