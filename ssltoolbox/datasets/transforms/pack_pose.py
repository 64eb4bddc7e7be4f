"""Pack a view of an instance for the network."""

from ssltoolbox.registry import TRANSFORMS

from mmpose.datasets.transforms import PackPoseInputs  # isort: skip

KEYS = (
    *('id', 'img_id', 'img_path', 'category_id', 'ori_shape', 'img_shape'),
    *('input_size', 'input_center', 'input_scale', 'flip', 'flip_indices'),
    *('view', 'labelled', 'truth'),
)


@TRANSFORMS.register_module()
class PackPoseView(PackPoseInputs):
    """mmpose's packing, with what moves predictions between views.

    Adds to the data sample's meta information ``view`` (3, 3), ``labelled`` and, where
    the data set knows it, ``truth`` (K, 3); to its ground truth
    ``transformed_keypoints`` (1, K, 2) in view pixels.
    """

    def __init__(self) -> None:
        super().__init__(meta_keys=KEYS, pack_transformed=True)
