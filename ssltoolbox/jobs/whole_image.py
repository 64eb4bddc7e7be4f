"""Labels of pixels need the whole image in view."""

import numpy as np

from ssltoolbox.geometry.warp import cell_matrix


def checked_id(sample, size: tuple[int, int]) -> int:
    """Id of an image that is seen as a whole, as it is, and without padding.

    Args:
        sample: Its data sample.
        size: (w, h) of the network's input in pixels.

    Raises:
        ValueError: The view shows a part of it, changes it, or was padded.
    """
    meta = sample.metainfo
    (height, width), (h, w) = meta['ori_shape'][:2], meta['img_shape'][:2]
    plain = cell_matrix((w, h), (width, height), 'areas').numpy()
    if not np.allclose(meta['view'], plain, atol=1e-6):
        raise ValueError(
            f'image {meta.get("img_path", meta["img_id"])} is not seen as a whole, so '
            'its label could not be moved into other views: the pipeline of '
            "the job's dataset must have one plain view, "
            "dict(type='ssltoolbox.ImageView', input_size=(w, h))"
        )
    if (w, h) != size:
        raise ValueError(
            f'image {meta.get("img_path", meta["img_id"])} of {w} x {h} px was padded '
            f'to {size[0]} x {size[1]} px, so its label would be misplaced: choose an '
            'input_size that data_preprocessor need not pad'
        )
    return int(meta['img_id'])
