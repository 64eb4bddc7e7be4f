"""Put the joints of a record into the order of the union of data sets."""

from mmcv.transforms import BaseTransform

from ssltoolbox.datasets.pose.base import LAYOUT, UNION, to_union
from ssltoolbox.datasets.pose.union import pose_layout, union_indices
from ssltoolbox.registry import TRANSFORMS


@TRANSFORMS.register_module()
class UnionJoints(BaseTransform):
    """Convert a record of COCO, MPII or AI Challenger to the 24 joints of the union.

    For data sets of mmpose; ours do it by themselves, see ``file_layout`` of
    :class:`~ssltoolbox.datasets.pose.base.TopdownPoseDataset`. The record's
    ``dataset_name`` tells its own order. A joint that the data set lacks is at 0 with
    visibility 0. From here on the record has the union's layout, so that mirrored
    views exchange the right joints; a record that has it already is left as it is.
    mmpose's ``KeypointConverter`` keeps the old mirror pairs, and adds a second kind
    of weight that nothing here reads.

    Required keys: ``keypoints`` (1, K, 2), ``keypoints_visible`` (1, K),
    ``dataset_name``; converts ``truth`` (K, 3) too where there is one.

    Source: PoseDual (Xie et al., ICCV 2021, arXiv 2011.12498).

    Raises:
        ValueError: The record's joints are not those of its layout, or not all of
            them are in the union.
    """

    def transform(self, results: dict) -> dict:
        """Replace the joints and the layout."""
        name = results['dataset_name']
        try:
            places = union_indices(name)
        except FileNotFoundError:
            raise ValueError(
                f'the joints of a record of {name!r} have no place in the union, since '
                'mmpose ships no layout of that name. Give the data set the metainfo '
                "of 'coco', 'mpii' or 'aic', or leave UnionJoints out."
            ) from None
        count = results['keypoints'].shape[1]
        if count != len(places):
            raise ValueError(
                f'record {results.get("id")} of {results.get("img_path")} has {count} '
                f'joints, but its layout {name!r} has {len(places)}: give the data set '
                'the metainfo that fits its file.'
            )
        for key, axis in (('keypoints', 1), ('keypoints_visible', 1), ('truth', 0)):
            if key in results:
                results[key] = to_union(results[key], places, axis)
        results.update((key, pose_layout(UNION)[key]) for key in LAYOUT)
        return results
