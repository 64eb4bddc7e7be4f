"""Poses of all instances of an image from one pass over the whole image."""

import numpy as np

from ssltoolbox.registry import MODELS

from mmpose.models.pose_estimators import BottomupPoseEstimator  # isort: skip


@MODELS.register_module()
class WholeImagePoseEstimator(BottomupPoseEstimator):
    """Bottom-up estimator whose predictions go back to the image by the view's matrix.

    mmpose goes back by centre and scale, which cannot undo a rotated or mirrored view.
    """

    def add_pred_to_datasample(
        self, batch_pred_instances: list, batch_pred_fields, batch_data_samples: list
    ) -> list:
        """Add predictions in image pixels to the data samples.

        Args:
            batch_pred_instances: Per image ``keypoints`` (M, K, 2) in input pixels and
                ``keypoint_scores`` (M, K), numpy.
            batch_pred_fields: Per image ``heatmaps`` (C, h, w), or None.
            batch_data_samples: B samples with meta information ``view`` (3, 3).

        Returns:
            The samples, with ``pred_instances`` and, if given, ``pred_fields``.

        Raises:
            ValueError: A sample has no ``view``.
        """
        for i, sample in enumerate(batch_data_samples):
            if 'view' not in sample.metainfo:
                raise ValueError(
                    "WholeImagePoseEstimator needs the meta information 'view' (3, 3), "
                    f'which {sample.metainfo.get("img_path", "a sample")} lacks: use '
                    'ssltoolbox.ImageView and ssltoolbox.PackPoseView in the pipeline'
                )
            instances = batch_pred_instances[i]
            back = np.linalg.inv(np.asarray(sample.metainfo['view'], np.float64))
            points = instances.keypoints @ back[:2, :2].T + back[:2, 2]
            # where a joint is missing there is no place to move
            found = instances.keypoint_scores[..., None] > 0
            instances.keypoints = np.where(found, points, 0).astype(np.float32)
            instances.keypoints_visible = instances.keypoint_scores
            sample.pred_instances = instances
            if batch_pred_fields is not None:
                sample.pred_fields = batch_pred_fields[i]
        return batch_data_samples
