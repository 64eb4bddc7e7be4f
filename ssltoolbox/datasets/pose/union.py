"""The joints of several data sets of people, in one common order."""

from functools import cache
from typing import Any

from ssltoolbox.datasets.pose.metainfo import resolve_metainfo

from mmpose.datasets.datasets.utils import parse_pose_metainfo  # isort: skip

UNION_JOINTS = (
    *('pelvis', 'right_hip', 'right_knee', 'right_ankle'),
    *('left_hip', 'left_knee', 'left_ankle'),
    *('belly', 'thorax', 'neck', 'upper_neck', 'nose', 'head', 'head_top'),
    *('left_shoulder', 'left_elbow', 'left_wrist'),
    *('right_shoulder', 'right_elbow', 'right_wrist'),
    *('right_eye', 'left_eye', 'right_ear', 'left_ear'),
)
"""Under mmpose's names, in the order of PoseDual (Xie et al., ICCV 2021,
arXiv 2011.12498). The neck of AI Challenger is not the upper neck of MPII."""


@cache
def pose_layout(name: str) -> dict[str, Any]:
    """Keypoint layout that mmpose ships for a data set: names, sigmas, ...

    Args:
        name: Such as ``'coco'``, ``'mpii'`` or ``'aic'``.

    Raises:
        FileNotFoundError: mmpose ships no layout of that name.
    """
    shipped = resolve_metainfo(dict(from_file=f'configs/_base_/datasets/{name}.py'))
    return parse_pose_metainfo(shipped)


def union_indices(name: str) -> list[int]:
    """Place in the union of each joint of a data set, in the data set's own order.

    Args:
        name: See :func:`pose_layout`.

    Raises:
        ValueError: The data set has a joint that the union lacks.
    """
    own = pose_layout(name)['keypoint_id2name']
    joints = [own[i] for i in range(len(own))]
    strange = [joint for joint in joints if joint not in UNION_JOINTS]
    if strange:
        raise ValueError(
            f'joint {strange[0]!r} of the layout {name!r} is not one of the '
            f'{len(UNION_JOINTS)} joints of the union; data sets of people that fit '
            "are 'coco', 'mpii' and 'aic'."
        )
    return [UNION_JOINTS.index(joint) for joint in joints]
